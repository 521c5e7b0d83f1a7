package launch

// View is how far a wrapped process's view of processes differs from the host's.
type View struct {
	Known     bool // false when it could not be looked at
	OwnPIDs   bool // it is in a pid namespace of its own: its pid 1 is another process
	HostsProc bool // its /proc is the host's, so that its own numbers mean other processes there
	NoProc    bool // it has none
}
