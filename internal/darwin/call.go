//go:build darwin || linux

package darwin

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"unsafe"
)

// Failure is a call that said no.
type Failure struct {
	Call  string        // the C name
	RC    int           // what the call returned, as the C type it has
	Errno syscall.Errno // 0 when the call sets none
	Text  string        // the call's own words: sandbox_init's error buffer
}

func (e *Failure) Error() string {
	s := fmt.Sprintf("%s returned %d", e.Call, e.RC)
	if e.Errno != 0 {
		s += ": " + e.Errno.Error()
	}
	if e.Text != "" {
		s += ": " + e.Text
	}
	return s
}

// Unwrap gives the errno, so that errors.Is works.
func (e *Failure) Unwrap() error {
	if e.Errno == 0 {
		return nil
	}
	return e.Errno
}

// frame holds the Go memory of one call in place until release.
type frame struct {
	runtime.Pinner
	err error // an argument that can't be passed
}

// text is a C string. Text with a NUL byte would reach C cut short.
func (f *frame) text(s string) uintptr {
	if strings.IndexByte(s, 0) >= 0 {
		f.err = errors.Join(f.err, fmt.Errorf("passing %q to C: it has a NUL byte", s))
		return 0
	}
	b := append([]byte(s), 0)
	return pin(f, &b[0])
}

// pin is the address of p, which stays valid until the frame is unpinned.
func pin[T any](f *frame, p *T) uintptr {
	f.Pin(p)
	return uintptr(unsafe.Pointer(p))
}

// call calls s. The result is the whole register: narrow it with [asInt] where
// C declares an int. The errno means something only when the result says that
// the call failed, since success leaves an old one in place.
func (f *frame) call(s *symbol, args ...uintptr) (r uintptr, errno syscall.Errno, err error) {
	at, err := s.address()
	if err := errors.Join(f.err, err); err != nil {
		return 0, 0, err
	}
	r, word := invoke(at, args)
	return r, narrow(word), nil
}

// narrow takes errno, an int, out of the 64 bits that purego loads from its
// address: the upper half belongs to whatever lies behind it.
func narrow(word uintptr) syscall.Errno { return syscall.Errno(uint32(word)) }

// asInt is a C int result. The upper half of its register is not defined, and
// -1 arrives as 0xFFFFFFFF.
func asInt(r uintptr) int { return int(int32(uint32(r))) }

// pointer turns an address that C gave into a pointer.
func pointer[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// goText copies a C string that C owns.
func goText(address uintptr) string {
	if address == 0 {
		return ""
	}
	first := pointer[byte](address)
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(first), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(first, n))
}

// word32 reads a data symbol of four bytes.
func word32(s *symbol) (uint32, error) {
	at, err := s.address()
	if err != nil {
		return 0, err
	}
	return *pointer[uint32](at), nil
}
