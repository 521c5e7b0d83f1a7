//go:build darwin || linux

package darwin

import (
	"errors"
	"fmt"

	"github.com/ebitengine/purego"
)

var (
	cfStringCreate    = cf.symbol("CFStringCreateWithCString")
	cfRelease         = cf.symbol("CFRelease")
	distributedCenter = cf.symbol("CFNotificationCenterGetDistributedCenter")
	centerPost        = cf.symbol("CFNotificationCenterPostNotification")
	centerObserve     = cf.symbol("CFNotificationCenterAddObserver")
	runLoopRun        = cf.symbol("CFRunLoopRun")
)

const cfStringEncodingUTF8 = 0x08000100 // CFString.h

// PostDistributed posts a distributed notification without an object or user
// info, to be delivered at once. CoreFoundation tells nobody whether it was
// delivered; about a post that the sandbox denies it prints a line to
// descriptor 2. fact:distributed.silent
func PostDistributed(name string) error {
	f := new(frame)
	defer f.Unpin()
	if err := f.postDistributed(name); err != nil {
		return fmt.Errorf("posting distributed notification %q: %w", name, err)
	}
	return nil
}

func (f *frame) postDistributed(name string) error {
	center, text, err := f.named(name)
	if err != nil {
		return err
	}
	defer f.call(cfRelease, text)
	const deliverImmediately = 1
	_, _, err = f.call(centerPost, center, text, 0, 0, deliverImmediately)
	return err
}

// named is the distributed centre and a name as a CFString, which the caller
// releases.
func (f *frame) named(name string) (center, text uintptr, err error) {
	center, _, err = f.call(distributedCenter)
	if err == nil && center == 0 {
		err = errors.New("there is no distributed centre")
	}
	if err != nil {
		return 0, 0, err
	}
	text, _, err = f.call(cfStringCreate, 0, f.text(name), cfStringEncodingUTF8)
	if err == nil && text == 0 {
		err = errors.New("CFStringCreateWithCString returned null")
	}
	return center, text, err
}

// Observe calls arrived with each distributed notification of one of the names,
// for ever, while the main thread is in [RunLoop]. It must be called on the main
// thread, once a process. fact:distributed.main-run-loop
func Observe(names []string, arrived func(name string)) error {
	callback := purego.NewCallback(func(_, observer, _, _, _ uintptr) {
		if i := int(observer) - 1; i >= 0 && i < len(names) {
			arrived(names[i])
		}
	})
	for i, name := range names {
		f := new(frame)
		center, text, err := f.named(name)
		if err == nil {
			// The observer is only an identity: the name's number, which is not 0.
			const deliverImmediately = 4 // CFNotificationSuspensionBehavior
			_, _, err = f.call(centerObserve, center, uintptr(i+1), callback, text, 0, deliverImmediately)
			f.call(cfRelease, text)
		}
		f.Unpin()
		if err != nil {
			return fmt.Errorf("observing distributed notification %q: %w", name, err)
		}
	}
	return nil
}

// RunLoop runs this thread's run loop, until nothing is observed any more.
func RunLoop() error {
	f := new(frame)
	defer f.Unpin()
	_, _, err := f.call(runLoopRun)
	return err
}
