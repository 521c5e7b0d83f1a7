//go:build darwin || linux

package darwin

import (
	"errors"
	"fmt"
)

var (
	cfStringCreate    = cf.symbol("CFStringCreateWithCString")
	cfRelease         = cf.symbol("CFRelease")
	distributedCenter = cf.symbol("CFNotificationCenterGetDistributedCenter")
	centerPost        = cf.symbol("CFNotificationCenterPostNotification")
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
	text, _, err := f.call(cfStringCreate, 0, f.text(name), cfStringEncodingUTF8)
	if err == nil && text == 0 {
		err = errors.New("CFStringCreateWithCString returned null")
	}
	if err != nil {
		return err
	}
	defer f.call(cfRelease, text)
	center, _, err := f.call(distributedCenter)
	if err == nil && center == 0 {
		err = errors.New("there is no distributed centre")
	}
	if err != nil {
		return err
	}
	const deliverImmediately = 1
	_, _, err = f.call(centerPost, center, text, 0, 0, deliverImmediately)
	return err
}
