// Package selftest tries what hrhost holds to be true of a system (package
// facts) on the machine that it runs on, and writes down what was seen so that a
// person can send it back.
//
// Contract: each experiment runs in a process of its own with a deadline, so
// that one that crashes, hangs or floods is the failure of one fact, named, and
// loses no other. Experiments ask for no more rights than an ordinary user has,
// write only below the directory that they are given, and reach nothing but
// processes and names of their own. A verdict that could not be reached is
// incomplete: neither a pass nor a failure.
//
// The package is pure but for [Runner], which starts the processes, and
// [Write]. The experiments are in host/selftest/linux and, for macOS, in
// host/selftest/darwin.
package selftest
