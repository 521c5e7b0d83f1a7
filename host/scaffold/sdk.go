package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Module is the path of the module that has package sdk.
const Module = "github.com/hrhost/hrhost"

// SDK is where the new module finds package sdk.
type SDK struct {
	Version  string   // that it requires
	Go       string   // the language version
	Replace  string   // a checkout to use instead, as go.mod writes it; "" for a release
	Indirect []string // "path version" of what the SDK needs; the go command adds them to a release
	Sums     []byte   // go.sum, of a checkout
}

// Release is a published version: the go command completes go.mod.
func Release(version, language string) SDK { return SDK{Version: version, Go: language} }

// needed are the modules that packages sdk and sdktest are built from, on any
// system.
var needed = []string{
	"github.com/ebitengine/purego", "github.com/planetscale/vtprotobuf", "golang.org/x/net", "golang.org/x/sys", "golang.org/x/text",
	"google.golang.org/genproto/googleapis/rpc", "google.golang.org/grpc", "google.golang.org/protobuf",
}

// Checkout uses the source in dir, which is not released. go.mod is complete, so
// that the module builds offline.
func Checkout(dir string) (SDK, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return SDK{}, err
	}
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return SDK{}, fmt.Errorf("reading the SDK's module: %w", err)
	}
	if !bytes.HasPrefix(mod, []byte("module "+Module+"\n")) {
		return SDK{}, fmt.Errorf("reading the SDK's module: %s is not of %s", filepath.Join(dir, "go.mod"), Module)
	}
	s := SDK{Version: "v0.0.0", Replace: quote(dir), Indirect: requirements(string(mod))}
	if m := goLine.FindSubmatch(mod); m != nil {
		s.Go = string(m[1])
	}
	if s.Sums, err = os.ReadFile(filepath.Join(dir, "go.sum")); err != nil {
		return SDK{}, fmt.Errorf("reading the SDK's module: %w", err)
	}
	if s.Go == "" || len(s.Indirect) == 0 {
		return SDK{}, errors.New("reading the SDK's module: its go.mod has no go line or no requirements")
	}
	return s, nil
}

// IsCheckout reports whether a directory is one.
func IsCheckout(dir string) bool {
	_, err := Checkout(dir)
	return err == nil
}

var goLine = regexp.MustCompile(`(?m)^go (\S+)$`)

// requirements are the versions that go.mod has of what is needed.
func requirements(mod string) (list []string) {
	for line := range strings.Lines(mod) {
		f := strings.Fields(line)
		if len(f) > 0 && f[0] == "require" {
			f = f[1:]
		}
		if len(f) >= 2 && slices.Contains(needed, f[0]) {
			list = append(list, f[0]+" "+f[1])
		}
	}
	slices.Sort(list)
	return list
}

// quote writes a path as go.mod takes it.
func quote(path string) string {
	if strings.ContainsAny(path, " \t\"'`,()[]") || strings.Contains(path, "//") {
		return strconv.Quote(path)
	}
	return path
}
