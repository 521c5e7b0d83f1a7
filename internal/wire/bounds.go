package wire

// Bounds of what an outcome may claim. Beyond them it is no result of any call,
// and no reader of a bundle could take it.
const (
	maxErrno  = 4095      // MAX_ERRNO of Linux; Darwin's are smaller
	maxNative = 1<<53 - 1 // what a reader with doubles still reads right
)

// implausible is an error about what no call returns, nil when all could be.
func (o Outcome) implausible() error {
	if o.StartNS < 0 || o.EndNS < o.StartNS {
		return violation("an outcome of slot %d from %d to %d ns", o.Slot, o.StartNS, o.EndNS)
	}
	r := o.Result
	if r == nil {
		return nil
	}
	if e := r.Errno; e != nil && (*e < 0 || *e > maxErrno) {
		return violation("an outcome of slot %d with errno %d", o.Slot, *e)
	}
	if n := r.Native; n != nil && (n.Code < -maxNative || n.Code > maxNative) {
		return violation("an outcome of slot %d with native code %d", o.Slot, n.Code)
	}
	return nil
}
