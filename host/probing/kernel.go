package probing

import (
	"context"
	"errors"
	"time"

	"github.com/hrhost/hrhost/host/enforce/seatbelt"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/monotonic"
	rules "github.com/hrhost/hrhost/internal/seatbelt"
	"github.com/hrhost/hrhost/internal/wire"
)

// Where the system enforces profiles itself (macOS) a session has no monitor and
// no gateway: the plugin applies the profile to itself, the host believes it
// once sandbox_check agrees, and what the kernel reported is read from the log
// when the process is gone.

// sealByPlugin has the plugin apply the profile and makes sure that it did.
func (s *session) sealByPlugin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.deadlines.Call)
	defer cancel()
	request := wire.SealRequest{Epoch: 1, AppliedByHost: s.job.Seal == SealExec || s.job.Seal == SealWrap}
	if !request.AppliedByHost {
		request.SBPL, request.Params = s.job.SBPL, s.job.Params
	}
	s.sealedAt = time.Now()
	r, err := s.client.Seal(ctx, request)
	if errors.Is(err, wire.ErrAbsent) {
		return &applyError{lane.ApplyUnsupported, errors.New("the plugin can't apply a profile to itself; use seal = \"exec\"")}
	}
	if err != nil {
		return err
	}
	s.report.Seal = &r
	if s.job.Seal == SealWrap { // a wrapper does whatever it does
		s.report.Epoch = 1
		return nil
	}
	err = seatbelt.Believe(s.host.Kernel, s.runner.Process().PID, r, s.job.Policy)
	var refused *seatbelt.Refused
	if errors.As(err, &refused) {
		return &applyError{refused.Reason, err}
	}
	if err == nil {
		s.report.Epoch = 1
	}
	return err
}

// signature is asked of a process that has answered: by then it runs the plugin
// and no trampoline.
func (s *session) signature() {
	if s.host.Kernel != nil {
		sig := s.host.Kernel.Signature(s.runner.Process().PID)
		s.report.Signature = &sig
	}
}

// look notes which processes belong to the plugin now: the log names a child by its
// number alone. An event comes before an attempt and after it, so that a child
// that lives as long as the attempt is seen.
func (s *session) look() {
	if s.host.Kernel == nil {
		return
	}
	if s.members == nil {
		s.members = seatbelt.Members{}
	}
	s.members.Add(s.host.Kernel.Members(s.runner.Process().PID))
}

// askKernel puts the questions to sandbox_check.
func (s *session) askKernel() {
	for _, q := range s.job.Ask {
		s.report.Answers = append(s.report.Answers, seatbelt.Answer(s.host.Kernel, s.runner.Process().PID, q))
	}
}

// openKernel refuses a profile that an ordinary process can't apply, before
// anything is tried, and listens for what the process will post.
func (s *session) openKernel() error {
	if why := rules.Gate(s.job.SBPL); why != "" && s.job.Policy != nil {
		return &applyError{lane.ApplyUnsupported, errors.New(why)}
	}
	return s.listen()
}

// listen counts from outside what the process posts.
func (s *session) listen() (err error) {
	var posts []seatbelt.Post
	for _, it := range s.job.Items {
		if isPost(it.Operation) {
			posts = append(posts, seatbelt.Post{Operation: it.Operation, Name: it.Target})
		}
	}
	if len(posts) > 0 {
		s.receiver, err = s.host.Kernel.Listen(posts)
	}
	return err
}

func isPost(op string) bool {
	return op == "darwin-notification-post" || op == "distributed-notification-post"
}

// endKernel asks what arrived, and reads what the kernel reported about the
// process.
func (s *session) endKernel() {
	if s.receiver != nil {
		defer s.receiver.Close()
		for i := range s.report.Attempts {
			a := &s.report.Attempts[i]
			if isPost(a.Item.Operation) {
				a.Effect = s.receiver.Arrived(seatbelt.Post{Operation: a.Item.Operation, Name: a.Item.Target})
			}
		}
	}
	if s.sealedAt.IsZero() || s.process() == nil {
		return
	}
	records, why := s.host.Kernel.Records(s.sealedAt.Add(-seatbelt.Slack))
	s.report.WitnessSlack, s.report.NoWitness = seatbelt.Slack, why
	clock := monotonic.New()
	now, at := time.Now(), clock.Now()
	microseconds := func(t time.Time) int64 { return (at + t.Sub(now).Nanoseconds()) / 1000 }
	for _, row := range seatbelt.Tie(s.sealed(now, at), records, microseconds) {
		s.witness(&row)
	}
}

// sealed is the process as its attempts tell of it, their times by the wall
// clock.
func (s *session) sealed(now time.Time, at int64) seatbelt.Sealed {
	p := seatbelt.Sealed{PID: s.process().PID, At: s.sealedAt, Members: s.members}
	moment := func(ns int64) (t time.Time) {
		if ns > 0 {
			t = now.Add(time.Duration(ns - at))
		}
		return t
	}
	for _, a := range s.report.Attempts {
		start, end := a.Slot.Start, a.Slot.End
		filter := lane.Filter{Name: a.Item.FilterName, Value: a.Item.Target}
		if o := a.Outcome; o != nil {
			start, end = o.StartNS, o.EndNS
			if o.FilterValue != "" {
				filter.Value = o.FilterValue
			}
		}
		t := seatbelt.Attempt{Slot: a.Item.Slot, Operation: a.Item.Operation, Filter: filter, Start: moment(start), End: moment(end)}
		if filter.Name == "target" {
			t.Target = a.Item.Target
		}
		if d := s.report.Description; d != nil {
			if spec := d.Probe(a.Item.Operation); spec != nil {
				t.Dependencies = spec.Dependencies
			}
		}
		p.Attempts = append(p.Attempts, t)
	}
	return p
}
