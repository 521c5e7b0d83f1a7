package codesign

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// withHeader puts a header before a payload.
func withHeader(magic uint32, payload string) []byte {
	b := binary.BigEndian.AppendUint32(nil, magic)
	b = binary.BigEndian.AppendUint32(b, uint32(headerSize+len(payload)))
	return append(b, payload...)
}

// der is one element with a short length.
func der(tag byte, parts ...string) string {
	body := strings.Join(parts, "")
	if len(body) > 127 {
		panic("too long for a short length")
	}
	return string([]byte{tag, byte(len(body))}) + body
}

func pair(name, value string) string { return der(0x30, der(0x0c, name), value) }

func derOf(pairs ...string) string { return der(0x70, der(0x02, "\x01"), der(0xb0, pairs...)) }

const plistHead = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">`

const wholeXML = plistHead + `<dict>
<key>com.apple.security.app-sandbox</key><true/>
<key>n</key><integer>-7</integer>
<key>groups</key><array><string>a</string><string>b &amp; c</string></array>
<key>d</key><dict><key>x</key><false/></dict>
</dict></plist>
`

func wholeDER() string {
	return derOf(
		pair("com.apple.security.app-sandbox", der(0x01, "\xff")), pair("d", der(0xb0, pair("x", der(0x01, "\x00")))),
		pair("groups", der(0x30, der(0x0c, "a"), der(0x0c, "b & c"))), pair("n", der(0x02, "\xf9")))
}

var whole = []Entitlement{
	{"com.apple.security.app-sandbox", "true"}, {"d", `{"x":false}`}, {"groups", `["a","b \u0026 c"]`}, {"n", "-7"},
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name string
		blob []byte
		want []Entitlement
		says string // of the error
	}{
		{"XML", withHeader(magicXML, wholeXML), whole, ""},
		{"DER", withHeader(magicDER, wholeDER()), whole, ""},
		{"an empty dictionary in XML", withHeader(magicXML, plistHead+"<dict/></plist>"), []Entitlement{}, ""},
		{"an empty dictionary in DER", withHeader(magicDER, derOf()), []Entitlement{}, ""},
		{"data", withHeader(magicDER, derOf(pair("k", der(0x04, "ab")))), []Entitlement{{"k", `"YWI="`}}, ""},
		{"no number that JSON knows", withHeader(magicXML, plistHead+"<dict><key>k</key><real>nan</real></dict></plist>"), []Entitlement{{"k", `"NaN"`}}, ""},
		{"no header", []byte("1234567"), nil, "fewer than a header"},
		{"a wrong length", append(withHeader(magicXML, wholeXML), 0), nil, "the header says"},
		{"a strange magic number", withHeader(0xfade0c02, wholeXML), nil, "unknown magic number 0xfade0c02"},
		{"a binary property list", withHeader(magicXML, "bplist00"), nil, "not an XML property list"},
		{"an old property list", withHeader(magicXML, "{a = b;}"), nil, "not an XML property list"},
		{"a list instead of a dictionary", withHeader(magicXML, plistHead+"<array/></plist>"), nil, "reading entitlements"},
		{"cut XML", withHeader(magicXML, wholeXML[:len(wholeXML)-20]), nil, "reading entitlements"},
		{"cut DER", withHeader(magicDER, wholeDER()[:20]), nil, "not in the DER form"},
		{"something behind it", withHeader(magicDER, wholeDER()+"x"), nil, "not in the DER form"},
		{"another version", withHeader(magicDER, der(0x70, der(0x02, "\x02"), der(0xb0))), nil, "not in the DER form"},
		{"a name without a value", withHeader(magicDER, derOf(der(0x30, der(0x0c, "k")))), nil, "not in the DER form"},
		{"an unknown value", withHeader(magicDER, derOf(pair("k", der(0x05)))), nil, "not in the DER form"},
		{"a name twice", withHeader(magicDER, derOf(pair("k", der(0x01, "\xff")), pair("k", der(0x01, "\x00")))), nil, "not in the DER form"},
		{"too deep", withHeader(magicDER, derOf(pair("k", deep(maxDepth)))), nil, "not in the DER form"},
	} {
		got, err := Parse(c.blob)
		switch {
		case c.says != "":
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", c.name, err)
			}
		case err != nil || got == nil || !slices.Equal(got, c.want):
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

// deep is an array in an array, n times.
func deep(n int) string {
	s := der(0x30)
	for range n {
		s = der(0x30, s)
	}
	return s
}

func TestRead(t *testing.T) {
	give := func(b []byte, err error) func() ([]byte, error) { return func() ([]byte, error) { return b, err } }
	flags := func(f uint32, err error) func() (uint32, error) { return func() (uint32, error) { return f, err } }
	other := withHeader(magicXML, plistHead+"<dict><key>k</key><true/></dict></plist>")
	for _, c := range []struct {
		name         string
		ask          Asker
		entitlements string
		detail       string
	}{
		{"both forms", Asker{flags(0x10001, nil), give(withHeader(magicXML, wholeXML), nil), give(withHeader(magicDER, wholeDER()), nil)}, "app-sandbox=true", ""},
		{"XML alone", Asker{flags(1, nil), give(other, nil), give(nil, nil)}, "k=true", ""},
		{"DER alone", Asker{flags(1, nil), give(nil, nil), give(withHeader(magicDER, derOf()), nil)}, "none", ""},
		{"neither", Asker{flags(1, nil), give(nil, nil), give(nil, nil)}, "none", ""},
		{"they differ", Asker{flags(1, nil), give(other, nil), give(withHeader(magicDER, derOf()), nil)}, "none", "DER has (), XML has (k=true)"},
		{"one can't be read", Asker{flags(1, nil), give(other, nil), give(nil, errors.New("EBADEXEC"))}, "k=true", "EBADEXEC"},
		{"not valid", Asker{flags(2, nil), nil, nil}, "none", "not valid"},
		{"not valid but debugged", Asker{flags(uint32(debugged), nil), give(other, nil), give(nil, nil)}, "k=true", ""},
		{"no such process", Asker{flags(0, errors.New("ESRCH")), nil, nil}, "none", "ESRCH"},
	} {
		s := Read(c.ask)
		if !strings.Contains(s.String(), c.entitlements) || !strings.Contains(s.Detail, c.detail) || (s.Detail == "") != (c.detail == "") {
			t.Errorf("%s: %s, %q", c.name, s, s.Detail)
		}
	}
}

func TestFlags(t *testing.T) {
	for flags, want := range map[Flags]string{0: "none", 0x20002: "adhoc, linker_signed", 0x10001: "valid, hardened_runtime"} {
		if got := flags.String(); got != want {
			t.Errorf("%#x: %s", uint32(flags), got)
		}
	}
}

// FuzzParse: every blob is read or refused, and a list is sorted and can be printed.
func FuzzParse(f *testing.F) {
	for _, b := range [][]byte{withHeader(magicXML, wholeXML), withHeader(magicDER, wholeDER()), withHeader(magicDER, derOf()), withHeader(magicXML, "<plist><dict/></plist>")} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		list, err := Parse(b)
		if err != nil && list != nil {
			t.Error("a list with an error")
		}
		if !slices.IsSortedFunc(list, func(a, b Entitlement) int { return strings.Compare(a.Name, b.Name) }) {
			t.Errorf("not sorted: %q", list)
		}
		_ = fmt.Sprint(Signature{Entitlements: list})
	})
}
