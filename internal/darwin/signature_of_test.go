//go:build darwin || linux

package darwin

import "github.com/hrhost/hrhost/internal/codesign"

// signatureOf is package signature's Of.
func signatureOf(pid int) codesign.Signature {
	return codesign.Read(codesign.Asker{
		Flags: func() (uint32, error) { return CodeSigningFlags(pid) },
		XML:   func() ([]byte, error) { return Entitlements(pid) },
		DER:   func() ([]byte, error) { return DEREntitlements(pid) },
	})
}
