//go:build !darwin && !hrhost_launchd

package clean

// Channel is the name of this channel in a manifest.
const Channel = "spawn_clean"

func newBackend() (backend, error) { return newChild(), nil }

// forgetJob has nothing to forget: a child is nobody's but ours.
func forgetJob(string) {}
