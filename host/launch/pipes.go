package launch

import "os"

// pipes are a process's three: its standard streams, which it writes, and the
// life pipe, which it only reads, and at whose end it exits.
type pipes struct{ out, err, life [2]*os.File }

func newPipes() (*pipes, error) {
	p := new(pipes)
	for _, pair := range []*[2]*os.File{&p.out, &p.err, &p.life} {
		r, w, err := os.Pipe()
		if err != nil {
			p.closeTheirs()
			p.closeOurs()
			return nil, err
		}
		pair[0], pair[1] = r, w
	}
	return p, nil
}

// closeTheirs closes the ends that the process has inherited. Closing nil is
// harmless.
func (p *pipes) closeTheirs() {
	p.out[1].Close()
	p.err[1].Close()
	p.life[0].Close()
}

func (p *pipes) closeOurs() {
	p.out[0].Close()
	p.err[0].Close()
	p.life[1].Close()
}
