package launch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hrhost/hrhost/host/launch/trampoline"
)

// StartWrapped runs the plugin under a command of somebody else's. Of the
// containment only the limits stand, from the command's first instruction on: no
// Landlock, no filter, no no_new_privs, which would all change what the command
// can do and what the plugin sees.
func (l *Launcher) StartWrapped(spec Spec, command []string) (*Process, error) {
	fail := func(step string, err error, hint string) error {
		return &Error{Name: spec.Name, Step: step, Cause: err, Hint: hint}
	}
	plugin := filepath.Join(spec.Dir.Root, "plugin")
	if err := spec.Binary.copyTo(plugin); err != nil {
		return nil, fail("setup", err, "")
	}
	argv := fillIn(command, map[string]string{VarPlugin: plugin, VarSocketDir: spec.Dir.Sockets})
	path, err := findWrapper(argv[0])
	if err != nil {
		return nil, fail("exec", err, "install it, or name it with its path in the plan's wrap")
	}
	spec.Filter, spec.Bus = nil, [2]*os.File{}
	p, err := l.start(&spec, "/", nil, trampoline.Setup{
		Path: path, Argv: argv, Env: append([]string{"PATH=" + strings.Join(wrapperPath, ":")}, spec.Env...),
	})
	var le *Error
	if errors.As(err, &le) && le.Step == "exec" {
		return nil, fail("exec", fmt.Errorf("%s: %w", path, le.Cause), "")
	}
	return p, err
}
