// Package report renders a run for people and for CI: summary.md, report.html
// and junit.xml.
//
// It reads the documents of a bundle that is still being written, before the
// index, and takes nothing from memory that is not on disk. Rows are read one
// at a time; what stays is one short [Probe] for each expectation.
//
// Names, targets, values and errors come from plugins and profiles and are
// hostile by assumption. Each sink escapes them in a file of its own.
package report
