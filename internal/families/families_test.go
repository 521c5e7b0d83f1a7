package families

import (
	"slices"
	"testing"
)

func TestOf(t *testing.T) {
	for operation, want := range map[string]string{
		"sysctl-read": "sysctl", "process-info-listpids": "procinfo", "signal": "signal", "mach-register": "mach",
		"darwin-notification-post": "notify", "distributed-notification-post": "notify",
		"process-info-setcontrol": "procinfo", // no Spec has it
		"file-read-data":          "", "sysctl": "", "": "",
	} {
		if got, ok := Of(operation); got != want || ok != (want != "") {
			t.Errorf("%q: family %q, %v; want %q", operation, got, ok, want)
		}
	}
}

// TestOfPrefersASpec: two families may share the beginning of their operations.
func TestOfPrefersASpec(t *testing.T) {
	kept := all
	defer func() { all = kept }()
	all = []Family{
		{Name: "files", Operations: []string{"file-read-data"}},
		{Name: "xattr", Operations: []string{"file-read-xattr"}},
	}
	if got, _ := Of("file-read-xattr"); got != "xattr" {
		t.Errorf("the family of file-read-xattr is %q", got)
	}
	if got, want := Beginnings(), []string{"file-read-"}; !slices.Equal(got, want) {
		t.Errorf("the beginnings are %q, want %q", got, want)
	}
}
