package seatbelt

import (
	"sync"
	"time"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/internal/codesign"
	"github.com/hrhost/hrhost/internal/darwin"
	"github.com/hrhost/hrhost/internal/darwin/signature"
	"github.com/hrhost/hrhost/internal/seatbelt"
)

// kernel is this Mac.
type kernel struct {
	log     *logStream // nil until Watch
	posting sync.Mutex // held by the one that listens
}

// New returns this Mac's kernel.
func New() Kernel { return &kernel{} }

func (k *kernel) Watch() { k.log = startLog(systemLog) }

func (k *kernel) Compile(text string, params map[string]string) ([]byte, error) {
	return darwin.Compile(text, params)
}

// Sandboxed asks by sandbox_check. fact:check.other-process
func (k *kernel) Sandboxed(pid int) (bool, error) { return darwin.Sandboxed(pid) }

func (k *kernel) Check(pid int, q seatbelt.Question) (bool, error) {
	var values []darwin.Value
	for _, t := range q.Texts {
		values = append(values, darwin.Text(t))
	}
	for _, n := range q.Numbers {
		values = append(values, darwin.Number(n))
	}
	return darwin.Check(pid, q.Operation, q.Filter, values...)
}

func (k *kernel) Signature(pid int) codesign.Signature { return signature.Of(pid) }

// Members are found from the plugin down; it leads a group of its own. A process
// that is gone before it is asked about is left out.
func (k *kernel) Members(pid int) (out []Member) {
	group, _ := darwin.GroupMembers(pid)
	children := func(of int) []int {
		list, _ := darwin.Children(of)
		return list
	}
	for _, one := range family(pid, group, children) {
		if info, err := darwin.ProcessInfo(one); err == nil {
			out = append(out, Member{one, time.Unix(int64(info.StartSeconds), int64(info.StartMicroseconds)*1000)})
		}
	}
	return out
}

func (k *kernel) Records(since time.Time) ([]Record, string) {
	if k.log == nil {
		return nil, "the log was not read"
	}
	return k.log.records(since)
}

func (k *kernel) Close() error {
	if k.log == nil {
		return nil
	}
	return k.log.close()
}

// receiver counts Darwin notifications in this process, and distributed ones in
// a process of its own, which has a run loop.
type receiver struct {
	registered  map[Post]darwin.Registration
	distributed process
	done        func()
}

func (k *kernel) Listen(posts []Post) (Receiver, error) {
	k.posting.Lock()
	r := &receiver{registered: map[Post]darwin.Registration{}, done: k.posting.Unlock}
	var distributed []string
	for _, p := range posts {
		if _, twice := r.registered[p]; twice {
			continue
		}
		if p.Operation != opDarwinPost {
			distributed = append(distributed, p.Name)
			continue
		}
		reg, status, err := darwin.RegisterNotification(p.Name)
		if err != nil || status != 0 {
			continue // its effect stays unobservable
		}
		reg.Posted() // the first answer is always yes
		r.registered[p] = reg
	}
	if len(distributed) > 0 {
		r.distributed = startReceiver(distributed)
	}
	return r, nil
}

// deliveryTime is how long a post may take to be counted.
const deliveryTime = 2 * time.Second

func (r *receiver) Arrived(p Post) lane.Effect {
	if p.Operation != opDarwinPost {
		return r.distributed.arrived(p.Name, deliveryTime)
	}
	reg, listening := r.registered[p]
	if !listening {
		return lane.EffectUnobservable
	}
	for end := time.Now().Add(deliveryTime); ; time.Sleep(10 * time.Millisecond) {
		posted, status, err := reg.Posted()
		switch {
		case err != nil || status != 0:
			return lane.EffectUnobservable
		case posted:
			return lane.EffectSeen
		case time.Now().After(end):
			return lane.EffectAbsent
		}
	}
}

func (r *receiver) Close() {
	for _, reg := range r.registered {
		reg.Cancel()
	}
	if r.distributed.close != nil {
		r.distributed.close()
	}
	r.done()
}
