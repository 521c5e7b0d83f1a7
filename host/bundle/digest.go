package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/gowebpki/jcs"
)

// Digest returns "sha256:<hex>" of b.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// DigestJSON returns the digest of v's canonical form (RFC 8785), so that it
// does not depend on indentation or the order of keys. A number at or beyond
// 2^53 is refused: canonical form would silently round it.
func DigestJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("digesting JSON: %w", err)
	}
	if err := CheckJSON(text); err != nil {
		return "", fmt.Errorf("digesting JSON: %w", err)
	}
	canonical, err := jcs.Transform(text)
	if err != nil {
		return "", fmt.Errorf("digesting JSON: %w", err)
	}
	return Digest(canonical), nil
}
