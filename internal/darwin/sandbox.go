//go:build darwin || linux

package darwin

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"syscall"
	"unsafe"
)

var (
	sandboxInit      = system.symbol("sandbox_init_with_parameters")
	sandboxFreeError = system.symbol("sandbox_free_error")

	sandboxCompileString = sandbox.symbol("sandbox_compile_string")
	sandboxFreeProfile   = sandbox.symbol("sandbox_free_profile")
	sandboxCreateParams  = sandbox.symbol("sandbox_create_params")
	sandboxSetParam      = sandbox.symbol("sandbox_set_param")
	sandboxFreeParams    = sandbox.symbol("sandbox_free_params")
)

// Init applies SBPL text to this process, for good, by
// sandbox_init_with_parameters with flags 0. On failure the library also prints
// a line to descriptor 2. fact:apply.sbpl-text, fact:apply.error-buffer
func Init(sbpl string, params map[string]string) error {
	f := new(frame)
	defer f.Unpin()
	list := f.parameters(params)
	message := new(uintptr)
	r, errno, err := f.call(sandboxInit, f.text(sbpl), 0, pin(f, &list[0]), pin(f, message))
	if err != nil {
		return fmt.Errorf("applying the profile: %w", err)
	}
	return f.applied(sandboxInit, r, errno, *message)
}

// applied reads an int result and an error buffer, and frees the buffer.
func (f *frame) applied(s *symbol, r uintptr, errno syscall.Errno, message uintptr) error {
	text := goText(message)
	if message != 0 {
		f.call(sandboxFreeError, message)
	}
	if asInt(r) == 0 {
		return nil
	}
	return &Failure{Call: s.name, RC: asInt(r), Errno: errno, Text: text}
}

// parameters is the flat, null-terminated array of keys and values, in the keys'
// order.
func (f *frame) parameters(params map[string]string) []uintptr {
	list := make([]uintptr, 0, 2*len(params)+1)
	for _, key := range slices.Sorted(maps.Keys(params)) {
		list = append(list, f.text(key), f.text(params[key]))
	}
	return append(list, 0)
}

// sandboxProfile is what sandbox_profile_t points to.
// Source: chromium sandbox/mac/seatbelt.cc; WebKit SandboxSPI.h.
// fact:compile.profile-layout
type sandboxProfile struct {
	_    uintptr // builtin
	data uintptr
	size uintptr
}

// Compile returns SBPL text in its compiled form, by sandbox_compile_string.
// fact:compile.exports
func Compile(sbpl string, params map[string]string) ([]byte, error) {
	f := new(frame)
	defer f.Unpin()
	list, err := f.newParams(params)
	if err != nil {
		return nil, err
	}
	defer new(frame).call(sandboxFreeParams, list) // f may hold a text that can't be passed
	message := new(uintptr)
	r, errno, err := f.call(sandboxCompileString, f.text(sbpl), list, pin(f, message))
	if err != nil {
		return nil, fmt.Errorf("compiling the profile: %w", err)
	}
	if r == 0 {
		return nil, f.applied(sandboxCompileString, ^uintptr(0), errno, *message)
	}
	defer f.call(sandboxFreeProfile, r)
	p := pointer[sandboxProfile](r)
	if p.data == 0 || p.size == 0 || p.size > maxCompiled {
		return nil, fmt.Errorf("compiling the profile: %d bytes at %#x", p.size, p.data)
	}
	return slices.Clone(unsafe.Slice(pointer[byte](p.data), p.size)), nil
}

// maxCompiled is far more than any compiled profile has.
const maxCompiled = 64 << 20

// newParams is a sandbox_params_t, to be freed by the caller. Its texts stay
// pinned with the frame: nobody says that sandbox_set_param copies them.
func (f *frame) newParams(params map[string]string) (uintptr, error) {
	list, _, err := f.call(sandboxCreateParams)
	if err == nil && list == 0 {
		err = errors.New("sandbox_create_params returned null")
	}
	if err != nil {
		return 0, fmt.Errorf("compiling the profile: %w", err)
	}
	for _, key := range slices.Sorted(maps.Keys(params)) {
		r, errno, err := f.call(sandboxSetParam, list, f.text(key), f.text(params[key]))
		if err == nil && asInt(r) != 0 {
			err = &Failure{Call: sandboxSetParam.name, RC: asInt(r), Errno: errno}
		}
		if err != nil {
			new(frame).call(sandboxFreeParams, list)
			return 0, fmt.Errorf("compiling the profile: parameter %q: %w", key, err)
		}
	}
	return list, nil
}
