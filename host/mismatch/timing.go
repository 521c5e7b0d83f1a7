package mismatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hrhost/hrhost/host/lane"
)

// Timing is one runtime row, as short as hypothesis 2 needs it.
type Timing struct {
	Family  string
	Probe   string // <profile>:<probe>
	Arm     lane.Arm
	Use     lane.Use      // on the arm before
	Verdict *lane.Verdict // null: the policy was not asked, or it is not known
	Reason  lane.Reason
	Handle  string // the kind of handle that the family's probe can hold, "" for none
	Blocked bool   // the plugin was not reached, so that Handle is not known
}

// TimingOf takes the timing out of a runtime row. handle is what the plugin
// says that the probe can hold.
func TimingOf(row *lane.RuntimeRow, handle string) Timing {
	return Timing{
		Family: row.Family, Probe: row.ProfileID + ":" + row.ProbeName, Arm: row.Arm,
		Use: row.Use, Verdict: row.Decision.Verdict, Reason: row.Decision.Reason, Handle: handle,
		Blocked: row.RuntimeStatus == "blocked",
	}
}

// Acquisition is what a family's handles, acquired before sealing, came to when
// they were used after. Each list names probes as <profile>:<probe>.
type Acquisition struct {
	Handles      []string `json:"handles"`       // the kinds held
	Survived     []string `json:"survived"`      // usable, though a new acquisition is denied
	Usable       []string `json:"usable"`        // usable, and a new acquisition is not denied
	Refused      []string `json:"refused"`       // by the policy, when used
	Lost         []string `json:"lost"`          // gone for another reason
	Rechecked    []string `json:"rechecked"`     // the policy was asked at the use
	NotRechecked []string `json:"not_rechecked"` // it was not
	AgainDenied  []string `json:"again_denied"`  // acquired anew while still held, and denied
}

// byTiming is H2 for one family.
func byTiming(family string, rows []Timing) FamilyFinding {
	f := FamilyFinding{Family: family, Pairs: []Pair{}}
	a := acquisition(rows)
	held := len(a.Survived) + len(a.Usable) + len(a.Refused) + len(a.Lost)
	switch {
	case !slices.ContainsFunc(rows, func(t Timing) bool { return t.Handle != "" || t.Blocked }):
		f.Status, f.Reason = NotTestableHere, reasonNoHandle
		return f
	case held == 0:
		f.Status, f.Reason = UnderExploration, reasonNotTested
		return f
	case len(a.Survived) > 0:
		f.Status = Supported
	case len(a.Refused) > 0:
		f.Status = Contradicted
	default:
		f.Status = UnderExploration
	}
	f.Reason, f.Acquisition = a.sentence(), &a
	return f
}

// acquisition sorts the probes of one family. Of repeats the first one speaks;
// that they differ is a mismatch of its own.
func acquisition(rows []Timing) Acquisition {
	a := Acquisition{Handles: []string{}, Survived: []string{}, Usable: []string{}, Refused: []string{}, Lost: []string{},
		Rechecked: []string{}, NotRechecked: []string{}, AgainDenied: []string{}}
	denied := map[string]bool{} // by a new acquisition
	for _, t := range rows {
		if t.Arm != lane.Before && t.Verdict != nil && *t.Verdict == lane.Deny {
			denied[t.Probe] = true
		}
	}
	for _, t := range rows {
		switch {
		case t.Reason == lane.NotMediated: // a handle that works shows nothing where nobody decides
		case t.Arm == lane.Again && t.Verdict != nil && *t.Verdict == lane.Deny:
			add(&a.AgainDenied, t.Probe)
		case t.Arm == lane.Before && t.Use != "":
			a.use(t, denied[t.Probe])
		}
	}
	return a
}

func (a *Acquisition) use(t Timing, deniedAnew bool) {
	add(&a.Handles, t.Handle)
	switch {
	case t.Use == lane.UseRefused:
		add(&a.Refused, t.Probe)
	case t.Use == lane.UseLost:
		add(&a.Lost, t.Probe)
	case deniedAnew:
		add(&a.Survived, t.Probe)
	default:
		add(&a.Usable, t.Probe)
	}
	switch {
	case t.Verdict != nil:
		add(&a.Rechecked, t.Probe)
	case t.Reason == lane.NotRechecked:
		add(&a.NotRechecked, t.Probe)
	}
}

func add(list *[]string, s string) {
	if !slices.Contains(*list, s) {
		*list = append(*list, s)
	}
}

// sentence says it in words.
func (a *Acquisition) sentence() string {
	var parts []string
	say := func(list []string, format string) {
		if len(list) > 0 {
			parts = append(parts, fmt.Sprintf(format, strings.Join(list, ", ")))
		}
	}
	say(a.Survived, "survived sealing, though the policy denies a new acquisition: %s")
	say(a.Usable, "still usable, and a new acquisition is not denied: %s")
	say(a.Refused, "refused at the use: %s")
	say(a.Lost, "lost for another reason: %s")
	say(a.Rechecked, "the policy was asked at the use: %s")
	say(a.NotRechecked, "it was not: %s")
	say(a.AgainDenied, "denied when acquired anew while held: %s")
	return strings.Join(parts, "; ")
}

// InShort is a family's finding on hypothesis 2 in a few words, "" when no
// handle was held.
func (f FamilyFinding) InShort() string {
	a := f.Acquisition
	switch {
	case a == nil && f.Status == NotTestableHere:
		return f.Family + " holds no handle here"
	case a == nil:
		return ""
	}
	var parts []string
	say := func(list []string, what string) {
		if len(list) > 0 {
			parts = append(parts, what)
		}
	}
	say(a.Survived, "still usable where a new acquisition is denied")
	say(a.Refused, "denied at the use")
	say(a.Lost, "lost")
	if parts == nil {
		parts = []string{"usable, nothing was denied"}
	}
	return f.Family + " " + strings.Join(parts, " and ")
}
