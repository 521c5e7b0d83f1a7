package notifyplain

import (
	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/sdk"
)

// post posts without [darwin.FilterNotifications]. fact:notify.plain
func post(rec *sdk.Recorder) error {
	name := rec.Target()
	var fault error
	rec.Attempt(sdk.Call{API: carrier, Carrier: carrier + " " + name + ", plain", Filter: name}, func() (string, error) {
		var status darwin.NotifyStatus
		if status, fault = darwin.PostNotification(name); fault != nil || status == 0 {
			return "", fault
		}
		return "", native(int64(status))
	})
	return fault
}
