package main

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"
)

// workflow is as much of GitHub's format as ours uses; a key beyond it is
// refused. The whole format is actionlint's, in scripts/lint.sh.
type workflow struct {
	Name        string
	On          map[string]any
	Permissions map[string]string
	Jobs        map[string]struct {
		Name     string
		RunsOn   string `yaml:"runs-on"`
		Needs    string
		If       string
		Timeout  int `yaml:"timeout-minutes"`
		Strategy struct {
			FailFast bool `yaml:"fail-fast"`
			Matrix   struct{ Include []map[string]string }
		}
		Steps []workflowStep
	}
}

type workflowStep struct {
	Name, ID, If, Uses, Run string
	With, Env               map[string]string
}

const workflowFile = ".github/workflows/worlds.yml"

func parseWorkflow(text []byte) (*workflow, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	w := new(workflow)
	return w, d.Decode(w)
}

// TestWorkflow: the workflow's shape, and that whatever its steps call is there.
func TestWorkflow(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, workflowFile))
	if err != nil {
		t.Fatal(err)
	}
	w, err := parseWorkflow(text)
	if err != nil {
		t.Fatal(err)
	}
	w.check(t)
	var runners []string
	for _, m := range w.Jobs["world"].Strategy.Matrix.Include {
		runners = append(runners, m["runner"])
	}
	if want := []string{"ubuntu-24.04", "macos-14", "macos-15", "macos-26", "macos-15-intel"}; !slices.Equal(runners, want) {
		t.Errorf("the worlds are %q, want %q", runners, want)
	}
}

// action is one of GitHub's own, by its major version.
var action = regexp.MustCompile(`^actions/(checkout|setup-go|cache|upload-artifact|download-artifact)@v\d+$`)

func (w *workflow) check(t *testing.T) {
	t.Helper()
	if len(w.Jobs) == 0 || w.Permissions["contents"] != "read" || len(w.Permissions) != 1 {
		t.Errorf("%d jobs, permissions %v", len(w.Jobs), w.Permissions)
	}
	for name, job := range w.Jobs {
		if job.RunsOn == "" || job.Timeout == 0 || len(job.Steps) == 0 || !strings.HasPrefix(job.Steps[0].Uses, "actions/checkout@") {
			t.Errorf("job %s: runs on %q for %d minutes, %d steps", name, job.RunsOn, job.Timeout, len(job.Steps))
		}
		if job.Needs != "" && w.Jobs[job.Needs].RunsOn == "" {
			t.Errorf("job %s needs %q", name, job.Needs)
		}
		for i, s := range job.Steps {
			switch {
			case (s.Uses == "") == (s.Run == ""):
				t.Errorf("job %s, step %d: uses %q, runs %q", name, i, s.Uses, s.Run)
			case s.Uses != "" && !action.MatchString(s.Uses):
				t.Errorf("job %s uses %s", name, s.Uses)
			case s.Run != "":
				checkScript(t, name+", "+cmp.Or(s.Name, s.ID), s.Run)
			}
		}
	}
}

// checkScript wants a step's shell to be shell, and what it calls to be there.
func checkScript(t *testing.T, step, script string) {
	t.Helper()
	if out, err := exec.Command("bash", "-n", "-c", script).CombinedOutput(); err != nil {
		t.Errorf("%s: %s", step, out)
	}
	for line := range strings.Lines(script) {
		words := strings.Fields(line)
		switch {
		case len(words) < 2:
		case words[0] == "make":
			makefile, _ := os.ReadFile(filepath.Join(root, "Makefile"))
			if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(words[1]) + `:`).Match(makefile) {
				t.Errorf("%s: no target %s in the Makefile", step, words[1])
			}
		case words[0] == "sh":
			if _, err := os.Stat(filepath.Join(root, words[1])); err != nil {
				t.Errorf("%s: %v", step, err)
			}
		case words[0] == "bin/hrhost", words[0] == "hrhost":
			checkCommand(t, step, words[1:])
		}
	}
}

// checkCommand wants one of our own command lines to be right.
func checkCommand(t *testing.T, step string, words []string) {
	t.Helper()
	if i := slices.IndexFunc(words, func(w string) bool { return w == ">" || w == "||" }); i >= 0 {
		words = words[:i]
	}
	top := rootCommand(newUI(nil, nil))
	top.InitDefaultVersionFlag()
	c, rest, err := top.Find(words)
	if err == nil {
		err = c.ParseFlags(rest)
	}
	if err == nil {
		err = c.ValidateArgs(c.Flags().Args())
	}
	if err != nil {
		t.Errorf("%s: hrhost %s: %v", step, strings.Join(words, " "), err)
	}
}

// runStep is the script command `step FILE JOB ID`: it runs the shell of a step
// of a workflow, as GitHub does where the step names no shell. FILE may be -,
// for our own.
func runStep(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: step FILE JOB ID")
	}
	path := filepath.Join(root, workflowFile)
	if args[0] != "-" {
		path = ts.MkAbs(args[0])
	}
	text, err := os.ReadFile(path)
	ts.Check(err)
	w, err := parseWorkflow(text)
	ts.Check(err)
	for _, s := range w.Jobs[args[1]].Steps {
		if s.ID != args[2] {
			continue
		}
		if err := ts.Exec("bash", "-e", "-c", s.Run); (err != nil) != neg {
			ts.Fatalf("step %s: %v", s.ID, err)
		}
		return
	}
	ts.Fatalf("job %s has no step %s", args[1], args[2])
}
