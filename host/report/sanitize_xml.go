package report

import (
	"encoding/xml"
	"strings"

	"github.com/hrhost/hrhost/internal/text"
)

// xmlText is untrusted text for junit.xml: what XML 1.0 forbids is spelled out
// by visible, line ends between sentences stay, and encoding/xml does the rest.
func xmlText(s string) string {
	parts := strings.Split(s, "\n")
	for i, p := range parts {
		parts[i] = text.Visible(p)
	}
	return strings.Join(parts, "\n")
}

// xmlAttr is an attribute that is left out when empty.
func xmlAttr(name, value string) []xml.Attr {
	if value == "" {
		return nil
	}
	return []xml.Attr{{Name: xml.Name{Local: name}, Value: text.Visible(value)}}
}
