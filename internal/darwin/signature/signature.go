//go:build darwin || linux

// Package signature reads a process's whole signature. It is apart from package
// darwin, which plugins import, so that no plugin carries a property list parser.
package signature

import (
	"github.com/hrhost/hrhost/internal/codesign"
	"github.com/hrhost/hrhost/internal/darwin"
)

// Of is all that csops tells about a process's signature.
func Of(pid int) codesign.Signature {
	return codesign.Read(codesign.Asker{
		Flags: func() (uint32, error) { return darwin.CodeSigningFlags(pid) },
		XML:   func() ([]byte, error) { return darwin.Entitlements(pid) },
		DER:   func() ([]byte, error) { return darwin.DEREntitlements(pid) },
	})
}
