package launch

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// MaxBinary is the largest plugin binary that Open takes.
const MaxBinary = 512 << 20

// Binary is a program whose bytes were read once: hashed, and held in a private
// copy that nobody can change, from which it is executed.
type Binary struct {
	Path   string // where the bytes were read
	Digest string // sha256:<hex>
	Size   int64
	file   *os.File
}

// Open reads the program at path. The errors are sentences that a person can
// act on: not there, not a file, not executable.
func Open(path string) (*Binary, error) {
	src, err := program(path)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	dst, err := privateFile(path)
	if err != nil {
		return nil, openError(path, err)
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(dst, sum), io.LimitReader(src, MaxBinary))
	if err == nil {
		dst, err = freeze(dst)
	}
	if err != nil {
		discard(dst)
		return nil, openError(path, err)
	}
	return &Binary{Path: path, Digest: "sha256:" + hex.EncodeToString(sum.Sum(nil)), Size: n, file: dst}, nil
}

// Check refuses what Open refuses at first sight, in the same words, and reads
// nothing of it.
func Check(path string) error {
	src, err := program(path)
	if err != nil {
		return err
	}
	return src.Close()
}

// program opens a file that may be a program.
func program(path string) (*os.File, error) {
	src, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // nobody may ever write to a FIFO
	if err != nil {
		return nil, openError(path, err)
	}
	info, err := src.Stat()
	switch {
	case err != nil:
		err = openError(path, err)
	case !info.Mode().IsRegular():
		err = openError(path, errors.New("not a regular file"))
	case info.Mode().Perm()&0o111 == 0:
		err = &Error{Name: path, Step: "open", Cause: errors.New("not executable"), Hint: "chmod +x " + path}
	case info.Size() > MaxBinary:
		err = openError(path, fmt.Errorf("%d bytes, more than the %d that are taken", info.Size(), MaxBinary))
	}
	if err != nil {
		src.Close()
		return nil, err
	}
	return src, nil
}

// Close frees the private copy; processes that run from it go on.
func (b *Binary) Close() error { return discard(b.file) }

// ErrNoFile is the cause of an Error whose program is not there.
var ErrNoFile = errors.New("no such file")

func openError(path string, err error) error {
	e := &Error{Name: path, Step: "open", Cause: err}
	if errors.Is(err, fs.ErrNotExist) {
		e.Cause = ErrNoFile
		e.Hint = "build the plugins with `make build`, or name one with [plugin.NAME] path"
	}
	return e
}

// openTrampoline opens hrhost's own program. Without it somebody moved hrhost
// alone.
func openTrampoline(path string) (*Binary, error) {
	b, err := Open(path)
	var le *Error
	if errors.Is(err, ErrNoFile) && errors.As(err, &le) {
		le.Hint = "hrhost needs the programs that were built with it beside it; a symbolic link to hrhost may be anywhere"
	}
	return b, err
}
