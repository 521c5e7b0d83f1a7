package notify

import (
	"syscall"

	"github.com/hrhost/hrhost/sdk"
)

const api = "notify_post"

var carriers = map[string]string{
	"darwin-notification-post":      "notify_post NAME",
	"distributed-notification-post": "CFNotificationCenterPostNotification NAME",
}

func postDarwin(rec *sdk.Recorder) error {
	rec.Skip("Seatbelt comes with a later step")
	return nil
}

func postDistributed(rec *sdk.Recorder) error { return postDarwin(rec) }

// results will have notify's own codes; EPERM keeps the table whole until then.
func results() []sdk.Result {
	return []sdk.Result{{API: api, Errno: syscall.EPERM, Class: sdk.Denied, Source: "not used yet"}}
}
