package verify

import (
	"fmt"
	"io"
	"strings"

	"github.com/hrhost/hrhost/host/bundle"
	"github.com/hrhost/hrhost/internal/text"
)

// Found renders for a terminal what the check found, without a word on promotion.
// Text that comes from the bundle is escaped.
func (r Report) Found(w io.Writer) error {
	var b strings.Builder
	word := "valid"
	if !r.Valid {
		word = "not valid"
	}
	fmt.Fprintf(&b, "%s %s: %s, %d files", noun(r.Kind), text.Visible(r.Dir), word, r.Files)
	if r.BundleDigest != "" {
		fmt.Fprintf(&b, ", %s", r.BundleDigest)
	}
	b.WriteString("\n")
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  %-10s  %s: %s\n", f.Check, text.Visible(f.Path), text.Visible(f.Message))
	}
	if r.Omitted > 0 {
		fmt.Fprintf(&b, "  and %d more findings\n", r.Omitted)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Text renders the whole report for a terminal.
func (r Report) Text(w io.Writer) error {
	if err := r.Found(w); err != nil {
		return err
	}
	var b strings.Builder
	if r.Kind == bundle.KindRun {
		b.WriteString(map[bool]string{true: "promotable\n", false: "not promotable (this is not an error)\n"}[r.Promotable])
	}
	for _, c := range r.Conditions {
		mark := map[bool]string{true: "ok", false: "no"}[c.OK]
		fmt.Fprintf(&b, "  %s  %-26s  %s\n", mark, c.Name, text.Visible(c.Why))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
