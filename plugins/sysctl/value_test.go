package sysctl

import "testing"

func TestShown(t *testing.T) {
	for bytes, want := range map[string]string{
		"Darwin\x00":                       "Darwin",
		"Darwin Kernel\tVersion\n\x00":     "Darwin Kernel\tVersion\n",
		"\x00":                             "",
		"":                                 "",
		"\x08\x00\x00\x00":                 "8",
		"\xff\xff\xff\xff":                 "-1",
		"\x00\x40\x00\x00\x00\x00\x00\x00": "16384",
		"abc\x00":                          "abc",
		"a\x01\x00":                        "610100",
		"\xff\xfe\x00":                     "fffe00",
		"\x01\x02\x03":                     "010203",
	} {
		if got := shown([]byte(bytes)); got != want {
			t.Errorf("%q: %q, want %q", bytes, got, want)
		}
	}
}
