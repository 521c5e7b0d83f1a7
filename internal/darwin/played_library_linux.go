package darwin

// Play has every library of this package played by the one at path, as the
// tests of packages above this one need on Linux. It comes before any call.
func Play(path string) {
	for _, l := range libraries {
		l.path = path
	}
}
