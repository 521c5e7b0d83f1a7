package verify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestCodes: docs/bundle.md lists the codes of each check, and no others.
func TestCodes(t *testing.T) {
	described, used := describedCodes(t), usedCodes(t)
	for _, check := range slices.Sorted(maps.Keys(used)) {
		for code := range used[check] {
			if !described[check][code] {
				t.Errorf("docs/bundle.md: check %s has no code %s", check, code)
			}
		}
	}
	for check, codes := range described {
		for code := range codes {
			if !used[check][code] {
				t.Errorf("docs/bundle.md: no finding of check %s has the code %s", check, code)
			}
		}
	}
}

// describedCodes are the codes of each check in the table of findings.
func describedCodes(t *testing.T) map[string]map[string]bool {
	text, err := os.ReadFile("../../docs/bundle.md")
	must(t, err)
	_, table, _ := strings.Cut(string(text), "\n| check | codes |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	codes := map[string]map[string]bool{}
	for line := range strings.Lines(table) {
		names := regexp.MustCompile("`([a-z0-9_]+)`").FindAllStringSubmatch(line, -1)
		codes[names[0][1]] = map[string]bool{}
		for _, name := range names[1:] {
			codes[names[0][1]][name[1]] = true
		}
	}
	return codes
}

// usedCodes are the codes of each check in this package's calls of findings.add.
func usedCodes(t *testing.T) map[string]map[string]bool {
	files, err := filepath.Glob("*.go")
	must(t, err)
	codes := map[string]map[string]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		must(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			fun, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || fun.Sel.Name != "add" {
				return true
			}
			checks, code := []string{"plan", "profiles"}, literal(t, call.Args[1]) // of fileDigest
			if _, ok := call.Args[0].(*ast.BasicLit); ok {
				checks = []string{literal(t, call.Args[0])}
			}
			for _, check := range checks {
				if codes[check] == nil {
					codes[check] = map[string]bool{}
				}
				codes[check][code] = true
			}
			return true
		})
	}
	return codes
}

func literal(t *testing.T, e ast.Expr) string {
	t.Helper()
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		t.Fatalf("%v is not a string literal", e)
	}
	text, err := strconv.Unquote(lit.Value)
	must(t, err)
	return text
}
