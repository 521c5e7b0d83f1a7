//go:build darwin || linux

// Package darwin calls the macOS libraries that the project needs, without cgo.
//
// Contract: every function names the C call it stands for. A call that failed
// is a *[Failure] with the call's own result and errno; a symbol that this macOS
// does not export is a *[MissingSymbol], never a crash. Text with a NUL byte is
// refused before any call. Go memory that C is given is pinned for the length of
// the call, and nothing that C owns is kept.
//
// What makes these calls easy to get wrong is in one place each: call.go has
// errno, int results and pinning, layout.go the variadic calls.
//
// Nothing that is built for Linux may import this package, since purego makes a
// Linux binary dynamic. It builds there for its own tests, which drive it
// against a small C library that exports the same names.
package darwin
