package darwin

import (
	"runtime"

	"github.com/ebitengine/purego"
)

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
