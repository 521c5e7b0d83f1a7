// Package evidence turns observations of plugin processes into rows, decisions
// and counts:
//
//	observation -> row -> decision -> tally
//
// It is pure. Its functions take values and return values: they start no process,
// open no file and read no clock. Package run schedules the processes, passes
// their observations on, and writes the rows to the bundle.
package evidence
