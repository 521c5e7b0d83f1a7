package world

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"syscall"
)

// parameters is how macOS's kernel parameters are read and written; the tests play
// XNU's.
type parameters struct {
	text   func(name string) (string, error)
	number func(name string) (uint32, error)
	set    func(name string, value uint32) error
}

// compatName is the parameter by which a process asks for the product version that
// old programs expect. libSystem sets it to 1 by the SDK that a program names, and
// then kern.osproductversion is SystemVersionCompat.plist's: 10.16, or 16.x on
// macOS 26. Any process may set its own (XNU bsd/kern/kern_sysctl.c
// sysctl_system_version_compat, sysctl_osproductversion; libsyscall
// wrappers/_libkernel_init.c). fact:world.version-compat
const compatName = "kern.system_version_compat"

// releases are the major versions of macOS by the number that a build begins with,
// which is Darwin's. A later number is not guessed: the rule changed with 25.
var releases = map[string]string{"20": "11", "21": "12", "22": "13", "23": "14", "24": "15", "25": "26"}

// macRelease finds the release of this Mac and adds the parameters that it read to the
// facts. The release is the product version where the build agrees with it, or where the
// build is not known and the compatibility version is off. Otherwise it is the major
// version alone, by the build, or "unknown": never the version of another release.
func (w *World) macRelease(k parameters) {
	real := w.noCompat(k)
	product, err := k.text("kern.osproductversion")
	w.add("kern.osproductversion", product, "sysctlbyname kern.osproductversion", err)
	w.Build, err = k.text("kern.osversion")
	w.add("kern.osversion", w.Build, "sysctlbyname kern.osversion", err)
	major, _, _ := strings.Cut(product, ".")
	byBuild := ReleaseOfBuild(w.Build)
	switch {
	case product == "":
		w.Release = byBuild
		return
	case major == byBuild, byBuild == "" && real:
		w.Release = product
		return
	}
	w.Release = cmp.Or(byBuild, "unknown")
	found := fmt.Sprintf("kern.osproductversion is %s, build %s is of macOS %s", product, w.Build, w.Release)
	w.add("release.disagreement", found, "kern.osproductversion, kern.osversion", nil)
}

// noCompat turns the compatibility version off and reports whether the product
// version is the real one from now on. Before macOS 11 there is no such parameter.
func (w *World) noCompat(k parameters) bool {
	const source = "sysctlbyname " + compatName
	before, err := k.number(compatName)
	if errors.Is(err, syscall.ENOENT) {
		w.add(compatName, "none", source, nil)
		return true
	}
	if err == nil && before != 0 {
		err = k.set(compatName, 0)
	}
	after, readErr := k.number(compatName)
	if err = cmp.Or(err, readErr); err == nil && after != 0 {
		err = fmt.Errorf("setting %s to 0 for this process: it is %d", compatName, after)
	}
	w.add(compatName, fmt.Sprintf("%d, was %d", after, before), source, err)
	return err == nil
}

// ReleaseOfBuild returns the major version of macOS that a build such as 25C56 is of,
// "" for a build whose number is not known.
func ReleaseOfBuild(build string) string {
	rest := strings.TrimLeft(build, "0123456789")
	return releases[strings.TrimSuffix(build, rest)]
}
