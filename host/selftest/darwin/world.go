//go:build darwin || linux

package darwin

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/host/world"
	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/internal/darwin/signature"
)

var worldExperiments = []*selftest.Experiment{
	{Fact: "world.sysctls", Run: worldSysctls},
	{Fact: "world.version-compat", Run: versionCompat},
	{Fact: "world.shared-cache", Run: sharedCache},
	{Fact: "world.sip", Run: sipInside, Roles: sealedRole},
	{Fact: "world.code-signing", Run: codeSigning},
	{Fact: "world.entitlements", Run: entitlements},
}

// parameters are what the world's id is made of, and how each looks.
var parameters = []struct{ name, like string }{
	{"kern.osproductversion", `^[0-9]+(\.[0-9]+)+$`},
	{"kern.osversion", `^[0-9]+[A-Z][0-9]+[a-z]?$`},
	{"hw.machine", `^(arm64e?|x86_64)$`},
	{"kern.uuid", `^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$`},
}

func worldSysctls(*selftest.Trial) selftest.Verdict {
	var seen []string
	var found []selftest.Finding
	for _, p := range parameters {
		buf := make([]byte, 256)
		n, err := darwin.Sysctl(p.name, buf)
		value := strings.TrimRight(string(buf[:n]), "\x00")
		if err != nil {
			value = word(err)
		}
		seen = append(seen, p.name+"="+value)
		found = append(found, selftest.Finding{What: fmt.Sprintf("%s is %q, like %s", p.name, value, p.like), Got: regexp.MustCompile(p.like).MatchString(value), Want: true})
	}
	return selftest.Check(strings.Join(seen, ", "), found...)
}

// versionCompat reads the product version with the compatibility version on and off,
// for this process only.
func versionCompat(t *selftest.Trial) selftest.Verdict {
	const compat = "kern.system_version_compat"
	text := func(name string) string {
		buf := make([]byte, 256)
		n, err := darwin.Sysctl(name, buf)
		t.Must(err, "reading "+name)
		return strings.TrimRight(string(buf[:n]), "\x00")
	}
	set := func(value byte) (string, string) {
		err := darwin.SetSysctl(compat, []byte{value, 0, 0, 0})
		return word(err), text("kern.osproductversion")
	}
	on, told := set(1)
	off, real := set(0)
	build := text("kern.osversion")
	major, _, _ := strings.Cut(real, ".")
	found := []selftest.Finding{finding("setting 1", on, "ok"), finding("setting 0", off, "ok")}
	if want := world.ReleaseOfBuild(build); want != "" {
		found = append(found, finding("the major version with 0", major, want))
	}
	return selftest.Check(fmt.Sprintf("%s with 1, %s with 0, build %s", told, real, build), found...)
}

func sharedCache(*selftest.Trial) selftest.Verdict {
	uuid, err := darwin.SharedCacheUUID()
	again, err2 := darwin.SharedCacheUUID()
	return selftest.Check(fmt.Sprintf("%x", uuid),
		finding("asking", word(err), "ok"), finding("asking again", word(err2), "ok"),
		selftest.Finding{What: "the same again", Got: again == uuid, Want: true},
		selftest.Finding{What: "it is not zero", Got: uuid != [16]byte{}, Want: true},
	)
}

func sipInside(t *selftest.Trial) selftest.Verdict {
	outside := call("sip")
	inside := under(t, "(deny default)(allow sysctl-read)").ask("sip")
	return selftest.Check("protections that are off: "+outside+", also inside a sandbox",
		selftest.Finding{What: "a number (" + outside + ")", Got: strings.HasPrefix(outside, "0x"), Want: true},
		finding("inside", inside, outside),
	)
}

func codeSigning(*selftest.Trial) selftest.Verdict {
	own, err := darwin.CodeSigningFlags(os.Getpid())
	launchd, err1 := darwin.CodeSigningFlags(1)
	const platform = 0x04000000 // CS_PLATFORM_BINARY
	return selftest.Check(fmt.Sprintf("own %#x, launchd's %#x, which says platform binary", own, launchd),
		finding("own", word(err), "ok"), finding("launchd's", word(err1), "ok"),
		selftest.Finding{What: "launchd is a platform binary", Got: launchd&platform != 0, Want: true},
	)
}

// entitlements reads its own, which are none unless somebody signed hrhost with
// some. A buffer that is too short is not met then.
func entitlements(*selftest.Trial) selftest.Verdict {
	s := signature.Of(os.Getpid())
	return selftest.Check(fmt.Sprintf("flags %s, entitlements %s", s.Flags, s),
		finding("what could not be read", s.Detail, ""))
}
