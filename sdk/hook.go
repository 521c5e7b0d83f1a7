package sdk

import (
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sdk/internal/hook"
)

func init() {
	hook.NewServer = func(spec any, scratch string) wire.Server {
		return newServer(spec.(*Spec), scratch, nil)
	}
	hook.Validate = func(spec any) error { return validate(spec.(*Spec)) }
	hook.RunChild = func(spec any) bool { return runChild(spec.(*Spec)) }
}
