// Package codesign reads code signatures of macOS. [Read] puts together the answers of
// the kernel about a process: its flags, and its entitlements in either form in which
// the kernel hands them out. [Check] looks at a program's file: the ad hoc signature
// that Go's linker puts into darwin/arm64 programs, without which the kernel of Apple
// silicon ends them. For a signature that names no signer it answers what `codesign
// --verify` would answer on a Mac.
//
// The package is pure, so that all of it is tested on Linux; package
// internal/darwin/signature makes the calls.
package codesign
