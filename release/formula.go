package release

import (
	"bytes"
	_ "embed"
	"fmt"
	"strings"
	"text/template"

	"github.com/hrhost/hrhost/release/archive"
)

//go:embed hrhost.rb.tmpl
var formulaText string

// formula is the Homebrew formula that installs the archives.
func formula(version string, archives []archive.File) ([]byte, error) {
	t, err := template.New("hrhost.rb").Option("missingkey=error").Parse(formulaText)
	if err != nil {
		return nil, err
	}
	values := map[string]string{"version": version}
	for _, a := range archives {
		for _, t := range Targets {
			if strings.HasSuffix(a.Name, "-"+t.OS+"-"+t.Arch+".tar.gz") {
				values[t.OS+"_"+t.Arch] = digest(a.Data)
			}
		}
	}
	var b bytes.Buffer
	if err := t.Execute(&b, values); err != nil {
		return nil, fmt.Errorf("writing the formula: %w", err)
	}
	return b.Bytes(), nil
}
