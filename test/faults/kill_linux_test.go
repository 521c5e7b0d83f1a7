package faults

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
	"github.com/hrhost/hrhost/host/run"
)

const kills = 50

// TestPluginsKilled kills plugin processes with SIGKILL at random moments, from
// the fork to the exit, until it has killed 50.
func TestPluginsKilled(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("HRHOST_FAULTS_SEED"); s != "" {
		fmt.Sscan(s, &seed)
	}
	t.Logf("HRHOST_FAULTS_SEED=%d", seed)
	bin := bin(t) // builds the programs before anything is killed
	k := &killer{rng: rand.New(rand.NewPCG(seed, 0)), t: t, longest: lifetime(t, bin)}
	plan := slowPlan(bin, slowProfiles)
	stages := map[lane.Stage]int{}
	for round := 0; k.count() < kills; round++ {
		if round == 10 {
			t.Fatalf("only %d processes could be killed", k.count())
		}
		before := k.count()
		var stop func()
		f := runHere(t, plan, &setup{started: func() { stop = k.start() }})
		stop()
		f.sealedHere()
		f.whole(slowProfiles * slowProbes)
		if k.count() > before && f.Exit != run.ExitIncomplete {
			t.Errorf("exit code %d after %d kills", f.Exit, k.count()-before)
		}
		for pid := range k.take() {
			stages[f.named(pid)]++
		}
	}
	t.Logf("%d processes killed; stages at which the rows say so: %v", k.count(), stages)
	if stages[lane.StageOperation] == 0 {
		t.Error("no process was killed in an attempt")
	}
}

const (
	slowProfiles = 22 // three rounds mostly do
	slowProbes   = 6
	attemptsTake = slowProbes * 9 * time.Millisecond
)

func slowPlan(bin string, profiles int) string {
	var b strings.Builder
	b.WriteString("schema = 1\nid = \"faults\"\n[plugin.slow]\npath = \"" + bin + "/hrhost-probe-slow\"\n")
	for i := range profiles {
		fmt.Fprintf(&b, "[[profile]]\nid = \"p%d\"\nfamily = \"slow\"\nsource = \"strict.sb\"\nprobes = [\n", i)
		for j := range slowProbes {
			target, expect := "kernel.ostype", "allow"
			if j%2 == 1 {
				target, expect = "kernel.version", "deny"
			}
			fmt.Fprintf(&b, "  { id = \"n%d\", op = \"sysctl-read\", target = %q, expect = %q },\n", j, target, expect)
		}
		b.WriteString("]\n")
	}
	return b.String()
}

// killer kills children of this process.
type killer struct {
	t       *testing.T
	longest time.Duration // no process is left alone for longer
	mu      sync.Mutex
	rng     *rand.Rand
	killed  map[int]bool
	total   int
}

func (k *killer) count() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.total
}

// take returns the processes killed since it was last called.
func (k *killer) take() map[int]bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := k.killed
	k.killed = nil
	return out
}

// lifetime runs some of the profiles in peace and returns how long their processes
// live here.
func lifetime(t *testing.T, bin string) time.Duration {
	t.Helper()
	const profiles = 6
	var longest time.Duration
	f := runHere(t, slowPlan(bin, profiles), &setup{profile: func(p run.ProfileDone) { longest = max(longest, p.Took) }})
	f.sealedHere()
	f.whole(profiles * slowProbes)
	if f.Exit != run.ExitOK {
		t.Fatalf("exit code %d without a kill: %q", f.Exit, f.notes)
	}
	return longest
}

// start watches for new processes, each of which gets a moment to die at. What
// it returns stops the watch and waits for the last killing.
func (k *killer) start() (stop func()) {
	end := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		met := map[string]bool{}
		for {
			for _, p := range childrenOf(os.Getpid()) {
				if id := fmt.Sprint(p.pid, p.start); !met[id] {
					met[id] = true
					when := k.moment()
					wg.Go(func() { k.kill(p, when) })
				}
			}
			select {
			case <-end:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	})
	return func() { close(end); wg.Wait() }
}

// moment is when to kill: so long after the fork, or after the first attempt
// began. Starting takes most of a process's life, so that the second kind would
// be rare without being chosen.
type moment struct {
	attempts bool
	after    time.Duration
}

func (k *killer) moment() moment {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.rng.IntN(2) == 0 {
		return moment{after: time.Duration(k.rng.Int64N(int64(k.longest)))}
	}
	return moment{attempts: true, after: time.Duration(k.rng.Int64N(int64(attemptsTake)))}
}

func (m moment) wait(pid int) {
	for m.attempts {
		if _, err := os.Stat(fmt.Sprintf("/proc/%d/cwd/begun", pid)); err == nil {
			break
		}
		if _, ok := look(pid); !ok {
			return
		}
		time.Sleep(2 * time.Millisecond)
	}
	time.Sleep(m.after)
}

// kill waits and kills p, if it is a plugin's and still there. It holds the
// process by a descriptor, so that no other can be met under its pid.
func (k *killer) kill(p process, when moment) {
	fd, err := unix.PidfdOpen(p.pid, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	when.wait(p.pid)
	now, ok := look(p.pid)
	if !ok || now.start != p.start || now.state == "Z" {
		return
	}
	if unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0) == nil {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.killed == nil {
			k.killed = map[int]bool{}
		}
		k.killed[p.pid] = true
		k.total++
	}
}

// named checks that the rows of a killed process say so: what was done before is
// decided, one attempt at most died, the rest was not reached. It returns the
// stage at which the rows say that the process ended.
func (f *finished) named(pid int) lane.Stage {
	f.t.Helper()
	var rows []lane.RuntimeRow
	for _, r := range f.rows {
		if r.PID == pid {
			rows = append(rows, r)
		}
	}
	for _, r := range f.baseline {
		if r.PID == pid {
			return "baseline"
		}
	}
	if len(rows) == 0 {
		return lane.StageLaunch // the process never became the plugin
	}
	ended := lane.StageCleanup // all was done
	for _, r := range rows {
		switch {
		case r.State == lane.Done && ended != lane.StageCleanup:
			f.t.Errorf("%s is done after the process died", r.ExpectationID)
		case r.State == lane.Done:
			continue
		case !strings.Contains(r.Detail, "killed by SIGKILL"):
			f.t.Errorf("%s does not say what killed its process %d: %q", r.ExpectationID, pid, r.Detail)
		case r.Stage == lane.StageOperation && ended == lane.StageCleanup && r.Decision.Reason != lane.ProbeDied:
			f.t.Errorf("%s was the next or under way and its reason is %s", r.ExpectationID, r.Decision.Reason)
		case ended == lane.StageOperation && r.Decision.Reason != lane.NotReached:
			f.t.Errorf("%s came after the death and its reason is %s", r.ExpectationID, r.Decision.Reason)
		}
		ended = r.Stage
	}
	return ended
}
