package seatbelt

import (
	"errors"
	"time"

	"github.com/hrhost/hrhost/host/enforce"
	"github.com/hrhost/hrhost/host/enforce/point"
	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/launch"
	"github.com/hrhost/hrhost/internal/codesign"
	"github.com/hrhost/hrhost/internal/monotonic"
	"github.com/hrhost/hrhost/internal/seatbelt"
	"github.com/hrhost/hrhost/internal/wire"
	"github.com/hrhost/hrhost/sb/sbpl"
)

// session is the enforcement of one process. There is no monitor and no gateway: the
// plugin applies the profile to itself, the host believes it once sandbox_check
// agrees, and what the kernel reported is read from the log when the process is gone.
type session struct {
	kernel   Kernel
	req      point.Request
	process  *launch.Process   // nil until started
	told     *wire.Description // nil until the plugin answered
	receiver Receiver          // counts posts from outside, nil when there are none
	sealedAt time.Time         // when the plugin was told to seal
	members  Members           // its children and their like, as far as they were seen
	epoch    int
}

// Open refuses a profile that an ordinary process can't apply, before anything is
// tried, and listens for what the process will post.
func (p *Point) Open(req point.Request) (point.Session, error) {
	if why := seatbelt.Gate(req.SBPL); why != "" && req.Mode != point.None {
		return nil, &point.Refused{Reason: lane.ApplyUnsupported, Err: errors.New(why)}
	}
	s := &session{kernel: p.kernel, req: req, members: Members{}}
	var posts []Post
	for _, it := range req.Items {
		if isPost(it.Operation) {
			posts = append(posts, Post{Operation: it.Operation, Name: it.Target})
		}
	}
	if len(posts) > 0 {
		var err error
		if s.receiver, err = p.kernel.Listen(posts); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func isPost(op string) bool {
	return op == "darwin-notification-post" || op == "distributed-notification-post"
}

// Prepare has the trampoline apply the profile, under Exec.
func (s *session) Prepare(spec *launch.Spec) {
	if s.req.Mode == point.Exec {
		spec.Profile = &launch.Profile{SBPL: s.req.SBPL, Params: s.req.Params}
	}
}

func (s *session) Started(p *launch.Process) { s.process = p }

// Described asks for the signature of a process that has answered: by then it runs
// the plugin and no trampoline.
func (s *session) Described(d *wire.Description) *codesign.Signature {
	s.told = d
	signature := s.kernel.Signature(s.process.PID)
	return &signature
}

// Seal has the plugin apply the profile and makes sure that it did. A wrapper has
// its own way.
func (s *session) Seal(tell func(wire.SealRequest) (wire.SealReport, error)) (out point.Sealed, err error) {
	request := wire.SealRequest{Epoch: 1, AppliedByHost: s.req.Mode == point.Exec || s.req.Mode == point.Wrap}
	if !request.AppliedByHost {
		request.SBPL, request.Params = s.req.SBPL, s.req.Params
	}
	s.sealedAt = time.Now()
	r, err := tell(request)
	if errors.Is(err, wire.ErrAbsent) {
		return out, &point.Refused{
			Reason: lane.ApplyUnsupported, Err: errors.New("the plugin can't apply a profile to itself; use seal = \"exec\""),
		}
	}
	if err != nil {
		return out, err
	}
	out.Report = &r
	if s.req.Mode != point.Wrap {
		err = Believe(s.kernel, s.process.PID, r, s.req.Policy)
	}
	if err == nil {
		s.epoch = 1
	}
	return out, err
}

func (s *session) Epoch() int { return s.epoch }

// Event notes which processes belong to the plugin now: the log names a child by its
// number alone. An event comes before an attempt and after it, so that a child that
// lives as long as the attempt is seen.
func (s *session) Event() { s.members.Add(s.kernel.Members(s.process.PID)) }

// Ask asks sandbox_check.
func (s *session) Ask(questions []sbpl.Query) (answers []enforce.Answer) {
	for _, q := range questions {
		answers = append(answers, Answer(s.kernel, s.process.PID, q))
	}
	return answers
}

// Batch says that the log is left unread: a sweep's attempts are too many for it.
func (s *session) Batch() (point.Log, error) {
	if s.req.Mode == point.None {
		return point.Log{}, nil
	}
	return point.Log{Slack: Slack, Silent: "the system's log is not read during a sweep"}, nil
}

// End asks what arrived, and emits what the kernel reported about the process.
func (s *session) End(attempts []point.Attempt) (end point.Ending) {
	if s.req.Batched {
		return end
	}
	end.Effects = s.arrived(attempts)
	if s.sealedAt.IsZero() || s.process == nil {
		return end
	}
	records, why := s.kernel.Records(s.sealedAt.Add(-Slack))
	end.Log = point.Log{Slack: Slack, Silent: why}
	clock := monotonic.New()
	now, at := time.Now(), clock.Now()
	microseconds := func(t time.Time) int64 { return (at + t.Sub(now).Nanoseconds()) / 1000 }
	for _, row := range Tie(s.sealed(attempts, now, at), records, microseconds) {
		s.req.Emit(&row)
	}
	return end
}

// arrived asks the receiver about each post.
func (s *session) arrived(attempts []point.Attempt) []lane.Effect {
	if s.receiver == nil {
		return nil
	}
	effects := make([]lane.Effect, len(attempts))
	for i, a := range attempts {
		if isPost(a.Item.Operation) {
			effects[i] = s.receiver.Arrived(Post{Operation: a.Item.Operation, Name: a.Item.Target})
		}
	}
	return effects
}

// sealed is the process as its attempts tell of it, their times by the wall clock:
// now and at are one moment on the two clocks.
func (s *session) sealed(attempts []point.Attempt, now time.Time, at int64) Sealed {
	p := Sealed{PID: s.process.PID, At: s.sealedAt, Members: s.members}
	moment := func(ns int64) (t time.Time) {
		if ns > 0 {
			t = now.Add(time.Duration(ns - at))
		}
		return t
	}
	for _, a := range attempts {
		start, end := a.Slot.Start, a.Slot.End
		filter := lane.Filter{Name: a.Item.FilterName, Value: a.Item.Target}
		if o := a.Outcome; o != nil {
			start, end = o.StartNS, o.EndNS
			if o.FilterValue != "" {
				filter.Value = o.FilterValue
			}
		}
		t := Attempt{Slot: a.Item.Slot, Operation: a.Item.Operation, Filter: filter, Start: moment(start), End: moment(end)}
		if filter.Name == "target" {
			t.Target = a.Item.Target
		}
		if s.told != nil {
			if spec := s.told.Probe(a.Item.Operation); spec != nil {
				t.Dependencies = spec.Dependencies
			}
		}
		p.Attempts = append(p.Attempts, t)
	}
	return p
}

// Close ends the receiver.
func (s *session) Close() {
	if s.receiver != nil {
		s.receiver.Close()
		s.receiver = nil
	}
}
