// Package families lists the probe families of this repository, one for each directory
// plugins/NAME. It has their names and operations as data and imports none of them, so
// that the host, the release and the tests can use the list without linking the plugins.
package families

import "strings"

// Family is one directory of plugins.
type Family struct {
	Name        string
	Operations  []string // in the order of its Spec
	DefaultPlan bool     // config.toml has the profiles NAME.strict, NAME.canary and NAME.deny
}

// All returns every family, sorted by name.
func All() []Family { return all }

// Names returns the name of every family.
func Names() []string {
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.Name
	}
	return names
}

// Programs returns the main package of every family's plugin, as a path below the
// module's root.
func Programs() []string {
	paths := make([]string, len(all))
	for i, f := range all {
		paths[i] = "plugins/" + f.Name + "/hrhost-probe-" + f.Name
	}
	return paths
}

// Of returns the family that has an operation. An operation that no Spec has belongs to
// the family whose operations begin alike, see [Beginnings]: the plan or the plugin
// refuses it with a better reason than "no family".
func Of(operation string) (name string, ok bool) {
	for _, f := range all {
		for _, o := range f.Operations {
			if o == operation {
				return f.Name, true
			}
		}
	}
	for _, f := range all {
		for _, o := range f.Operations {
			if strings.HasPrefix(operation, beginning(o)) {
				return f.Name, true
			}
		}
	}
	return "", false
}

// Beginnings returns the words with which the operations of all families begin: each
// operation without its last word, "process-info-" for process-info-pidinfo.
func Beginnings() []string {
	var list []string
	seen := map[string]bool{}
	for _, f := range all {
		for _, o := range f.Operations {
			if b := beginning(o); !seen[b] {
				seen[b] = true
				list = append(list, b)
			}
		}
	}
	return list
}

func beginning(operation string) string {
	if at := strings.LastIndexByte(operation, '-'); at >= 0 {
		return operation[:at+1]
	}
	return operation
}
