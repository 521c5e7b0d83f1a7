package darwin

import (
	"os"
	"runtime"

	"github.com/ebitengine/purego"
)

// envLibrary names a library that plays all of macOS's, for tests that build a
// program of their own around this package.
const envLibrary = "HRHOST_TEST_DARWIN_LIBRARY"

func init() {
	if path := os.Getenv(envLibrary); path != "" {
		for _, l := range libraries {
			l.path = path
		}
	}
}

// errorAddress is darwin's int *__error(void), which the tests' library has too.
var errorAddress = system.symbol("__error")

// invoke makes the call as on darwin, for the tests: purego knows no errno on
// Linux, so the word is loaded here, as wide as purego loads it there.
func invoke(at uintptr, args []uintptr) (r, errno uintptr) {
	where, err := errorAddress.address()
	if err != nil {
		panic(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	r, _, _ = purego.SyscallN(at, args...)
	word, _, _ := purego.SyscallN(where)
	return r, *pointer[uintptr](word)
}
