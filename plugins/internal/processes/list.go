package processes

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// byNumber begins a target that is a process of the host: "pid:42".
const byNumber = "pid:"

// Each passes every process of this host to yield, as a target: "pid:42". The
// process that lists is left out, for it will be gone. Others may go as well
// before anybody gets to them; such a one is missing.
func Each(yield func(target string) error) error {
	return each(func(pid int) error {
		if pid == os.Getpid() {
			return nil
		}
		return yield(byNumber + strconv.Itoa(pid))
	})
}

// numbered finds the process of a target "pid:42"; false when it is none.
func numbered(name string) (*Target, bool) {
	number, ok := strings.CutPrefix(name, byNumber)
	pid, err := strconv.Atoi(number)
	if !ok || err != nil || pid <= 0 || fmt.Sprint(pid) != number {
		return nil, false
	}
	return &Target{Name: name, PID: pid}, true
}
