package verify

import (
	"cmp"

	"github.com/hrhost/hrhost/host/bundle"
)

// earlier returns the version of a listed document when it is not the current one,
// as the index gives it, and 0 otherwise.
func (b *opened) earlier(name string) int {
	s := b.listed[name].SchemaVersion
	if s == nil {
		return 0
	}
	if v := bundle.VersionIn(name, *s); v < bundle.Version(name) {
		return v
	}
	return 0
}

// version returns the version of a listed document, as the index gives it.
func (b *opened) version(name string) int {
	return cmp.Or(b.earlier(name), bundle.Version(name))
}

// validate checks a listed document against the schema of the version that the
// index gives; the document must name the same version.
func (b *opened) validate(name string, text []byte) error {
	return bundle.ValidateDocument(name, b.version(name), text)
}
