package pages

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestQuestions: each page of docs begins with the question that it answers, as
// a quotation below its title.
func TestQuestions(t *testing.T) {
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d pages in docs, %v", len(files), err)
	}
	decisions, err := filepath.Glob("../../docs/design/*.md")
	if err != nil || len(decisions) < 15 {
		t.Fatalf("%d pages in docs/design, %v", len(decisions), err)
	}
	for _, file := range append(files, decisions...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !asks(string(text)) {
			t.Errorf("%s: below the title, want a line with > and the question that the page answers", file)
		}
	}
}

// asks reports whether a page has a title and then a quotation that ends with
// a question mark.
func asks(page string) bool {
	title, rest, ok := strings.Cut(page, "\n\n> ")
	question, _, end := strings.Cut(rest, "\n\n")
	return ok && end && strings.HasSuffix(question, "?") &&
		strings.HasPrefix(title, "# ") && !strings.Contains(title, "\n")
}

func TestAsks(t *testing.T) {
	for page, want := range map[string]bool{
		"# T\n\n> How?\n\nSo.\n":            true,
		"# T\n\n> How does\n> it?\n\nSo.\n": true,
		"# T\n\nSo.\n\n> How?\n\n":          false,
		"# T\n\n> It does.\n\nHow?\n\n":     false,
		"> How?\n\nSo.\n":                   false,
	} {
		if got := asks(page); got != want {
			t.Errorf("%q: %v, want %v", page, got, want)
		}
	}
}
