package run

import (
	"context"
	"path/filepath"
	"time"

	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/host/probing"
	"github.com/hrhost/hrhost/internal/wire"
)

// Describe asks the program at path what it is. It is launched and contained as
// in a baseline, and makes no attempt.
func Describe(ctx context.Context, opts Options, path string) (*wire.Description, error) {
	binary, err := launch.Open(path)
	if err != nil {
		return nil, err
	}
	defer binary.Close()
	launcher, err := launch.NewLauncher(filepath.Join(opts.Bin, "hrhost-trampoline"))
	if err != nil {
		return nil, err
	}
	defer launcher.Close()
	launcher.Fence(append(opts.Private, opts.TempDir)...)
	r := opts.host(launcher).Run(ctx, probing.Job{Name: filepath.Base(path), Binary: binary, Timeout: time.Minute, Log: opts.Debug})
	if r.Err != nil {
		return nil, r.Err
	}
	return r.Description, nil
}
