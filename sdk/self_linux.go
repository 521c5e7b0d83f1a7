package sdk

// selfPath names the running binary even if it is a memfd without a path.
func selfPath() (string, error) { return "/proc/self/exe", nil }
