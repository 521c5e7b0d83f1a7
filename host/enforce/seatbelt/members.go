package seatbelt

import (
	"maps"
	"slices"
	"time"
)

// Member is a process of the plugin's as the host saw it: a descendant, or one in
// its process group. A number is given out again, so that the start belongs to it.
type Member struct {
	PID   int
	Start time.Time
}

// maxMembers is more than a plugin has in a run.
const maxMembers = 4096

// Members are those that were seen while a plugin ran. What came and went between
// two looks is not among them. The zero value has none.
type Members map[Member]struct{}

// Add notes who is there now.
func (m Members) Add(now []Member) {
	for _, one := range now {
		if len(m) < maxMembers {
			m[one] = struct{}{}
		}
	}
}

// at reports that a process with the number was a member at a moment, as the
// log's clock tells it.
func (m Members) at(pid int, t time.Time) bool {
	for one := range m {
		if one.PID == pid && !t.Before(one.Start.Add(-Slack)) {
			return true
		}
	}
	return false
}

// family lists who descends from a process or is in its group, without itself.
func family(pid int, group []int, children func(pid int) []int) []int {
	known := map[int]bool{}
	for queue := append([]int{pid}, group...); len(queue) > 0 && len(known) <= maxMembers; queue = queue[1:] {
		one := queue[0]
		if !known[one] {
			known[one] = true
			queue = append(queue, children(one)...)
		}
	}
	delete(known, pid)
	return slices.Sorted(maps.Keys(known))
}
