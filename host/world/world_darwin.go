package world

import (
	"errors"
	"runtime"

	"golang.org/x/sys/unix"
)

// Read collects the facts that sysctl gives; the shared cache's UUID and SIP
// come with step 5.
func Read() (*World, error) {
	w := &World{OS: "macos", Machine: runtime.GOARCH}
	for _, name := range []string{"kern.osproductversion", "kern.osversion", "hw.machine", "kern.uuid"} {
		v, err := unix.Sysctl(name)
		f := Fact{Name: name, Value: v, Source: "sysctl " + name}
		if err != nil {
			f.Error = err.Error()
		}
		w.Facts = append(w.Facts, f)
	}
	w.Release, w.Build = w.Get("kern.osproductversion"), w.Get("kern.osversion")
	w.ID = "macos-" + slug(w.Release) + "-" + slug(w.Build) + "-" + w.Machine
	if w.Release == "" {
		return w, errors.New("reading kern.osproductversion: no value")
	}
	return w, nil
}

// CheckSelf cannot ask sandbox_check before step 5, and unknown is not a pass.
func CheckSelf() SelfCheck {
	return SelfCheck{Source: "none", Findings: []string{"sandbox_check is bound in step 5"}}
}
