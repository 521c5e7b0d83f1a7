package bus

import (
	"fmt"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/dbuswire"
	"github.com/hrhost/hrhost/internal/monotonic"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// How a message was answered, in its row.
const (
	howForward = "forward" // the bus got it
	howDeny    = "deny"    // answered with an error
	howDrop    = "drop"    // nothing was answered: a signal, a call that wants no reply
	howClose   = "close"   // the plugin's connection was ended
)

// The texts of errors are the same whatever the reason: it is in the row, and
// none of the plugin's business.
const deniedText = "denied by hrhost"

// handle judges one message and sends it on or refuses it. An error ends the
// plugin's connection.
func (g *Gateway) handle(l *line, m *dbuswire.Message) (err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			g.stats.Faults++
			err = fmt.Errorf("%w: %v", ErrFault, p)
		}
	}()
	g.stats.Messages++
	if l.count++; l.count > MaxMessages {
		return fmt.Errorf("%w: more than %d on one connection", ErrFlood, MaxMessages)
	}
	if m.Descriptors > 0 {
		return ErrDescriptors
	}
	v := verdict{g: g, l: l, m: m, at: now(), slot: g.cfg.Slot(), request: read(l.kind, m, l.ownName())}
	if v.refused == "" {
		v.judge()
	}
	return v.carryOut()
}

// verdict is one message while it is judged.
type verdict struct {
	request
	g    *Gateway
	l    *line
	m    *dbuswire.Message
	at   moment
	slot int
	rows []*lane.WitnessRow
	deny bool
}

// judge asks the policy about each subject in turn and stops at the first
// refusal.
func (v *verdict) judge() {
	subjects, ok := v.expand()
	if !ok {
		return
	}
	for _, s := range subjects {
		row := v.row(s, v.object(s))
		j := enforce.Judge(v.g.inForce.Policy, s.op, []sbpl.Filter{{Name: s.filter, Value: s.value}})
		row.Verdict, row.By, row.Rule, row.Reason = j.Verdict, j.By, j.Rule, j.Reason
		v.rows = append(v.rows, row)
		if j.Verdict != lane.Allow {
			v.deny = true
			return
		}
	}
}

// expand puts the names that a connection owns in the place of its unique name.
func (v *verdict) expand() (out []subject, ok bool) {
	for _, s := range v.subjects {
		if !dbuswire.IsUnique(s.value) {
			out = append(out, s)
			continue
		}
		names, err := v.l.dir.ownedBy(s.value)
		if err != nil || len(names) == 0 {
			v.contain(s, "a connection that owns no name")
			return nil, false
		}
		for _, n := range names {
			out = append(out, subject{s.op, s.filter, n})
		}
	}
	return out, true
}

// object says what the bus knows of a subject's name.
func (v *verdict) object(s subject) string {
	if s.filter != filterName {
		return objectUnknown
	}
	state, err := v.l.dir.state(s.value)
	if err != nil {
		return objectUnknown
	}
	return state
}

// contain refuses whatever the profile says. What was judged before is not
// what happened: one refusal, one row.
func (v *verdict) contain(s subject, reason string) {
	row := v.row(s, objectUnknown)
	row.Verdict, row.By, row.Reason = lane.Deny, lane.ByContainment, reason
	v.rows, v.deny = []*lane.WitnessRow{row}, true
}

// carryOut emits the rows and then does what they say.
func (v *verdict) carryOut() error {
	if v.refused != "" {
		var about subject
		if len(v.subjects) > 0 {
			about = v.subjects[0]
		}
		v.contain(about, v.refused)
	}
	silent := v.m.Type != dbus.TypeMethodCall || v.m.Flags&dbus.FlagNoReplyExpected != 0
	switch {
	case !v.deny:
		v.emit(howForward)
		v.g.stats.Forwarded++
		return v.l.forward(v.m)
	case silent:
		v.emit(howDrop)
	default:
		v.emit(howDeny)
	}
	if v.rows[len(v.rows)-1].By == lane.ByPolicy {
		v.g.stats.Denied++
	} else {
		v.g.stats.ByContainment++
	}
	if v.invalid {
		return v.l.refuse(v.m, dbuswire.ErrorInvalidArgs, "invalid arguments")
	}
	return v.l.refuse(v.m, dbuswire.ErrorAccessDenied, deniedText)
}

func (v *verdict) emit(how string) {
	for i, row := range v.rows {
		row.How = how
		if v.deny && i < len(v.rows)-1 {
			row.Reason = "allowed by itself; the same message also needs " + v.rows[len(v.rows)-1].Operation
		}
		v.g.emit(row)
	}
}

func (v *verdict) row(s subject, object string) *lane.WitnessRow {
	row := v.g.row(v.at, v.slot)
	row.Operation, row.Filter = s.op, lane.Filter{Name: s.filter, Value: s.value}
	row.Carrier, row.Object = v.carrier, object
	return row
}

// end accounts for a connection that did not end by itself.
func (g *Gateway) end(l *line, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed.Load() || gone(err) {
		return
	}
	select {
	case <-l.ended:
		return // the other direction was first
	default:
		close(l.ended)
	}
	err = fmt.Errorf("%s-like bus: %w", l.kind, err)
	g.stats.Closed = append(g.stats.Closed, err)
	row := g.row(now(), g.cfg.Slot())
	row.Carrier, row.Object, row.How = "dbus connection", objectUnknown, howClose
	row.Verdict, row.By, row.Reason = lane.Deny, lane.ByContainment, "connection closed: "+reasonOf(err)
	g.emit(row)
}

// reasonOf keeps what a plugin wrote out of a row but for a bounded piece.
func reasonOf(err error) string {
	s := err.Error()
	return strings.ToValidUTF8(s[:min(len(s), 300)], "?")
}

func (g *Gateway) filtered() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stats.Filtered++
}

// emit numbers a row and hands it over. g.mu is held.
func (g *Gateway) emit(row *lane.WitnessRow) {
	g.seq++
	row.Seq = g.seq
	g.stats.Rows++
	g.cfg.Emit(row)
}

func (g *Gateway) row(at moment, slot int) *lane.WitnessRow {
	row := &lane.WitnessRow{
		Time: at.wall.UTC().Format(time.RFC3339Nano), MonotonicUS: at.monotonicUS,
		Epoch: g.inForce.Epoch, PID: int(g.pid.Load()), Slot: slot, Syscall: "dbus",
	}
	row.Stage = lane.StageOperation
	return row
}

// moment is a time by both clocks that rows have.
type moment struct {
	wall        time.Time
	monotonicUS int64 // CLOCK_MONOTONIC
}

var clock = monotonic.New()

func now() moment {
	t := time.Now()
	return moment{t, clock.At(t) / 1000}
}
