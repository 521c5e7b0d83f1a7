package clean

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hrhost/hrhost/internal/installation"
	"github.com/hrhost/hrhost/internal/needs"
)

// installed is the real hrhost with its programs beside it, of which launchd (the
// fake one) does the runs.
type installed struct {
	t    *testing.T
	fake *scene // for its launchctl
	bin  string
}

func install(t *testing.T) *installed {
	t.Helper()
	in := &installed{t: t, fake: newScene(t, ""), bin: t.TempDir()}
	if err := installation.Into(in.bin); err != nil {
		t.Fatal(err)
	}
	hrhost := filepath.Join(in.bin, "hrhost")
	if err := os.Rename(hrhost, hrhost+"-by-hand"); err != nil {
		t.Fatal(err)
	}
	link := "-ldflags=-s -w -X github.com/hrhost/hrhost/host/clean.launchctl=" + in.fake.ask.Launchctl
	cmd := exec.Command("go", "build", "-trimpath", "-o", hrhost, "-tags=hrhost_launchd", link, "../cmd/hrhost")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building hrhost: %v\n%s", err, out)
	}
	return in
}

const plan = `schema = 1
id = "clean"
[[profile]]
id = "names"
family = "sysctl"
source = "names.sb"
probes = [
  { id = "allowed", op = "sysctl-read", target = "kernel.ostype", expect = "any" },
  { id = "denied", op = "sysctl-read", target = "kernel.version", expect = "any" },
]
`

// run is a command line of hrhost's in a fresh directory with a plan.
func (in *installed) run(program string, repeat int) (cmd *exec.Cmd, dir string) {
	in.t.Helper()
	dir = in.t.TempDir()
	text := plan
	for range repeat {
		text += strings.Replace(strings.SplitN(plan, "\n", 3)[2], `"names"`, `"names`+strings.Repeat("x", strings.Count(text, "[[profile]]"))+`"`, 1)
	}
	for name, text := range map[string]string{"plan.toml": text, "names.sb": `(version 1)(allow default)(deny sysctl-read)(allow sysctl-read (sysctl-name "kernel.ostype"))`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			in.t.Fatal(err)
		}
	}
	cmd = exec.Command(filepath.Join(in.bin, program), "run", "plan.toml")
	cmd.Dir = dir
	return cmd, dir
}

// TestHrhost: the real program's run by launchd looks at the terminal like the
// one by hand, and its bundle verifies.
func TestHrhost(t *testing.T) {
	if testing.Short() {
		t.Skip("drives programs that are built without the race detector")
	}
	in := install(t)
	byHand, _ := in.run("hrhost-by-hand", 0)
	want, _ := byHand.CombinedOutput()
	byJob, dir := in.run("hrhost", 0)
	got, _ := byJob.CombinedOutput()
	t.Logf("%s", got)
	if plain(got) != plain(want) || byJob.ProcessState.ExitCode() != byHand.ProcessState.ExitCode() {
		t.Errorf("exit codes %v and %v; by hand:\n%s\nby launchd:\n%s", byHand.ProcessState, byJob.ProcessState, plain(want), plain(got))
	}
	if !strings.Contains(in.fake.asked(), "\nbootstrap gui/") {
		t.Errorf("launchctl was asked %q", in.fake.asked())
	}
	in.verified(t, dir)
	in.nothingLeft(0)

	// As if plan, programs and out were in Documents: the job sees nothing of them.
	t.Run("private directories", func(t *testing.T) {
		if !mayMount() {
			needs.Missing(t, needs.Bwrap, "no namespaces")
		}
		cmd, dir := in.run("hrhost", 0)
		in.fake.set("hide", dir+":"+in.bin)
		defer os.Remove(filepath.Join(in.fake.fake, "hide"))
		got, err := cmd.CombinedOutput()
		if err != nil || plain(got) != plain(want) {
			t.Errorf("%v:\n%s", err, got)
		}
		in.verified(t, dir)
		in.nothingLeft(0)
	})
	t.Run("bundle thrown away", func(t *testing.T) {
		try := func(program string) string {
			cmd, dir := in.run(program, 0)
			cmd.Args = append(cmd.Args[:1], "try", "names.sb", "sysctl-read", "kernel.ostype", "--expect", "deny")
			got, _ := cmd.CombinedOutput()
			if _, err := os.Stat(filepath.Join(dir, "out")); err == nil || cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("%v, out: %v\n%s", cmd.ProcessState, err, got)
			}
			return plain(got)
		}
		if want, got := try("hrhost-by-hand"), try("hrhost"); got != want {
			t.Errorf("by hand:\n%s\nby launchd:\n%s", want, got)
		}
		in.nothingLeft(0)
	})
	t.Run("output lost", func(t *testing.T) {
		cmd, dir := in.run("hrhost", 0)
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer full.Close()
		var said strings.Builder
		cmd.Stdout, cmd.Stderr = full, &said
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != byHand.ProcessState.ExitCode() ||
			!strings.Contains(said.String(), "hrhost: error: printing the result: ") ||
			!strings.Contains(said.String(), "hrhost: hint: the measurement is in ") {
			t.Errorf("exit code %d\n%s", code, said.String())
		}
		in.verified(t, dir)
		in.nothingLeft(0)
	})
	t.Run("reader gone", func(t *testing.T) {
		cmd, dir := in.run("hrhost", 0)
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		r.Close()
		cmd.Stdout, cmd.Stderr = w, w
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != byHand.ProcessState.ExitCode() {
			t.Errorf("exit code %d", code)
		}
		in.verified(t, dir)
		in.nothingLeft(0)
	})
	t.Run("interrupted", func(t *testing.T) {
		cmd, dir := in.begin(40)
		cmd.Process.Signal(syscall.SIGINT)
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 3 {
			t.Errorf("exit code %d\n%s", code, in.fake.read(filepath.Join(dir, "terminal")))
		}
		if text := in.fake.read(filepath.Join(dir, "terminal")); !strings.Contains(text, "hrhost: error: interrupted") {
			t.Errorf("%s", text)
		}
		in.nothingLeft(0)
	})
	t.Run("killed", func(t *testing.T) {
		cmd, _ := in.begin(40)
		cmd.Process.Kill()
		cmd.Wait()
		in.nothingLeft(patience)
	})
}

