package processes

import (
	"errors"
	"io"
	"os"
	"strconv"
)

// each passes on the number of every process that /proc shows. The directory is
// read piece by piece.
func each(yield func(pid int) error) error {
	d, err := os.Open("/proc")
	if err != nil {
		return err
	}
	defer d.Close()
	for {
		names, err := d.Readdirnames(256)
		for _, name := range names {
			pid, notNumber := strconv.Atoi(name)
			if notNumber != nil {
				continue
			}
			if err := yield(pid); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
