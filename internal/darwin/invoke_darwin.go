package darwin

import "github.com/ebitengine/purego"

// invoke makes the call. purego reads errno before anything else can run on the
// thread.
func invoke(at uintptr, args []uintptr) (r, errno uintptr) {
	r, _, errno = purego.SyscallN(at, args...)
	return r, errno
}
