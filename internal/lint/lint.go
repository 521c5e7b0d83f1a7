// Package lint finds faults of form in Go source that vet and staticcheck do not
// look for. Its tests hold the whole repository to it.
package lint

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
)

// DeferredResults returns a finding, "file:line: text", for each deferred closure
// that uses a member of a named result which a return of the same function
// replaces:
//
//	func open() (f *File, err error) {
//		f = &File{}
//		defer func() {
//			if err != nil {
//				f.Close() // f is nil here
//			}
//		}()
//		if err = f.lock(); err != nil {
//			return nil, err
//		}
//
// A return assigns its operands to the results before deferred functions run. So
// the closure panics, or, where it tests for nil, leaves open the file that it
// should close. A local variable next to an unnamed result is right.
//
// The check knows no types: it exempts results of type error, which deferred
// closures read on purpose.
func DeferredResults(files *token.FileSet, file *ast.File) []string {
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		typ, body := function(n)
		if body == nil {
			return true
		}
		results := namedResults(typ)
		if len(results) == 0 {
			return true
		}
		replaced := replacedResults(results, body)
		inspectOwn(body, func(n ast.Node) {
			d, ok := n.(*ast.DeferStmt)
			if !ok {
				return
			}
			closure, ok := d.Call.Fun.(*ast.FuncLit)
			if !ok {
				return
			}
			for name, at := range memberUses(closure) {
				if slices.Contains(replaced, name) {
					found = append(found, fmt.Sprintf("%s: a deferred closure uses the named result %s, "+
						"which a return replaces; use a local variable", place(files, at), name))
				}
			}
		})
		return true
	})
	slices.Sort(found)
	return found
}

func place(files *token.FileSet, at token.Pos) string {
	p := files.Position(at)
	return fmt.Sprintf("%s:%d", p.Filename, p.Line)
}

// function returns the type and the body of a function declaration or literal.
func function(n ast.Node) (*ast.FuncType, *ast.BlockStmt) {
	switch f := n.(type) {
	case *ast.FuncDecl:
		return f.Type, f.Body
	case *ast.FuncLit:
		return f.Type, f.Body
	}
	return nil, nil
}

// namedResults lists a function's results by position, "" for those that do not
// matter: the blank ones and the errors. It is nil for unnamed results.
func namedResults(typ *ast.FuncType) []string {
	if typ.Results == nil {
		return nil
	}
	var names []string
	for _, field := range typ.Results.List {
		t, _ := field.Type.(*ast.Ident)
		for _, name := range field.Names {
			if name.Name == "_" || t != nil && t.Name == "error" {
				names = append(names, "")
			} else {
				names = append(names, name.Name)
			}
		}
	}
	return names
}

// replacedResults returns the names to which a return in the body assigns
// something else than themselves. A return of one call assigns to all.
func replacedResults(results []string, body *ast.BlockStmt) []string {
	var replaced []string
	inspectOwn(body, func(n ast.Node) {
		r, ok := n.(*ast.ReturnStmt)
		if !ok || len(r.Results) == 0 {
			return
		}
		for i, name := range results {
			if name == "" {
				continue
			}
			if len(r.Results) == len(results) {
				if id, ok := r.Results[i].(*ast.Ident); ok && id.Name == name {
					continue
				}
			}
			replaced = append(replaced, name)
		}
	})
	return replaced
}

// inspectOwn visits the nodes of a body without those of functions within it. It
// visits the statement that defers one.
func inspectOwn(body *ast.BlockStmt, visit func(ast.Node)) {
	ast.Inspect(body, func(n ast.Node) bool {
		if _, nested := n.(*ast.FuncLit); nested {
			return false
		}
		if n != nil {
			visit(n)
		}
		return true
	})
}

// memberUses returns the variables of which the closure uses a member, a pointed
// at value or an element, with the first such place. It leaves out those that the
// closure declares.
func memberUses(closure *ast.FuncLit) map[string]token.Pos {
	uses, declared := map[string]token.Pos{}, map[string]bool{}
	use := func(x ast.Expr) {
		if id, ok := x.(*ast.Ident); ok && uses[id.Name] == token.NoPos {
			uses[id.Name] = id.Pos()
		}
	}
	for _, field := range closure.Type.Params.List {
		for _, name := range field.Names {
			declared[name.Name] = true
		}
	}
	ast.Inspect(closure.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			use(n.X)
		case *ast.StarExpr:
			use(n.X)
		case *ast.IndexExpr:
			use(n.X)
		case *ast.CallExpr: // close(done), cleanUp(file), undo()
			use(n.Fun)
			for _, arg := range n.Args {
				use(arg)
			}
		case *ast.RangeStmt:
			use(n.X)
			declare(declared, n.Key, n.Value)
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				declare(declared, n.Lhs...)
			}
		}
		return true
	})
	for name := range declared {
		delete(uses, name)
	}
	return uses
}

func declare(declared map[string]bool, names ...ast.Expr) {
	for _, e := range names {
		if id, ok := e.(*ast.Ident); ok {
			declared[id.Name] = true
		}
	}
}
