// Command hrhost-reference makes the reference bundles of one build of hrhost:
// see `make reference`. A later hrhost must give each of them the verdict that
// verdicts.json records.
//
// It runs hrhost as an ordinary user in namespaces with a root directory of
// their own, so that no path, process or name of the machine gets into a bundle.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// options are the command line.
type options struct {
	programs string // directory of the build's programs
	out      string // directory for the archives
	host     string // host name outside the namespaces; "" before they are entered
}

func main() {
	var o options
	flag.StringVar(&o.programs, "programs", "bin", "directory of hrhost and its programs")
	flag.StringVar(&o.out, "out", "", "directory for the archives")
	flag.StringVar(&o.host, "host", "", "host name that no bundle may hold; set by the program itself")
	flag.Parse()
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "hrhost-reference: error:", err)
		os.Exit(1)
	}
}

func run(o options) (err error) {
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	if o.out == "" {
		return fmt.Errorf("-out is missing: want a directory for the archives")
	}
	if o.programs, err = filepath.Abs(o.programs); err != nil {
		return err
	}
	if o.host == "" {
		return enter(o)
	}
	return record(o)
}

// record makes every bundle. It has the namespaces for itself.
func record(o options) error {
	checkout, err := os.Getwd()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	out, err := os.OpenRoot(o.out) // its path is gone once the root is another
	if err != nil {
		return err
	}
	defer out.Close()
	if err := changeRoot(o.programs, checkout); err != nil {
		return err
	}
	p := packer{out: out, traces: []string{checkout, o.programs, `"` + o.host + `"`}}
	for _, c := range cases {
		if err := p.record(c); err != nil {
			return fmt.Errorf("making bundle %s: %w", c.name, err)
		}
	}
	return nil
}
