package lane

import (
	"slices"
	"strconv"
	"strings"
)

// relations are all facts of the processes that a plan names by a word, as the
// profile language names them. A probe with such a target finds or starts a
// process to which exactly these relations hold: a plugin that could add one, or leave
// one out, would choose the rule that decides.
var relations = map[string][]string{
	"self":    {"self"},
	"child":   {"others", "children", "same-sandbox", "pgrp"},
	"sibling": {"others", "same-sandbox"},
	"pid1":    {"others", "initproc"},
	"missing": {"others"},
}

// Relations are those of a planned process to the caller, whose number is pid. A
// number as a target (pid:42) is a process of the host, and related to the caller only
// if it is the caller or pid 1.
func Relations(target string, pid int) []string {
	switch number, isNumber := strings.CutPrefix(target, "pid:"); {
	case !isNumber:
		return relations[target]
	case pid > 0 && number == strconv.Itoa(pid):
		return relations["self"]
	case number == "1":
		return relations["pid1"]
	}
	return relations["missing"]
}

// Signal is the number that a probe sends to a planned process, as the language names
// it: SIGUSR1 to one that expects it, and 0, which only asks, to any other.
func Signal(target string) string {
	switch target {
	case "self", "child", "sibling":
		return "SIGUSR1"
	}
	return "0"
}

// related reports that a row's target is the planned process. A complete witness knows
// every relation, so all of them must be the plan's. A log names one, and the one
// that tells the process from others must be it.
func (w Window) related(r *WitnessRow) bool {
	number := strings.HasPrefix(w.Target, "pid:")
	switch {
	case w.Target == "missing" && r.Object != "absent", number && !samePID(w.Target, r.Filter.Value):
		return false
	case !w.Complete && (number || w.Target == "missing"):
		return true
	case r.Target == nil:
		return false
	case w.Complete:
		return r.Is(w.Target)
	case w.Target == "pid1":
		return r.Target.PID == 1
	}
	return slices.Contains(r.Target.Relations, telling[w.Target]) && subset(r.Target.Relations, relations[w.Target])
}

// Is reports that a row of a complete witness is about the planned process: it has the
// relations of one, and no other.
func (r *WitnessRow) Is(target string) bool {
	return r.Target != nil && sameSet(Relations(target, r.PID), r.Target.Relations)
}

// telling is the relation that only the planned process of this word has.
var telling = map[string]string{"self": "self", "child": "children", "sibling": "same-sandbox"}

func sameSet(a, b []string) bool { return subset(a, b) && subset(b, a) }

func subset(a, b []string) bool {
	return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}
