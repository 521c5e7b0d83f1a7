package seatbelt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Flags of sandbox_check are above this mask; a filter's number is below it.
const filterMask = 0x81FFFFFF

// shape is what a filter's variadic arguments are.
type shape int

const (
	oneText     shape = iota // a string
	oneNumber                // an int
	textAndFlag              // a string, and an int that says whether there is user info
)

// checkFilter is one number of sandbox_check's own space, which is not the
// space of compiled profiles.
type checkFilter struct {
	name   string // in the profile language
	number uint32
	takes  shape
}

// checkFilters are the numbers that can be asked about by a filter's name.
// fact:check.filters-measured, fact:check.filters-decompiled,
// fact:check.filters-unsure. 10 (descriptor) and 11 (file id) name no filter of
// the language.
var checkFilters = []checkFilter{
	{"path", 1, oneText},
	{"global-name", 2, oneText},
	{"local-name", 3, oneText},
	{"appleevent-destination", 4, oneText},
	{"right-name", 5, oneText},
	{"preference-domain", 6, oneText},
	{"kext-bundle-id", 7, oneText},
	{"info-type", 8, oneText},
	{"notification-name", 9, textAndFlag},
	{"xpc-service-name", 12, oneText},
	{"iokit-connection", 13, oneText},
	{"syscall-number", 14, oneNumber},
	{"nvram-variable", 15, oneText},
	{"machtrap-number", 16, oneNumber},
	{"ipc-posix-name", 17, oneText},
	{"signal-number", 18, oneNumber},
}

// Question is one call of sandbox_check.
type Question struct {
	Operation string
	Filter    uint32
	Texts     []string // the variadic strings, before the ints
	Numbers   []int
}

// Unsupported says why sandbox_check can't be asked. It is never approximated
// by another question.
type Unsupported struct{ Why string }

func (e *Unsupported) Error() string { return "sandbox_check can't be asked: " + e.Why }

// Ask is the question about an operation on one filter value, "" for an
// operation that has none.
func Ask(operation, filter, value string) (Question, error) {
	q := Question{Operation: operation}
	if operation == "process-exec" || operation == "iokit-open" {
		return q, unsupported("it does not know %s", operation)
	}
	if filter == "" {
		return q, nil
	}
	i := slices.IndexFunc(checkFilters, func(f checkFilter) bool { return f.name == filter })
	if i < 0 { // fact:check.no-filter
		return q, unsupported("it has no number for the filter %s", filter)
	}
	f := checkFilters[i]
	q.Filter = f.number & filterMask
	switch f.takes {
	case oneNumber:
		n, err := strconv.Atoi(value)
		if err != nil {
			return q, unsupported("%s %q is not a number", filter, value)
		}
		q.Numbers = []int{n}
	case textAndFlag:
		q.Texts, q.Numbers = []string{value}, []int{0}
	default:
		q.Texts = []string{value}
	}
	if strings.IndexByte(value, 0) >= 0 {
		return q, unsupported("%s %q has a NUL byte", filter, value)
	}
	return q, nil
}

func unsupported(format string, args ...any) error {
	return &Unsupported{Why: fmt.Sprintf(format, args...)}
}
