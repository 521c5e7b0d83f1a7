package monitor

import (
	"errors"

	"github.com/hrhost/hrhost/host/enforce"
)

// ErrUnsupported says that this machine cannot have a monitor.
var ErrUnsupported = errors.New("monitor: not supported here")

// The words that every enforcement point shares.
type (
	Config = enforce.Config // Emit is called on the receiver's thread
	Slots  = enforce.Slots
	Policy = enforce.Policy
	Answer = enforce.Answer
)

// Stats counts what a monitor did.
type Stats struct {
	Notifications int64            // received from the kernel
	Rows          int64            // witness rows emitted
	Continued     int64            // plain files and scalar calls left to the kernel
	Injected      int64            // descriptors put into the plugin
	Denied        int64            // refused by the policy
	ByContainment map[string]int64 // refused by containment, by system call
	Lost          int64            // withdrawn by the kernel before the answer
	Faults        int64            // panics while judging, each answered with EPERM
}
