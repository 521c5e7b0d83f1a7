package main

import (
	"bytes"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/internal/pages"
)

// TestOperationsPage holds the table of docs/operations.md against what this
// world decides.
func TestOperationsPage(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the page has the table of Linux")
	}
	var out bytes.Buffer
	if err := showOperations(newUI(&out, &out), "", newPoint(point.Config{}).Covers()); err != nil {
		t.Fatal(err)
	}
	pages.Part{
		Path:  filepath.Join(root, "docs/operations.md"),
		Begin: "<!-- table: written by go test ./host/cmd/hrhost -run OperationsPage -update -->\n```\n", End: "```\n",
	}.Holds(t, out.String(), *update, "go test ./host/cmd/hrhost -run OperationsPage -update")
}
