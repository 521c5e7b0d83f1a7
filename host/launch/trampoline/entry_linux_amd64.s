#include "textflag.h"

// hrhost_trampoline is where the program starts. It gives compiled Go code what
// that needs to run without a runtime: a stack, and a goroutine to look at.
TEXT hrhost_trampoline(SB), NOSPLIT|NOFRAME, $0
	MOVQ SP, BX
	LEAQ ·noG(SB), AX
	MOVQ AX, ·threadLocal(SB)
	LEAQ ·threadLocal+8(SB), SI // Go's thread-local word is right below FS
	MOVQ $0x1002, DI            // ARCH_SET_FS
	MOVQ $158, AX               // arch_prctl
	SYSCALL
	ANDQ $~15, SP
	SUBQ $16, SP
	MOVQ BX, 0(SP)
	CALL ·enter(SB)
	INT  $3
