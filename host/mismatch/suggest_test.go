package mismatch

import (
	"testing"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// TestSuggest: each rule compiles, and allows what was denied.
func TestSuggest(t *testing.T) {
	row := func(op, filter, value string, relations ...string) *lane.WitnessRow {
		r := &lane.WitnessRow{}
		r.Operation, r.Filter = op, lane.Filter{Name: filter, Value: value}
		if relations != nil {
			r.Target = &lane.ProcessTarget{PID: 7, Relations: relations}
		}
		return r
	}
	for want, r := range map[string]*lane.WitnessRow{
		`(allow sysctl-read (sysctl-name "net.core.somaxconn"))`:   row("sysctl-read", "sysctl-name", "net.core.somaxconn"),
		`(allow process-info-pidinfo (target self))`:               row("process-info-pidinfo", "target", "pid:7", "self", "same-sandbox"),
		`(allow signal (target children))`:                         row("signal", "target", "pid:7", "others", "children", "same-sandbox"),
		`(allow signal (target others))`:                           row("signal", "target", "pid:7", "others"),
		`(allow process-info-listpids)`:                            row("process-info-listpids", "", ""),
		`(allow mach-lookup (global-name "org.hrhost.fixture.A"))`: row("mach-lookup", "global-name", "org.hrhost.fixture.A"),
		`(allow system-socket (require-all (socket-domain AF_NETLINK) (socket-type SOCK_RAW) (socket-protocol 9)))`: func() *lane.WitnessRow {
			r := row("system-socket", "socket-domain", "AF_NETLINK")
			r.Facts = []lane.Filter{{Name: "socket-type", Value: "SOCK_RAW"}, {Name: "socket-protocol", Value: "9"}}
			return r
		}(),
	} {
		got := Suggest(r)
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
		p, err := sbpl.Compile([]byte("(version 1)(deny default)(deny process-info*)"+got), sbpl.Options{Name: "suggested", Linux: true})
		if err != nil {
			t.Fatal(err)
		}
		q := sbpl.Query{Operation: r.Operation, Filters: []sbpl.Filter{{Name: r.Filter.Name, Value: r.Filter.Value}}}
		for _, f := range r.Facts {
			q.Filters = append(q.Filters, sbpl.Filter(f))
		}
		if r.Target != nil {
			q.Filters = nil
			for _, rel := range r.Target.Relations {
				q.Filters = append(q.Filters, sbpl.Filter{Name: "target", Value: rel})
			}
		}
		if d := p.Decide(q); d.Action != sbpl.Allow {
			t.Errorf("%s: %s is %s", got, r.Operation, d.Action)
		}
	}
}
