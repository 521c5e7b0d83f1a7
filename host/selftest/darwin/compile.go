//go:build darwin || linux

package darwin

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hrhost/hrhost/host/selftest"
	"github.com/hrhost/hrhost/internal/darwin"
)

var compileExperiments = []*selftest.Experiment{
	{Fact: "compile.profile-layout", Run: profileLayout},
	{Fact: "compile.exports", Run: compileExports},
	{Fact: "compile.import-dirs", Run: importDirs},
}

// profileLayout compiles two profiles that differ in a name, and one of them
// twice.
func profileLayout(*selftest.Trial) selftest.Verdict {
	compile := func(name string) []byte {
		b, _ := darwin.Compile(`(version 1)(deny default)(allow mach-lookup (global-name "`+name+`"))`, nil)
		return b
	}
	one, again, two := compile("org.hrhost.one"), compile("org.hrhost.one"), compile("org.hrhost.another-one")
	const least, most = 16, 1 << 20
	return selftest.Check(fmt.Sprintf("%d bytes of compiled profile that hold its name, the same each time", len(one)),
		selftest.Finding{What: "a size between 16 bytes and 1 MiB", Got: len(one) >= least && len(one) <= most, Want: true},
		selftest.Finding{What: "the same each time", Got: bytes.Equal(one, again), Want: true},
		selftest.Finding{What: "another for another", Got: !bytes.Equal(one, two) && len(two) > 0, Want: true},
		selftest.Finding{What: "the name is in it", Got: bytes.Contains(one, []byte("hrhost.one")), Want: true},
	)
}

func compileExports(*selftest.Trial) selftest.Verdict {
	b, err := darwin.Compile("(version 1)(allow default)", map[string]string{"KEY": "value"})
	var missing *darwin.MissingSymbol
	if errors.As(err, &missing) {
		return selftest.Refuted("%v", err)
	}
	return selftest.Check(fmt.Sprintf("a profile with a parameter was compiled to %d bytes", len(b)),
		finding("compiling", word(err), "ok"))
}

// importDirs compiles imports of a profile beside this process, by name and by
// path, and of one of the system's.
func importDirs(t *selftest.Trial) selftest.Verdict {
	const name = "hrhost-selftest.sb"
	path := filepath.Join(t.Dir, name)
	t.Must(os.WriteFile(path, []byte("(version 1)\n"), 0o600), "writing a profile")
	t.Must(os.Chdir(t.Dir), "going to the profile's directory")
	compiles := func(what string) bool {
		_, err := darwin.Compile("(version 1)(import "+quote(what)+")(allow default)", nil)
		return err == nil
	}
	return selftest.Check("system.sb was found by name, ours by its path and not by its name",
		selftest.Finding{What: "system.sb by its name", Got: compiles("system.sb"), Want: true},
		selftest.Finding{What: "ours by its path", Got: compiles(path), Want: true},
		selftest.Finding{What: "ours by its name", Got: compiles(name), Want: false},
	)
}
