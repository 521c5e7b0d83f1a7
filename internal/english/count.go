// Package english puts numbers into sentences.
package english

import "strconv"

// Count is "1 probe" or "3 probes".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
