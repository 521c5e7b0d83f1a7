//go:build amd64 || arm64

package trampoline

import "unsafe"

// noG is what compiled code takes for its goroutine, of which it reads how far
// the stack may grow: to address 0.
//
//lint:ignore U1000 hrhost_trampoline uses it
var noG [1024]byte

// threadLocal is where amd64 looks for it.
//
//lint:ignore U1000 hrhost_trampoline uses it
var threadLocal [2]uintptr

// enter is called by hrhost_trampoline with the address of what the kernel left
// on the stack: the number of arguments, and pointers to them.
//
//lint:ignore U1000 hrhost_trampoline calls it
func enter(stack *[3]uintptr) {
	arg := ""
	if stack[0] == 2 {
		arg = text(stack[2])
	}
	program(arg)
}

func text(at uintptr) string {
	first := *(**byte)(unsafe.Pointer(&at))
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(first), n)) != 0 {
		n++
	}
	return unsafe.String(first, n)
}
