#include "textflag.h"

// hrhost_trampoline is where the program starts. It gives compiled Go code what
// that needs to run without a runtime: a stack, and a goroutine to look at.
TEXT hrhost_trampoline(SB), NOSPLIT|NOFRAME, $0
	MOVD RSP, R0
	MOVD $·noG(SB), g
	SUB  $32, RSP
	MOVD R0, 8(RSP)
	BL   ·enter(SB)
	BRK
