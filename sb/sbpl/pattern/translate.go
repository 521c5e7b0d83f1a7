package pattern

import (
	"errors"
	"fmt"
	"strings"
)

// translation is an expression in Go's syntax, over the runes 0 to 255.
type translation struct {
	text    string
	classes string // with backslash-letters in brackets read as classes; "" when there are none
}

type translator struct {
	src       string
	at        int
	out       strings.Builder
	classes   bool // how to read a backslash and a letter in brackets
	ambiguous bool
}

func translate(src string) (translation, error) {
	t := &translator{src: src}
	if err := t.run(); err != nil {
		return translation{}, err
	}
	out := translation{text: t.out.String()}
	if t.ambiguous {
		c := &translator{src: src, classes: true}
		if err := c.run(); err != nil {
			return translation{}, err
		}
		out.classes = c.out.String()
	}
	return out, nil
}

func (t *translator) run() error {
	for t.at < len(t.src) {
		var err error
		switch c := t.src[t.at]; c {
		case '\\':
			err = t.escape()
		case '[':
			err = t.bracket()
		case '^':
			if t.at > 0 {
				err = fmt.Errorf("unexpected ^ operator in middle of expression %q", t.src)
			}
			t.copy()
		case '(':
			if strings.HasPrefix(t.src[t.at:], "(?") {
				err = fmt.Errorf("unexpected ? after ( in %q: flags and look-around do not exist here", t.src)
			}
			t.copy()
		case '*', '+', '?':
			err = t.quantifier()
		case '}':
			err = t.quantifier()
		default:
			t.copy()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// copy passes one byte on.
func (t *translator) copy() {
	t.out.WriteRune(rune(t.src[t.at]))
	t.at++
}

// quantifier refuses a second one behind it: what *? and ++ mean is not known.
func (t *translator) quantifier() error {
	closing := t.src[t.at] == '}' && !strings.Contains(t.src[:t.at], "{")
	t.copy()
	if !closing && t.at < len(t.src) && strings.IndexByte("*+?", t.src[t.at]) >= 0 {
		return fmt.Errorf("two quantifiers in a row in %q: lazy and possessive ones do not exist here", t.src)
	}
	return nil
}

func (t *translator) escape() error {
	if t.at+1 == len(t.src) {
		return fmt.Errorf("trailing backslash in %q", t.src)
	}
	if c := t.src[t.at+1]; alphanumeric(c) {
		return fmt.Errorf(`\%c in %q: what the system's matcher makes of it is not known`, c, t.src)
	} else if c < 0x80 {
		t.out.WriteByte('\\')
	}
	t.at++
	t.copy()
	return nil
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// bracket passes a bracket expression on, in which a backslash is a member.
func (t *translator) bracket() error {
	t.copy()
	if t.at < len(t.src) && t.src[t.at] == '^' {
		t.copy()
	}
	for first := true; t.at < len(t.src); first = false {
		c := t.src[t.at]
		switch {
		case c == ']' && !first:
			t.copy()
			return nil
		case c == '[' && strings.HasPrefix(t.src[t.at:], "[:"):
			end := strings.Index(t.src[t.at:], ":]")
			if end < 0 {
				return fmt.Errorf("missing :] in %q", t.src)
			}
			t.out.WriteString(t.src[t.at : t.at+end+2])
			t.at += end + 2
		case c == '\\' && t.at+1 < len(t.src) && alphanumeric(t.src[t.at+1]):
			t.ambiguous = true
			if !t.classes {
				t.out.WriteByte('\\')
			}
			t.copy()
			t.copy()
		case c == '\\' || c == '[' || c == ']' || c == '^':
			t.out.WriteByte('\\')
			t.copy()
		default:
			t.copy()
		}
	}
	return errors.New("missing ] in " + fmt.Sprintf("%q", t.src))
}

// Quote puts a backslash before what has a meaning in an expression.
func Quote(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.IndexByte("^.[$()|*+?{\\", s[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
