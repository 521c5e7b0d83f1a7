package clean

import (
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// fakeLaunchctl is a launchctl without a launchd: its state is the directory in
// which it lies, and it really starts the jobs. A file below that directory
// makes it behave as on other Macs:
//
//	gui                  there is a graphical session
//	fail.VERB            "CODE TEXT": that verb answers so. "DOMAIN CODE TEXT": in that domain
//	hang.VERB            that verb does not answer
//	spawn-failed         jobs are loaded and cannot be started; text for `print`
//	slow-bootout         bootout answers 36 and does it later
//	hide                 directories that jobs can't see into, separated by colons
//	jobs/DOMAIN,LABEL/   a loaded job: its plist, pid, and exit status when it has ended
//	asked                what it was asked, one a line
func fakeLaunchctl(dir string, args []string) int {
	f := fakeLaunchd{dir}
	f.note(args)
	verb := args[0]
	if _, err := os.Stat(f.path("hang." + verb)); err == nil {
		time.Sleep(time.Hour)
	}
	if b, err := os.ReadFile(f.path("fail." + verb)); err == nil {
		words := strings.Fields(string(b))
		if code, err := strconv.Atoi(words[0]); err == nil {
			return f.refuse(verb, code, strings.Join(words[1:], " "))
		} else if words[0] == args[1] {
			code, _ := strconv.Atoi(words[1])
			return f.refuse(verb, code, strings.Join(words[2:], " "))
		}
	}
	switch {
	case verb == "print" && len(strings.Split(args[1], "/")) == 2:
		if _, err := os.Stat(f.path("gui")); err != nil && strings.HasPrefix(args[1], "gui/") {
			return f.refuse(verb, 125, "Domain does not support specified action")
		}
		return 0
	case verb == "print":
		return f.print(args[1])
	case verb == "bootstrap":
		return f.bootstrap(args[1], args[2])
	case verb == "bootout":
		return f.bootout(args[1])
	}
	return f.refuse(verb, 64, "Unrecognized subcommand")
}

type fakeLaunchd struct{ dir string }

func (f fakeLaunchd) path(name string) string { return filepath.Join(f.dir, name) }

func (f fakeLaunchd) job(domain, label string) string {
	return f.path("jobs/" + strings.ReplaceAll(domain, "/", "-") + "," + label)
}

func (f fakeLaunchd) jobOf(target string) string {
	i := strings.LastIndexByte(target, '/')
	return f.job(target[:i], target[i+1:])
}

func (f fakeLaunchd) note(args []string) {
	a, err := os.OpenFile(f.path("asked"), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err == nil {
		fmt.Fprintln(a, strings.Join(args, " "))
		a.Close()
	}
}

func (f fakeLaunchd) refuse(verb string, code int, text string) int {
	fmt.Fprintf(os.Stderr, "%s failed: %d: %s\n", map[string]string{"bootstrap": "Bootstrap", "bootout": "Boot-out", "print": "Print"}[verb], code, text)
	return code
}

func (f fakeLaunchd) print(target string) int {
	dir := f.jobOf(target)
	if _, err := os.Stat(dir); err != nil {
		return f.refuse("print", 113, "Could not find service in domain")
	}
	fmt.Printf("%s = {\n", target)
	failed, notSpawned := os.ReadFile(f.path("spawn-failed"))
	exit, notEnded := os.ReadFile(filepath.Join(dir, "exit"))
	switch {
	case notSpawned == nil:
		fmt.Printf("\tstate = not running\n%s", failed)
	case notEnded == nil:
		fmt.Printf("\tstate = not running\n\t%s\n", exit)
	default:
		fmt.Printf("\tstate = running\n")
	}
	fmt.Printf("\tendpoints = {\n\t\tstate = active\n\t}\n}\n")
	return 0
}

func (f fakeLaunchd) bootstrap(domain, plist string) int {
	p, err := readPlist(plist)
	if err != nil {
		return f.refuse("bootstrap", 109, "Invalid property list")
	}
	session := p["LimitLoadToSessionType"]
	if strings.HasPrefix(domain, "user/") != (len(session) == 1 && session[0] == "Background") {
		return f.refuse("bootstrap", 134, "Service cannot load in requested session")
	}
	dir := f.job(domain, p["Label"][0])
	if os.MkdirAll(f.path("jobs"), 0o700) != nil || os.Mkdir(dir, 0o700) != nil {
		return f.refuse("bootstrap", 5, "Input/output error")
	}
	text, _ := os.ReadFile(plist)
	os.WriteFile(filepath.Join(dir, "plist"), text, 0o600)
	os.WriteFile(f.path("bootstrapped"), text, 0o600)
	if _, err := os.Stat(f.path("spawn-failed")); err == nil {
		return 0
	}
	exe, _ := os.Executable()
	minder := exec.Command(exe, "mind", dir)
	minder.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := minder.Start(); err != nil {
		return f.refuse("bootstrap", 5, err.Error())
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "pid")); err == nil {
			return 0
		}
	}
	return f.refuse("bootstrap", 5, "the job was not started")
}

