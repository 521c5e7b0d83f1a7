package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hrhost/hrhost/host/run"
)

// TestOperationsPage holds the table of docs/operations.md against what this
// world decides.
func TestOperationsPage(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the page has the table of Linux")
	}
	var out bytes.Buffer
	if err := showOperations(&ui{out: &out}, "", run.Mediations()); err != nil {
		t.Fatal(err)
	}
	page := filepath.Join(root, "docs/operations.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const open, shut = "<!-- table: written by go test ./host/cmd/hrhost -run OperationsPage -update -->\n```\n", "```\n"
	head, rest, ok := strings.Cut(string(text), open)
	table, tail, closed := strings.Cut(rest, shut)
	if !ok || !closed {
		t.Fatalf("%s has no table", page)
	}
	if table == out.String() {
		return
	}
	if !*update {
		t.Fatalf("the table of %s is not what hrhost world --operations prints; -update writes it", page)
	}
	if err := os.WriteFile(page, []byte(head+open+out.String()+shut+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}
