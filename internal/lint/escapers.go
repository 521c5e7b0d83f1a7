package lint

import (
	"fmt"
	"go/ast"
	"go/token"
)

// classifiers are the functions of strconv and unicode that an escaper is built on.
var classifiers = map[string]bool{
	"IsGraphic": true, "IsPrint": true, "IsControl": true, "QuoteToGraphic": true, "AppendQuoteToGraphic": true,
}

// Escapers returns a finding for each use of a function that tells shown characters
// from hidden ones. Package internal/text has the one escaper for each sink.
func Escapers(files *token.FileSet, file *ast.File) []string {
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		if !ok || !classifiers[s.Sel.Name] {
			return true
		}
		if pkg, ok := s.X.(*ast.Ident); ok && (pkg.Name == "strconv" || pkg.Name == "unicode") {
			found = append(found, fmt.Sprintf("%s: %s.%s: escape text with internal/text",
				place(files, s.Pos()), pkg.Name, s.Sel.Name))
		}
		return true
	})
	return found
}