// verified wants a whole bundle of the run in dir.
func (in *installed) verified(t *testing.T, dir string) {
	t.Helper()
	out, err := exec.Command(filepath.Join(in.bin, "hrhost-by-hand"), "verify", filepath.Join(dir, "out")).CombinedOutput()
	if err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
}

func mayMount() bool {
	cmd := exec.Command("true")
	cmd.SysProcAttr = inNamespaces(&syscall.SysProcAttr{})
	return cmd.Run() == nil
}

// begin starts a long run and returns in the middle of it.
func (in *installed) begin(repeat int) (cmd *exec.Cmd, dir string) {
	in.t.Helper()
	cmd, dir = in.run("hrhost", repeat)
	terminal := filepath.Join(dir, "terminal")
	cmd.Stdout = in.fake.create(terminal)
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		in.t.Fatal(err)
	}
	in.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	in.fake.until("the first profile", func() bool { return strings.Contains(in.fake.read(terminal), "probes") })
	return cmd, dir
}

var changing = regexp.MustCompile(`\d+T\d+Z-\w+|\d+\.\d+ s|launchd_clean|spawn_clean|hrhost-by-hand|not promotable: .*`)

// plain is what a terminal showed without times, names of runs, and what the self
// check found.
func plain(b []byte) string { return changing.ReplaceAllString(string(b), "*") }

// nothingLeft: no job is loaded, and no process of these programs runs. Staged
// roots are where all runs have them, so only those of our jobs are ours.
func (in *installed) nothingLeft(patience time.Duration) {
	in.t.Helper()
	left := func() (left []string) {
		left, _ = filepath.Glob(filepath.Join(in.fake.fake, "jobs", "*"))
		ours := []string{in.bin + "/"}
		for _, asked := range regexp.MustCompile(`bootstrap \S+ (\S+)/job.plist`).FindAllStringSubmatch(in.fake.asked(), -1) {
			ours = append(ours, asked[1])
			if _, err := os.Stat(asked[1]); err == nil {
				left = append(left, asked[1])
			}
		}
		for _, link := range []string{"exe", "cwd"} { // plugins run from memory, in a directory below the root
			all, _ := filepath.Glob("/proc/[0-9]*/" + link)
			for _, path := range all {
				to, _ := os.Readlink(path)
				if slices.ContainsFunc(ours, func(prefix string) bool { return strings.HasPrefix(to, prefix) }) {
					left = append(left, path+" "+to)
				}
			}
		}
		return left
	}
	for end := time.Now().Add(patience); len(left()) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			in.t.Errorf("left behind: %q", left())
			return
		}
	}
}
