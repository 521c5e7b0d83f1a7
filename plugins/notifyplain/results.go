package notifyplain

import "github.com/hrhost/hrhost/sdk"

// Statuses of notify.h.
const (
	notAuthorized  = 7
	serverNotFound = 9
)

var names = map[int64]string{
	1: "NOTIFY_STATUS_INVALID_NAME", notAuthorized: "NOTIFY_STATUS_NOT_AUTHORIZED",
	serverNotFound: "NOTIFY_STATUS_SERVER_NOT_FOUND", 1000000: "NOTIFY_STATUS_FAILED",
}

func results() []sdk.Result {
	return []sdk.Result{
		{API: carrier, Errno: 0, Class: sdk.OK, Source: "notify.h: the message was sent; only its delivery shows anything"},
		status(notAuthorized, sdk.Denied, "notify.h"),
		status(serverNotFound, sdk.Other, "Libnotify notify.3: the notification centre could not be looked up"),
	}
}

func status(n int64, class sdk.Class, source string) sdk.Result {
	return sdk.Result{API: carrier, Native: native(n), Class: class, Source: source}
}

func native(n int64) *sdk.Native { return &sdk.Native{API: carrier, Code: n, Name: names[n]} }
