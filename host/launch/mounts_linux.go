package launch

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// mount is one line of /proc/self/mountinfo (proc_pid_mountinfo(5)).
type mount struct {
	id     uint64
	device string // major:minor
	root   string // which part of the file system it shows
	point  string
}

func readMounts() ([]mount, error) {
	b, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil, err
	}
	return parseMounts(string(b))
}

func parseMounts(text string) (mounts []mount, err error) {
	for line := range strings.Lines(text) {
		w := strings.Fields(line)
		if len(w) < 6 {
			return nil, fmt.Errorf("reading /proc/self/mountinfo: a line of %d words", len(w))
		}
		m := mount{device: w[2], root: unescape(w[3]), point: unescape(w[4])}
		if m.id, err = strconv.ParseUint(w[0], 10, 64); err != nil {
			return nil, fmt.Errorf("reading /proc/self/mountinfo: %w", err)
		}
		mounts = append(mounts, m)
	}
	return mounts, nil
}

// unescape undoes the octal escapes of blanks and backslashes.
func unescape(s string) string {
	for at := 0; ; at++ {
		i := strings.IndexByte(s[at:], '\\')
		if i < 0 {
			return s
		}
		at += i
		if at+4 > len(s) {
			return s
		}
		if n, err := strconv.ParseUint(s[at+1:at+4], 8, 8); err == nil {
			s = s[:at] + string([]byte{byte(n)}) + s[at+4:]
		}
	}
}

// namesOf are the paths by which a directory is reached that is at dir, in the
// mount with that id: other mounts of the file system may show it too (whole), or
// something that is in it (parts). Whether another mount hides one is not looked at.
func namesOf(dir string, id uint64, mounts []mount) (whole, parts []string) {
	whole = []string{dir}
	i := slices.IndexFunc(mounts, func(m mount) bool { return m.id == id })
	if i < 0 {
		return whole, nil
	}
	own := mounts[i]
	rest, ok := below(own.point, dir)
	if !ok {
		return whole, nil
	}
	inside := path.Join(own.root, rest)
	for _, m := range mounts {
		if m.device != own.device {
			continue
		}
		if rest, ok := below(m.root, inside); ok {
			whole = append(whole, path.Join(m.point, rest))
		} else if _, ok := below(inside, m.root); ok {
			parts = append(parts, m.point)
		}
	}
	slices.Sort(whole)
	return slices.Compact(whole), parts
}

// below gives what follows top in a path.
func below(top, p string) (rest string, ok bool) {
	if top == "/" {
		return p, true
	}
	rest, ok = strings.CutPrefix(p, top)
	return rest, ok && (rest == "" || rest[0] == '/')
}