// mind is launchd's part for one job: it starts it, waits, and ends what is left
// of its process group.
func mind(dir string) int {
	if os.Chdir(dir) != nil { // which may be renamed
		return 1
	}
	p, err := readPlist("plist")
	if err != nil {
		return 1
	}
	for fd := 3; fd < 64; fd++ { // what the tests were started with
		syscall.CloseOnExec(fd)
	}
	args := p["ProgramArguments"]
	attributes := &syscall.SysProcAttr{Setsid: true}
	if hidden, err := os.ReadFile("../../hide"); err == nil {
		exe, _ := os.Executable()
		args = append([]string{exe, "hide", string(hidden)}, args...)
		inNamespaces(attributes)
	}
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = p["WorkingDirectory"][0]
	cmd.Env = append(p["EnvironmentVariables"], "XPC_SERVICE_NAME="+p["Label"][0], "SET_BY_LAUNCHCTL=for all jobs")
	for path, to := range map[string]*io.Writer{p["StandardOutPath"][0]: &cmd.Stdout, p["StandardErrorPath"][0]: &cmd.Stderr} {
		out, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
		if err == nil {
			*to = out
		}
	}
	if p["StandardOutPath"][0] == p["StandardErrorPath"][0] {
		cmd.Stdout, cmd.Stderr = first(cmd.Stdout, cmd.Stderr), first(cmd.Stdout, cmd.Stderr)
	}
	cmd.SysProcAttr = attributes
	if err := cmd.Start(); err != nil {
		write("exit", "last exit code = 78: EX_CONFIG")
	} else {
		write("pid", strconv.Itoa(cmd.Process.Pid))
		cmd.Wait()
		syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		s := cmd.ProcessState.Sys().(syscall.WaitStatus)
		if s.Signaled() {
			write("exit", fmt.Sprintf("last terminating signal = %s: %d", s.Signal(), s.Signal()))
		} else {
			write("exit", fmt.Sprintf("last exit code = %d", s.ExitStatus()))
		}
	}
	write("pid", "0")
	return 0
}

func first(a, b io.Writer) io.Writer {
	if a != nil {
		return a
	}
	return b
}

func write(name, text string) {
	os.WriteFile(name+".part", []byte(text), 0o600)
	os.Rename(name+".part", name)
}

// bootout forgets the job, tells it to end, and kills it when it does not.
func (f fakeLaunchd) bootout(target string) int {
	dir := f.jobOf(target)
	if _, err := os.Stat(f.path("slow-bootout")); err == nil && os.Getenv("FAKE_LATER") == "" {
		if _, err := os.Stat(dir); err != nil {
			return f.refuse("bootout", 3, "No such process")
		}
		later := exec.Command(os.Args[0], "bootout", target)
		later.Env = append(os.Environ(), "FAKE_LATER=1")
		later.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		later.Start()
		return f.refuse("bootout", 36, "Operation now in progress")
	}
	if os.Getenv("FAKE_LATER") != "" {
		time.Sleep(300 * time.Millisecond)
	}
	os.MkdirAll(f.path("unloading"), 0o700)
	to := f.path("unloading/" + filepath.Base(dir))
	if err := os.Rename(dir, to); err != nil {
		return f.refuse("bootout", 3, "No such process")
	}
	pid := func() int {
		b, _ := os.ReadFile(filepath.Join(to, "pid"))
		n, _ := strconv.Atoi(string(b))
		return n
	}
	if p := pid(); p > 1 {
		syscall.Kill(p, syscall.SIGTERM)
	}
	for i := 0; pid() > 1; i++ {
		if i == 100 {
			syscall.Kill(pid(), syscall.SIGKILL)
		}
		time.Sleep(10 * time.Millisecond)
	}
	os.RemoveAll(to)
	return 0
}

// readPlist reads the values of a property list's dictionary as lists of strings;
// a dictionary's are KEY=VALUE.
func readPlist(path string) (map[string][]string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	d := xml.NewDecoder(strings.NewReader(string(b)))
	var text, key, inner string
	depth := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			text = ""
			if t.Name.Local == "dict" {
				depth++
			}
		case xml.CharData:
			text += string(t)
		case xml.EndElement:
			switch {
			case t.Name.Local == "dict":
				depth--
			case t.Name.Local == "key" && depth == 1:
				key = text
			case t.Name.Local == "key":
				inner = text
			case t.Name.Local == "string" && depth == 2:
				all[key] = append(all[key], inner+"="+text)
			case t.Name.Local == "string":
				all[key] = append(all[key], text)
			}
		}
	}
	for _, k := range []string{"Label", "ProgramArguments", "WorkingDirectory", "StandardOutPath", "StandardErrorPath"} {
		if len(all[k]) == 0 {
			return nil, fmt.Errorf("no %s", k)
		}
	}
	return all, nil
}
