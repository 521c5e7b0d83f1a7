package codesign

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// linked builds the smallest Go program for darwin.
func linked(t *testing.T, arch string) []byte {
	t.Helper()
	dir := t.TempDir()
	main := filepath.Join(dir, "main.go")
	if err := os.WriteFile(main, []byte("package main\n\nfunc main() {}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(dir, "main"), main)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=darwin", "GOARCH="+arch)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building for darwin/%s: %v\n%s", arch, err, out)
	}
	b, err := os.ReadFile(filepath.Join(dir, "main"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestLinker: a program from Go's linker is signed right, and wrong after a change
// of any one of its pages.
func TestLinker(t *testing.T) {
	program := linked(t, "arm64")
	s, err := Check(program)
	if err != nil {
		t.Fatal(err)
	}
	if s.Flags != AdHoc|LinkerSigned || s.Identifier != "a.out" || s.Pages < 2 || len(s.CDHash) != 40 {
		t.Errorf("signature %+v", *s)
	}
	for page := range s.Pages {
		at := page * s.PageSize
		if page == 0 {
			at = 0x1000 - 1 // its head is the Mach-O header
		}
		program[at] ^= 1
		if _, err := Check(program); err == nil || !strings.Contains(err.Error(), "is not what was signed") {
			t.Fatalf("page %d changed: %v", page, err)
		}
		program[at] ^= 1
	}
	if _, err := Check(linked(t, "amd64")); !errors.Is(err, ErrUnsigned) {
		t.Errorf("an amd64 program: %v", err)
	}
}

// Offsets in what tiny makes.
const (
	tinyLoad = 32   // the load command
	tinyCode = 6000 // bytes before the signature: two pages
	tinyDir  = tinyCode + superHeader + superEntry
)

// tiny is a Mach-O file of two pages with nothing but a signature.
func tiny() []byte {
	le, be := binary.LittleEndian, binary.BigEndian
	code := make([]byte, tinyCode)
	for i, w := range []uint32{0xfeedfacf, 0x0100000c, 0, 2, 1, 16, 0, 0, loadCodeSignature, 16, tinyCode, 0} {
		le.PutUint32(code[4*i:], w)
	}
	name := []byte("tiny\x00")
	length := directoryHeader + len(name) + 2*sha256.Size
	le.PutUint32(code[tinyLoad+12:], uint32(superHeader+superEntry+length))
	sig := be.AppendUint32(nil, magicSuperBlob)
	for _, w := range []int{superHeader + superEntry + length, 1, slotCodeDirectory, superHeader + superEntry} {
		sig = be.AppendUint32(sig, uint32(w))
	}
	for _, w := range []int{
		magicCodeDirectory, length, 0x20001, int(AdHoc), directoryHeader + len(name), directoryHeader, 0, 2, tinyCode,
	} {
		sig = be.AppendUint32(sig, uint32(w))
	}
	sig = append(sig, sha256.Size, hashSHA256, 0, 12, 0, 0, 0, 0)
	sig = append(sig, name...)
	for page := range slices.Chunk(code, 4096) {
		sum := sha256.Sum256(page)
		sig = append(sig, sum[:]...)
	}
	return append(code, sig...)
}

// TestDamage: each way to be wrong has its own words.
func TestDamage(t *testing.T) {
	if s, err := Check(tiny()); err != nil || s.Identifier != "tiny" || s.Pages != 2 {
		t.Fatalf("%+v, %v", s, err)
	}
	set := func(at int, w uint32) func([]byte) []byte {
		return func(b []byte) []byte { binary.BigEndian.PutUint32(b[at:], w); return b }
	}
	load := func(at int, w uint32) func([]byte) []byte {
		return func(b []byte) []byte { binary.LittleEndian.PutUint32(b[tinyLoad+at:], w); return b }
	}
	for _, c := range []struct {
		name   string
		damage func([]byte) []byte
		want   string
	}{
		{"not Mach-O", func([]byte) []byte { return []byte("\x7fELF, say") }, "reading the Mach-O file"},
		{"32 bits", func(b []byte) []byte { b[0] = 0xce; return b }, "reading the Mach-O file"},
		{"another load command", load(0, 0x99), "no code signature"},
		{"signature beyond the end", load(8, 1<<31), "the code signature ends at"},
		{"signature before the end", load(12, 20), "the code signature ends at"},
		{"cut off", func(b []byte) []byte { return b[:len(b)-1] }, "the code signature ends at"},
		{"more after it", func(b []byte) []byte { return append(b, 0) }, "the code signature ends at"},
		{"super blob's magic", set(tinyCode, 1), "super blob: magic number"},
		{"super blob's length", set(tinyCode+4, 1<<20), "super blob: length"},
		{"index too long", set(tinyCode+8, 1<<31), "do not fit"},
		{"no code directory", set(tinyCode+12, 2), "no code directory"},
		{"code directory outside", set(tinyCode+16, 1<<31), "code directory: at"},
		{"code directory's magic", set(tinyDir, magicSuperBlob), "code directory: magic number"},
		{"code directory's length", set(tinyDir+4, 20), "code directory: length"},
		{"signed by somebody", set(tinyDir+12, uint32(LinkerSigned)), "not ad hoc: flags 0x20000"},
		{"hashes outside", set(tinyDir+16, 1<<31), "bytes of hashes"},
		{"identifier outside", set(tinyDir+20, 1<<31), "identifier at"},
		{"identifier without end", set(tinyDir+20, uint32(len(tiny())-tinyDir-1)), "identifier has no end"},
		{"a page less", set(tinyDir+28, 1), "1 page hashes, the code 2 pages"},
		{"less covered", set(tinyDir+32, 4096), "covers 4096 bytes and begins at 6000"},
		{"SHA-1", func(b []byte) []byte { b[tinyDir+37] = 1; return b }, "not SHA-256"},
		{"page size", func(b []byte) []byte { b[tinyDir+39] = 63; return b }, "pages of 2^63 bytes"},
		{"a byte of the code", func(b []byte) []byte { b[5999] = 1; return b }, "page 1, at 0x1000, is not what was signed"},
		{"a byte of a hash", func(b []byte) []byte { b[len(b)-40] ^= 1; return b }, "page 0, at 0x0, is not what was signed"},
	} {
		if _, err := Check(c.damage(tiny())); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// FuzzCheck: no file ends the program, and a file that was found right is wrong
// after one of the bytes that are covered has changed.
func FuzzCheck(f *testing.F) {
	f.Add(tiny(), uint(5000))
	f.Add(tiny()[:tinyDir+20], uint(0))
	f.Fuzz(func(t *testing.T, program []byte, at uint) {
		if _, err := Check(program); err != nil {
			return
		}
		where, err := locate(program)
		if err != nil || where.offset == 0 {
			t.Fatalf("found right, and lies at %+v: %v", where, err)
		}
		changed := bytes.Clone(program)
		changed[at%uint(where.offset)] ^= 0x55
		if _, err := Check(changed); err == nil {
			t.Errorf("byte %d changed and the signature is still right", at%uint(where.offset))
		}
	})
}
