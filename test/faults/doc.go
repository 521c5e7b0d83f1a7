// Package faults has no code of its own. Its tests put faults into real runs:
// plugins that crash, hang, lie and flood, a plugin killed at any moment, a
// host killed with its worker, a kernel whose features an outer sandbox hides.
// Each time they ask the same things: every planned probe has exactly one row,
// nothing is called a decision that was none, a person is told in a sentence
// what happened, the exit code is right, and nothing is left running.
//
// The programs are the real ones, built once into a directory that every user
// may read; hrhost-probe-fault is the plugin that misbehaves.
package faults
