//go:build linux

package monitor

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/hrhost/hrhost/host/lane"
)

// signalGroup is kill with 0, -1 or -pgid: allowed when every member is. One
// row stands for all: it names the first member refused.
func (c *call) signalGroup(which, sig int) reply {
	members, e := c.members(which)
	switch {
	case !c.waits():
		return gone()
	case e != 0:
		return fail(e)
	}
	c.carrier = c.name + " " + strconv.Itoa(which) + " " + strconv.Itoa(sig)
	if len(members) == 0 {
		return c.noProcess(which, sig)
	}
	inside, host := true, false
	for i := range members {
		p := &members[i]
		inside = inside && p.inside
		host = host || p.pid == os.Getpid()
		s := signalSubject(p, sig)
		s.filter = lane.Filter{Name: "target", Value: groupName(which, c.m, c.pid)}
		c.rows = nil
		if r, ok := c.judge(s); !ok {
			return r
		}
	}
	switch {
	case inside:
		return proceed()
	case host && sig != 0:
		return contain(unix.EPERM, whyHost)
	}
	return c.sendToAll(members, sig)
}

// sendToAll succeeds when one member got the signal, as kill does.
func (c *call) sendToAll(members []peer, sig int) reply {
	err := error(unix.ESRCH)
	for i := range members {
		p := &members[i]
		fd, e := unix.PidfdOpen(p.pid, 0)
		if e != nil {
			continue
		}
		if p.same(c.m) {
			if e = pidfdSend(fd, sig, nil); e == nil || err != nil {
				err = e
			}
		}
		unix.Close(fd)
	}
	return result(0, err)
}

// members are the processes that a group number means, the caller's own first.
func (c *call) members(which int) ([]peer, unix.Errno) {
	pgrp := -which
	if which == 0 {
		me, ok := c.m.readStat(c.pid)
		if !ok {
			return nil, unix.ESRCH
		}
		pgrp = me.pgrp
	}
	all, err := c.m.pids()
	if err != nil {
		return nil, unix.EPERM
	}
	var l []peer
	for _, pid := range all {
		if which == -1 {
			if pid == 1 || pid == c.pid { // the kernel leaves these out
				continue
			}
		} else if s, ok := c.m.readStat(pid); !ok || s.pgrp != pgrp {
			continue
		}
		if p := c.m.peerOf(c.pid, pid); p.exists {
			l = append(l, p)
		}
	}
	return l, 0
}

func groupName(which int, m *Monitor, caller int) string {
	switch which {
	case -1:
		return "all"
	case 0:
		s, _ := m.readStat(caller)
		return "pgrp:" + strconv.Itoa(s.pgrp)
	}
	return "pgrp:" + strconv.Itoa(-which)
}
