package codesign

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Signature is what the kernel says of one process.
type Signature struct {
	Flags        Flags
	Entitlements []Entitlement // by name
	Detail       string        // what could not be read, "" when all was
}

// Entitlement is one of them.
type Entitlement struct {
	Name  string
	Value string // as JSON: true, "group.example", ["a","b"]; data in base64
}

// Asker makes the calls about one process: csops.
type Asker struct {
	Flags    func() (uint32, error)
	XML, DER func() ([]byte, error) // a blob with its header, nil when there is none
}

// Read asks for everything about one process. The kernel goes by the DER form, and
// the signer wrote the XML form, which counts only where there is no other. Where the
// two differ, the detail has both.
func Read(ask Asker) Signature {
	var s Signature
	flags, err := ask.Flags()
	if err != nil {
		s.Detail = err.Error()
		return s
	}
	s.Flags = Flags(flags)
	if s.Flags&(valid|debugged) == 0 {
		s.Detail = "the signature is not valid: the kernel tells no entitlements"
		return s
	}
	der, err1 := parsed(ask.DER)
	xml, err2 := parsed(ask.XML)
	s.Entitlements = der
	if der == nil {
		s.Entitlements = xml
	}
	switch {
	case err1 != nil || err2 != nil:
		s.Detail = strings.TrimPrefix(told(err1)+told(err2), "; ")
	case der != nil && xml != nil && !slices.Equal(der, xml):
		s.Detail = fmt.Sprintf("the two forms differ: DER has %s, XML has %s", names(der), names(xml))
	}
	return s
}

func parsed(ask func() ([]byte, error)) ([]Entitlement, error) {
	blob, err := ask()
	if err != nil || blob == nil {
		return nil, err
	}
	return Parse(blob)
}

func told(err error) string {
	if err == nil {
		return ""
	}
	return "; " + err.Error()
}

func names(list []Entitlement) string {
	var out []string
	for _, e := range list {
		out = append(out, e.Name+"="+e.Value)
	}
	return "(" + strings.Join(out, " ") + ")"
}

// String is the entitlements in one line, "none" for none.
func (s Signature) String() string {
	if len(s.Entitlements) == 0 {
		return "none"
	}
	return strings.Trim(names(s.Entitlements), "()")
}

// sorted turns a dictionary into entitlements by name.
func sorted(all map[string]any) []Entitlement {
	out := make([]Entitlement, 0, len(all))
	for name, v := range all {
		text, err := json.Marshal(v)
		if err != nil { // a number that JSON has no word for
			text = fmt.Appendf(nil, "%q", fmt.Sprint(v))
		}
		out = append(out, Entitlement{name, string(text)})
	}
	slices.SortFunc(out, func(a, b Entitlement) int { return strings.Compare(a.Name, b.Name) })
	return out
}
