//go:build darwin || linux

package darwin

import "fmt"

var (
	bootstrapLookUp    = system.symbol("bootstrap_look_up")
	bootstrapPort      = system.symbol("bootstrap_port")
	machTaskSelf       = system.symbol("mach_task_self_")
	machPortDeallocate = system.symbol("mach_port_deallocate")
)

// maxServiceName is how much of a name_t is the name (bootstrap.h).
const maxServiceName = 127

// Port is a send right of this task.
type Port uint32

// KernReturn is a kern_return_t: bootstrap_look_up's own number space.
type KernReturn int32

// LookUp gets a send right to a service by bootstrap_look_up, to be given back
// with [Port.Release]. The result is the call's: 0, 1100 for a name that the
// sandbox denies, 1102 for one that nobody registered. The error is about the
// call not having been made.
func LookUp(name string) (Port, KernReturn, error) {
	f := new(frame)
	defer f.Unpin()
	if len(name) > maxServiceName {
		return 0, 0, fmt.Errorf("looking up %q: %d bytes, more than the %d of a service name", name, len(name), maxServiceName)
	}
	parent, err := word32(bootstrapPort)
	if err != nil {
		return 0, 0, fmt.Errorf("looking up %q: %w", name, err)
	}
	port := new(Port)
	r, _, err := f.call(bootstrapLookUp, uintptr(parent), f.text(name), pin(f, port))
	if err != nil {
		return 0, 0, fmt.Errorf("looking up %q: %w", name, err)
	}
	return *port, KernReturn(asInt(r)), nil
}

// Release gives a send right back, by mach_port_deallocate.
func (p Port) Release() error {
	task, err := word32(machTaskSelf)
	if err != nil {
		return fmt.Errorf("releasing port %d: %w", p, err)
	}
	f := new(frame)
	defer f.Unpin()
	r, _, err := f.call(machPortDeallocate, uintptr(task), uintptr(p))
	if err == nil && asInt(r) != 0 {
		err = &Failure{Call: machPortDeallocate.name, RC: asInt(r)}
	}
	if err != nil {
		return fmt.Errorf("releasing port %d: %w", p, err)
	}
	return nil
}
