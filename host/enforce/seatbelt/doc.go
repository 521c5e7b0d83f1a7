// Package seatbelt is the host's side of macOS enforcement: the witness, which
// reads the kernel's reports in the unified log, and the oracle, which asks
// sandbox_check about the plugin's process.
//
// The kernel enforces; nothing here does. The log loses reports without a trace,
// so this witness is never complete: a report is evidence of a denial, a missing
// one is evidence of nothing. fact:log.incomplete
//
// Parsing, tying reports to attempts and choosing questions are pure and have no
// build tag; only what starts log(1) and calls sandbox_check does.
package seatbelt
