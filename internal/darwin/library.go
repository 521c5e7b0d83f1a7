//go:build darwin || linux

package darwin

import (
	"fmt"
	"sync"

	"github.com/ebitengine/purego"
)

// library is one dynamic library, opened at the first call into it. The paths
// have no files behind them on current macOS: dyld finds them in its cache.
type library struct {
	path    string
	once    sync.Once
	handle  uintptr
	err     error
	symbols []*symbol
}

var (
	system  = &library{path: "/usr/lib/libSystem.B.dylib"}
	sandbox = &library{path: "/usr/lib/libsandbox.1.dylib"}
	cf      = &library{path: "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation"}
)

// libraries are all that this package opens.
var libraries = []*library{system, sandbox, cf}

// symbol is one exported name, resolved at its first use.
type symbol struct {
	lib  *library
	name string
	once sync.Once
	at   uintptr
	err  error
}

// symbol declares a name that this package binds.
func (l *library) symbol(name string) *symbol {
	s := &symbol{lib: l, name: name}
	l.symbols = append(l.symbols, s)
	return s
}

// address resolves the symbol.
func (s *symbol) address() (uintptr, error) {
	s.once.Do(func() {
		s.lib.once.Do(func() {
			s.lib.handle, s.lib.err = purego.Dlopen(s.lib.path, purego.RTLD_NOW|purego.RTLD_GLOBAL)
		})
		if s.err = s.lib.err; s.err == nil {
			s.at, s.err = purego.Dlsym(s.lib.handle, s.name)
		}
	})
	if s.err != nil {
		return 0, &MissingSymbol{Library: s.lib.path, Symbol: s.name, Cause: s.err}
	}
	return s.at, nil
}

// Resolve looks up every symbol that a probe may need, since a profile may deny
// what that takes: a probe's answer is then about its own call. A symbol that is
// missing says so when it is used.
func Resolve() {
	for _, l := range []*library{system, cf} {
		for _, s := range l.symbols {
			s.address()
		}
	}
}

// MissingSymbol is a name that this system does not export.
type MissingSymbol struct {
	Library string
	Symbol  string
	Cause   error
}

func (e *MissingSymbol) Error() string {
	return fmt.Sprintf("binding %s of %s: %v", e.Symbol, e.Library, e.Cause)
}

func (e *MissingSymbol) Unwrap() error { return e.Cause }
