// A plugin of kernel parameters that lists each of them several times over, as
// often as its options say: a host with that many more names. It ends in the
// attempt at the one that its options name, if any.
package main

import (
	"encoding/json"
	"os"

	"github.com/hrhost/hrhost/plugins/sysctl"
	"github.com/hrhost/hrhost/sdk"
)

func main() {
	spec := sysctl.Spec()
	options := struct {
		Times int
		Die   string
	}{Times: 1}
	spec.Configure = func(raw json.RawMessage) error { return json.Unmarshal(raw, &options) }
	for _, p := range spec.Probes {
		attempt := p.Run
		p.Run = func(rec *sdk.Recorder) error {
			if options.Die == rec.Target() {
				return rec.Attempt(sdk.Call{API: "open"}, func() (string, error) { os.Exit(3); return "", nil })
			}
			return attempt(rec)
		}
		if once := p.Enumerate; once != nil {
			p.Enumerate = func(yield func(string) error) error {
				for range options.Times {
					if err := once(yield); err != nil {
						return err
					}
				}
				return nil
			}
		}
	}
	sdk.Main(spec)
}
