package plan

import (
	"bytes"
	"encoding/json"
)

// Resolved is the content of plan.resolved.json: every default filled in,
// every target chosen. No integer in it is beyond 2^53.
func (p *Plan) Resolved() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(p); err != nil {
		panic("BUG(plan): encoding a parsed plan: " + err.Error())
	}
	return b.Bytes()
}
