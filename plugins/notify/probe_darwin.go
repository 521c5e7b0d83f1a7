package notify

import (
	"syscall"

	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/sdk"
)

const (
	darwinAPI      = "notify_post"
	distributedAPI = "CFNotificationCenterPostNotification"
)

var carriers = map[string]string{
	"darwin-notification-post":      "notify_post NAME, filtered",
	"distributed-notification-post": "CFNotificationCenterPostNotification NAME",
}

// dependencies: both kinds of post first look up their centre.
var dependencies = []string{"mach-lookup"}

// beforeSeal has notifyd ask the sandbox about this process's posts. A plain post would
// not be judged: that is the family notifyplain. fact:notify.filtered
var beforeSeal = darwin.FilterNotifications

// postDarwin's success says that the message left. fact:notify.one-way
func postDarwin(rec *sdk.Recorder) error {
	name := rec.Target()
	var fault error
	rec.Attempt(sdk.Call{API: darwinAPI, Carrier: "notify_post " + name + ", filtered", Filter: name}, func() (string, error) {
		var status darwin.NotifyStatus
		if status, fault = darwin.PostNotification(name); fault != nil || status == 0 {
			return "", fault
		}
		return "", &sdk.Native{API: darwinAPI, Code: int64(status), Name: names[status]}
	})
	return fault
}

// postDistributed learns nothing from the call, which returns nothing.
// fact:distributed.silent
func postDistributed(rec *sdk.Recorder) error {
	name := rec.Target()
	rec.Attempt(sdk.Call{API: distributedAPI, Carrier: "CFNotificationCenterPostNotification " + name, Filter: name},
		func() (string, error) { return "", darwin.PostDistributed(name) })
	return nil
}

// names are the statuses of notify.h. 9 is a denied look-up of the notification
// centre, another operation's denial. fact:notify.lookup-is-9
var names = map[darwin.NotifyStatus]string{
	1: "NOTIFY_STATUS_INVALID_NAME", 7: "NOTIFY_STATUS_NOT_AUTHORIZED",
	9: "NOTIFY_STATUS_SERVER_NOT_FOUND", 1000000: "NOTIFY_STATUS_FAILED",
}

func results() []sdk.Result {
	return []sdk.Result{
		{API: darwinAPI, Errno: 0, Class: sdk.OK, Source: "notify.h: the message was sent; only its delivery shows anything"},
		status(7, sdk.Denied, "notify.h"),
		status(9, sdk.Other, "Libnotify notify.3: the notification centre could not be looked up"),
		{API: distributedAPI, Errno: 0, Class: sdk.OK, Source: "CFNotificationCenter.h: the call returns nothing"},
		{API: distributedAPI, Errno: syscall.EPERM, Class: sdk.Denied, Source: "never seen: the call has no way to say so"},
	}
}

func status(n darwin.NotifyStatus, class sdk.Class, source string) sdk.Result {
	return sdk.Result{API: darwinAPI, Native: &sdk.Native{API: darwinAPI, Code: int64(n), Name: names[n]}, Class: class, Source: source}
}
