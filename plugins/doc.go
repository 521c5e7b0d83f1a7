// Package plugins has the probe families of this repository, one in each directory
// plugins/NAME: the package of its Spec, and in hrhost-probe-NAME the program of its
// plugin. After a directory is added or removed, or an operation of a Spec is, run
//
//	go generate ./plugins
//
// which writes the two lists of families: internal/families/all_gen.go for the host, the
// release and the tests, and plugins/internal/tables/all_gen.go for the README files.
package plugins

//go:generate go run ./internal/generate
