package bundle

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestCheckJSON(t *testing.T) {
	var wide strings.Builder
	for i := range 100 {
		fmt.Fprintf(&wide, `"k%d":%d,`, i, i)
	}
	good := []string{`{}`, `[]`, `1`, `-0.5`, `"x"`, `null`, ` {"a" : [1,2,{"a":1}], "b":"\"]}"} `, `9007199254740991`, `-9007199254740991`, `1e15`,
		`{"a":{"a":{"a":1}}}`, `["a","a"]`, "{" + wide.String() + `"z":1}`, strings.Repeat("[", 64) + strings.Repeat("]", 64), `"\u0000\\"`, `123456789012345`}
	for _, text := range good {
		if err := CheckJSON([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if err := checkParsed([]byte(text)); err != nil {
			t.Errorf("%s, parsed: %v", text, err)
		}
	}
	bad := []string{``, `{`, `{"a":1,}`, `[1 2]`, `01`, `1 2`, `"`, `"\`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"a":1,"b":{},"a":2}`, `9007199254740992`,
		`-9007199254740992`, `1e16`, `1e99999`, `9007199254740992.0`, "\"\xff\"", "{" + wide.String() + `"k99":1}`, "{" + wide.String() + `"k2":1}`,
		strings.Repeat("[", 65) + strings.Repeat("]", 65), `]`, `}`, "\x00", `{"a"}`, `nul`}
	for _, text := range bad {
		if CheckJSON([]byte(text)) == nil {
			t.Errorf("%.80q passes", text)
		}
		if json.Valid([]byte(text)) && checkParsed([]byte(text)) == nil {
			t.Errorf("%.80q, parsed, passes", text)
		}
	}
}
