package bus

import (
	"errors"
	"fmt"
	"slices"

	"github.com/hrhost/hrhost/internal/dbuswire"
)

// What a row says about a name.
const (
	objectOwned       = "owned"
	objectActivatable = "activatable" // nobody owns it, and the bus can start an owner
	objectAbsent      = "absent"
	objectUnknown     = "unknown"
)

// directory answers what a bus knows of names, over a connection of the host's.
// It asks the bus each time, since an earlier answer may be out of date. It asks nothing
// more of a bus that does not answer within the connection's timeout.
type directory struct {
	conn        *dbuswire.Conn
	activatable []string // read once; a bus seldom learns new ones
}

func openDirectory(socket string) (*directory, error) {
	c, err := dbuswire.Connect(socket)
	if err != nil {
		return nil, err
	}
	d := &directory{conn: c}
	if d.activatable, err = d.list("ListActivatableNames"); err != nil {
		c.Close()
		return nil, err
	}
	return d, nil
}

func (d *directory) list(method string) ([]string, error) {
	args, err := d.conn.CallBus(method)
	if err != nil {
		return nil, fmt.Errorf("asking the bus: %s: %w", method, err)
	}
	names, ok := args[0].([]string)
	if !ok {
		return nil, fmt.Errorf("asking the bus: %s answers a %T", method, args[0])
	}
	return names, nil
}

// state is one of the object constants. The bus is asked the same questions
// whatever the answer, so that the time taken tells nothing.
func (d *directory) state(name string) (string, error) {
	owner, err := d.owner(name)
	switch {
	case err != nil:
		return objectUnknown, err
	case owner != "":
		return objectOwned, nil
	case slices.Contains(d.activatable, name):
		return objectActivatable, nil
	}
	return objectAbsent, nil
}

// owner is the unique name of a name's owner, "" when it has none.
func (d *directory) owner(name string) (string, error) {
	args, err := d.conn.CallBus("GetNameOwner", name)
	var refused *dbuswire.Error
	if errors.As(err, &refused) && refused.Name == dbuswire.ErrorNameHasNoOwner {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("asking the bus who owns %s: %w", name, err)
	}
	owner, ok := args[0].(string)
	if !ok {
		return "", fmt.Errorf("asking the bus who owns %s: it answers a %T", name, args[0])
	}
	return owner, nil
}

// ownedBy lists the names that a connection owns.
func (d *directory) ownedBy(unique string) ([]string, error) {
	all, err := d.list("ListNames")
	if err != nil {
		return nil, err
	}
	var out []string
	for _, n := range all {
		if dbuswire.IsUnique(n) || n == dbuswire.Bus {
			continue
		}
		owner, err := d.owner(n)
		if err != nil {
			return nil, err
		}
		if owner == unique {
			out = append(out, n)
		}
	}
	return out, nil
}

func (d *directory) close() error { return d.conn.Close() }
