// A plugin of kernel parameters that lists each of them several times over, as
// often as its options say: a host with that many more names.
package main

import (
	"encoding/json"

	"github.com/hrhost/hrhost/plugins/sysctl"
	"github.com/hrhost/hrhost/sdk"
)

func main() {
	spec := sysctl.Spec()
	var options struct{ Times int }
	spec.Configure = func(raw json.RawMessage) error { return json.Unmarshal(raw, &options) }
	for _, p := range spec.Probes {
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
