package lane

// Code is one row of a probe's table of result codes. A row has an errno or a
// native code or a native name; one that has none fits nothing.
type Code struct {
	API        string // "" fits every API of the probe
	Errno      *int
	NativeName string // "" when the API numbers its errors
	NativeCode *int64
	Class      ResultClass
	Source     string // manual page, header or measurement
}

// Classify reads a raw result through a probe's own table. A code that the
// table does not list is other: nothing is a denial but what the table calls
// one. A result without any code is none.
func Classify(codes []Code, raw Result) ResultClass {
	for _, c := range codes {
		if c.fits(raw) {
			return c.Class
		}
	}
	switch {
	case raw.Native != nil:
		return Other
	case raw.Errno != nil && *raw.Errno == 0:
		return OK
	case raw.Errno == nil:
		return withoutCode(raw)
	}
	return Other
}

func withoutCode(raw Result) ResultClass {
	if raw.ExitCode != nil || raw.Signal != nil {
		return Other
	}
	return NoResult
}

// fits compares a row with a result. A native code is the finer of the two, so
// a result that has one is never read through its errno.
func (c Code) fits(raw Result) bool {
	if raw.Native != nil {
		return c.fitsNative(raw)
	}
	return c.Errno != nil && raw.Errno != nil && *c.Errno == *raw.Errno && c.fitsAPI(raw.API)
}

func (c Code) fitsNative(raw Result) bool {
	n := raw.Native
	api := n.API
	if api == "" {
		api = raw.API
	}
	if !c.fitsAPI(api) {
		return false
	}
	if c.NativeCode != nil {
		return *c.NativeCode == n.Code && (c.NativeName == "" || n.Name == "" || c.NativeName == n.Name)
	}
	return c.NativeName != "" && c.NativeName == n.Name
}

func (c Code) fitsAPI(api string) bool { return c.API == "" || c.API == api }
