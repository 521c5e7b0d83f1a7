package processes

import "github.com/hrhost/hrhost/internal/darwin"

// each passes on the number of every process.
func each(yield func(pid int) error) error {
	pids, err := darwin.Processes()
	if err != nil {
		return err
	}
	for _, pid := range pids {
		if err := yield(pid); err != nil {
			return err
		}
	}
	return nil
}
