//go:build darwin || linux

package darwin

import "fmt"

var (
	notifyPost          = system.symbol("notify_post")
	notifyRegisterCheck = system.symbol("notify_register_check")
	notifyCheck         = system.symbol("notify_check")
	notifyCancel        = system.symbol("notify_cancel")
	notifySetOptions    = system.symbol("notify_set_options")
)

// NotifyStatus is what the calls of notify.h return. 0 from notify_post says
// that the message was sent, not that the server let it through, and 9 that the
// centre could not be looked up. fact:notify.one-way, fact:notify.lookup-is-9
type NotifyStatus uint32

// filteredOptions are NOTIFY_OPT_DISPATCH, _REGEN and _FILTERED: the library filters
// only clients that use dispatch (Libnotify-327.0.5 notify_private.h, lines 32 to 34;
// notify_client.c, line 1089). Apple's own test passes all three.
const filteredOptions = 1 | 2 | 4

// FilterNotifications has notifyd ask the sandbox about every later post of this
// process, by notify_set_options. No call undoes it, and it looks the centre up: it
// comes before sealing. fact:notify.filtered, fact:notify.options-look-up
func FilterNotifications() error {
	f := new(frame)
	defer f.Unpin()
	if _, _, err := f.call(notifySetOptions, filteredOptions); err != nil {
		return fmt.Errorf("having notification posts filtered: %w", err)
	}
	return nil
}

// PostNotification posts a darwin notification, by notify_post. The centre is
// looked up once a process. Without [FilterNotifications] notifyd does not ask the
// sandbox. fact:notify.cached-look-up, fact:notify.plain
func PostNotification(name string) (NotifyStatus, error) {
	f := new(frame)
	defer f.Unpin()
	r, _, err := f.call(notifyPost, f.text(name))
	if err != nil {
		return 0, fmt.Errorf("posting %q: %w", name, err)
	}
	return NotifyStatus(r), nil
}

// Registration is a token of notify_register_check.
type Registration struct{ token int32 }

// RegisterNotification asks for a name's posts to be counted. The registration
// is to be cancelled unless the status is other than 0.
func RegisterNotification(name string) (Registration, NotifyStatus, error) {
	f := new(frame)
	defer f.Unpin()
	token := new(int32)
	r, _, err := f.call(notifyRegisterCheck, f.text(name), pin(f, token))
	if err != nil {
		return Registration{}, 0, fmt.Errorf("registering for %q: %w", name, err)
	}
	return Registration{*token}, NotifyStatus(r), nil
}

// Posted reports whether the name was posted since the last call. The first
// call after a registration always says that it was (notify.h).
func (reg Registration) Posted() (bool, NotifyStatus, error) {
	f := new(frame)
	defer f.Unpin()
	posted := new(int32)
	r, _, err := f.call(notifyCheck, uintptr(uint32(reg.token)), pin(f, posted))
	if err != nil {
		return false, 0, fmt.Errorf("checking a notification: %w", err)
	}
	return *posted != 0, NotifyStatus(r), nil
}

// Cancel gives the registration up.
func (reg Registration) Cancel() (NotifyStatus, error) {
	f := new(frame)
	defer f.Unpin()
	r, _, err := f.call(notifyCancel, uintptr(uint32(reg.token)))
	if err != nil {
		return 0, fmt.Errorf("cancelling a notification: %w", err)
	}
	return NotifyStatus(r), nil
}
