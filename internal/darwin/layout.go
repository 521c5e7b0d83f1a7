//go:build darwin || linux

package darwin

import "runtime"

// registers is how many integer arguments purego passes in registers on arm64.
const registers = 8

// variadic lays out a call with fixed arguments and a variadic tail.
//
// On darwin/arm64 every variadic argument lies on the stack, eight bytes each,
// whatever registers are free; passed on in registers it is never seen. purego
// puts what is beyond the registers on the stack, so the fixed ones are padded.
// Everywhere else variadic arguments follow the fixed ones.
// fact:check.variadic-stack
// Source: Apple, "Writing ARM64 code for Apple platforms"; ebitengine/purego#116.
func variadic(fixed, tail []uintptr) []uintptr {
	return variadicOn(runtime.GOOS, runtime.GOARCH, fixed, tail)
}

func variadicOn(goos, goarch string, fixed, tail []uintptr) []uintptr {
	args := append(make([]uintptr, 0, registers+len(tail)), fixed...)
	if goos == "darwin" && goarch == "arm64" {
		for len(args) < registers {
			args = append(args, 0)
		}
	}
	return append(args, tail...)
}
