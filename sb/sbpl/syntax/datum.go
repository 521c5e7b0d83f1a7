// Package syntax reads SBPL text into data. Every datum knows its position, so
// that whatever is wrong, or whatever decides, can be named as file:line:col.
//
// The reader accepts the lexical forms of TinyScheme 1.38 that profiles use:
// lists, dotted pairs, vectors, symbols, integers and fractions, strings with escapes,
// raw strings #"...", booleans, characters, the four quote marks, and comments
// from ; or #! to the end of the line. It never panics and nests to a bounded
// depth.
package syntax

import "fmt"

// Pos is a place in a file; lines and columns count from 1, columns in bytes.
type Pos struct {
	File string
	Line int
	Col  int
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col) }

// Datum is one of *Pair, Empty, Symbol, *Str, int64, float64, bool, Char and
// *Vector.
type Datum = any

// Symbol is a name of at most MaxSymbol bytes; case counts.
type Symbol string

// MaxSymbol bounds a symbol, in bytes: each search for a name compares it.
// TinyScheme reads 255.
const MaxSymbol = 1024

// Char is a character.
type Char rune

// Str is a string. Two equal strings are two objects, as eq? can tell.
type Str struct{ S string }

// Empty is the empty list.
type Empty struct{}

// Pair is a cell. Pos is where its list begins, for the first cell, and where
// its element begins for the others.
type Pair struct {
	Car, Cdr Datum
	Pos      Pos
	Text     string // of the first cell of a list that was read: the list as written
}

// Vector is a vector.
type Vector struct{ Items []Datum }

// Error is text that cannot be read.
type Error struct {
	Pos Pos
	Msg string
}

func (e *Error) Error() string { return e.Pos.String() + ": " + e.Msg }
