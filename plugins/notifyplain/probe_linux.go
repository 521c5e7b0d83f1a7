package notifyplain

import (
	"errors"

	"github.com/hrhost/hrhost/sdk"
)

func post(*sdk.Recorder) error { return errors.New("there is no notify_post on this system") }
