package run

import "github.com/hrhost/hrhost/host/probing"

// parts are what all phases of a run work with.
type parts struct {
	frame   frame
	plugins pluginSet
	points  *enforcement
	procs   *processes
	spool   *spool
	out     *outputs
	res     *results
}

// keepBaseline puts a batch's baseline into the spool.
func (p *parts) keepBaseline(b *batch, rep *probing.Report) (extent, error) {
	f := p.frame.of(p.plugins[b.prof.Family])
	return p.spool.put(f.unsealed(b, rep, p.points.launcher.Containment()))
}
