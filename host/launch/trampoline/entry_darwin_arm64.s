#include "textflag.h"

// hrhost_trampoline leads to Go's own start: on macOS there is no other.
TEXT hrhost_trampoline(SB), NOSPLIT|NOFRAME, $0
	JMP _rt0_arm64_darwin(SB)
