package world

import "testing"

func TestMacID(t *testing.T) {
	cache := &[16]byte{0x2c, 0x06, 0x02, 0xc5, 0xff}
	for _, c := range []struct {
		release, build, machine string
		cache                   *[16]byte
		want                    string
	}{
		{"14.4.1", "23E224", "arm64", cache, "sonoma-14.4.1-23E224-arm64-dyldcache-2c0602c5"},
		{"26.2", "25C56", "arm64", nil, "tahoe-26.2-25C56-arm64-dyldcache-unknown"},
		{"15.1", "24B83", "x86_64", cache, "sequoia-15.1-24B83-x86_64-dyldcache-2c0602c5"},
		{"99.0", "99A1", "arm64", cache, "macos-99.0-99A1-arm64-dyldcache-2c0602c5"},
	} {
		if got := macID(c.release, c.build, c.machine, c.cache); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestMatchPinOfTheMac(t *testing.T) {
	w := &World{ID: "sonoma-14.4.1-23E224-arm64-dyldcache-a1b2c3d4"}
	for pin, want := range map[string]bool{
		"sonoma-14.4.1-23E224-arm64-dyldcache-a1b2c3d4": true,
		"sonoma-14.4.1-23E224-arm64-dyld-2c0602c5":      true, // the predecessor's: its last part can't be checked
		"sonoma-14.4.1-23E224-arm64-dyldcache-00000000": false,
		"sonoma-14.5-23F79-arm64-dyld-2c0602c5":         false,
		"linux-6.1.0-debian12-amd64":                    false,
	} {
		if ok, how := w.MatchPin(pin, ""); ok != want || how == "" {
			t.Errorf("%s: %v, %s", pin, ok, how)
		}
	}
}

func TestTexts(t *testing.T) {
	for bits, want := range map[uint32]string{
		0: "enabled", 0x77: "off: untrusted_kexts, unrestricted_fs, task_for_pid, apple_internal, unrestricted_dtrace, unrestricted_nvram",
		0x802: "off: unrestricted_fs, unauthenticated_root", 1 << 20: "off: others",
	} {
		if got := sipText(bits); got != want {
			t.Errorf("%#x: %s", bits, got)
		}
	}
}
