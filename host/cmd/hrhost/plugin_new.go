package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hrhost/hrhost/host/scaffold"
	"github.com/hrhost/hrhost/internal/text"
)

func pluginNewCommand(u *ui) *cobra.Command {
	var o scaffold.Options
	var sdk string
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "a new plugin's module: it builds, tests and runs at once",
		Long: `Writes the module hrhost-probe-NAME: one probe with its control pair, two
profiles, a plan, tests, a README and a CI workflow. Nothing that exists is
touched, and what cannot be written whole is not written.

` + origin(),
		Example: `  hrhost plugin new chdir --module example.org/hrhost-probe-chdir`,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			u.heed(c) // as init
			var err error
			if o.SDK, err = findSDK(sdk); err != nil {
				return err
			}
			o.Name = args[0]
			dir, files, err := scaffold.Write(o)
			if err != nil {
				return refuse(err)
			}
			if u.json {
				return u.object(map[string]any{"dir": dir, "files": files, "sdk": o.SDK.Replace, "sdk_version": o.SDK.Version})
			}
			u.path(dir)
			u.printf("%s: %s\n", text.Terminal(dir), strings.Join(files, " "))
			next := "go build && go test && hrhost run plan.toml"
			if o.SDK.Replace == "" {
				next = "go mod tidy && " + next
			}
			u.printf("next: cd %s && %s\n", text.Terminal(dir), next)
			return nil
		},
	}
	fl := c.Flags()
	fl.StringVar(&o.Dir, "dir", "", "the directory to make (default hrhost-probe-NAME)")
	fl.StringVar(&o.Module, "module", "", "the module's path (default example.com/hrhost-probe-NAME)")
	fl.StringVar(&sdk, "sdk", "", "a checkout of hrhost to take the SDK from, by a replace line in go.mod")
	return c
}

var releasePattern = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)

// released is the version of the SDK that goes with this program, "" when the
// program is none of a release.
func released(version string) string {
	if releasePattern.MatchString(version) {
		return "v" + version
	}
	return ""
}

// beside is the checkout that this program was built in, by `make build`.
func beside() string {
	bin, err := programs()
	if err != nil {
		return ""
	}
	if dir := filepath.Dir(bin); scaffold.IsCheckout(dir) {
		return dir
	}
	return ""
}

// origin says in the help where the SDK will come from.
func origin() string {
	switch dir := beside(); {
	case released(version) != "":
		return fmt.Sprintf("The module requires the SDK of this release, %s.", released(version))
	case dir != "":
		return fmt.Sprintf("This hrhost was built from a checkout. The SDK is taken from there unless --sdk\nsays otherwise: %s", dir)
	}
	return "This hrhost was built from a checkout and stands elsewhere now: say where the\nSDK's source is with --sdk DIR."
}

func findSDK(dir string) (scaffold.SDK, error) {
	switch {
	case dir != "":
	case released(version) != "":
		return scaffold.Release(released(version), strings.TrimPrefix(runtime.Version(), "go")), nil
	default:
		dir = beside()
	}
	if dir == "" {
		return scaffold.SDK{}, refuse(errors.New("new: this hrhost is no release, and there is no checkout beside it"), "--sdk DIR names a checkout of hrhost")
	}
	s, err := scaffold.Checkout(dir)
	if err != nil {
		return s, refuse(err, "--sdk DIR names a checkout of hrhost")
	}
	return s, nil
}
