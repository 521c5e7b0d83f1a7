package linux

import (
	"encoding/binary"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// exit42 and foreign77 are machine code: exit(42), and exit of minus what a call
// of a foreign kind answers.
var (
	exit42 = map[string][]byte{
		"amd64": {0xb8, 60, 0, 0, 0, 0xbf, 42, 0, 0, 0, 0x0f, 0x05},                       // mov eax,60; mov edi,42; syscall
		"arm64": {0xa8, 0x0b, 0x80, 0xd2, 0x40, 0x05, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4}, // mov x8,#93; mov x0,#42; svc #0
	}
	foreignExit = []byte{ // amd64
		0xb8, 0xff, 0x7f, 0, 0, // mov eax,0x7fff: no call has this number
		0xcd, 0x80, // int 0x80
		0x89, 0xc7, // mov edi,eax
		0xf7, 0xdf, // neg edi
		0xb8, 60, 0, 0, 0, 0x0f, 0x05, // mov eax,60; syscall
	}
)

// tinyProgram is a whole program around machine code, for this machine: a header
// and one segment.
func tinyProgram(code []byte) []byte {
	const base, headers = 0x400000, 64 + 56
	le := binary.LittleEndian
	b := make([]byte, headers)
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint16(b[16:], 2) // executable
	le.PutUint16(b[18:], map[string]uint16{"amd64": 62, "arm64": 183}[runtime.GOARCH])
	le.PutUint32(b[20:], 1)
	le.PutUint64(b[24:], base+headers) // entry
	le.PutUint64(b[32:], 64)           // program headers
	le.PutUint16(b[52:], 64)
	le.PutUint16(b[54:], 56)
	le.PutUint16(b[56:], 1)
	p := b[64:]
	le.PutUint32(p[0:], 1) // load
	le.PutUint32(p[4:], 5) // readable, executable
	le.PutUint64(p[16:], base)
	le.PutUint64(p[24:], base)
	size := uint64(headers + len(code))
	le.PutUint64(p[32:], size)
	le.PutUint64(p[40:], size)
	le.PutUint64(p[48:], 0x1000)
	return append(b, code...)
}

// memfd makes an anonymous file that may be executed and sealed, with text in it.
func memfd(text []byte) (*os.File, error) {
	const flags = unix.MFD_CLOEXEC | unix.MFD_ALLOW_SEALING
	fd, err := unix.MemfdCreate("hrhost-selftest", flags|unix.MFD_EXEC)
	if err == unix.EINVAL { // before 6.3
		fd, err = unix.MemfdCreate("hrhost-selftest", flags)
	}
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	f := os.NewFile(uintptr(fd), "memfd")
	_, err = f.Write(text)
	return f, err
}
