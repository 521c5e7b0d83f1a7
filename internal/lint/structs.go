package lint

import (
	"cmp"
	"go/ast"
	"slices"
)

// Struct is a struct type of a package, with the methods of all its files.
type Struct struct {
	Name    string // "host/run.Options"
	Fields  int    // an embedded one counts once
	Methods int
}

// Large reports that a struct may be a package by itself: more fields or methods than
// a reader keeps in mind.
func (s Struct) Large() bool { return s.Fields > MaxFields || s.Methods > MaxMethods }

// MaxFields and MaxMethods are what a struct has at most without a stated reason.
const (
	MaxFields  = 12
	MaxMethods = 15
)

// Structs returns the structs of a package's files that people wrote, by name. Of a
// method that several systems have, each in its file, one counts. The files may be of
// any system and of any build tag.
func Structs(pkg string, files []*ast.File) []Struct {
	fields, methods := map[string]int{}, map[string]map[string]bool{}
	for _, file := range files {
		if ast.IsGenerated(file) {
			continue
		}
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if t, ok := spec.(*ast.TypeSpec); ok {
						if s, ok := t.Type.(*ast.StructType); ok {
							fields[t.Name.Name] = max(fields[t.Name.Name], countFields(s))
						}
					}
				}
			case *ast.FuncDecl:
				if name := receiver(d); name != "" {
					if methods[name] == nil {
						methods[name] = map[string]bool{}
					}
					methods[name][d.Name.Name] = true
				}
			}
		}
	}
	var out []Struct
	for name, n := range fields {
		out = append(out, Struct{Name: pkg + "." + name, Fields: n, Methods: len(methods[name])})
	}
	slices.SortFunc(out, func(a, b Struct) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func countFields(s *ast.StructType) (n int) {
	for _, f := range s.Fields.List {
		n += max(1, len(f.Names))
	}
	return n
}

// receiver is the name of the type that a method belongs to, "" for a function.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) != 1 {
		return ""
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr: // of a generic type
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}
