package lane

// CompareBaseline says what the baseline lane means for a sealed result. A
// baseline that did not finish, or that containment may have changed, is none.
func CompareBaseline(sealed Result, base *BaselineRow, oneWay bool) Baseline {
	switch {
	case base == nil || base.Contained || base.State != Done:
		return BaselineNone
	case base.Result.Class == NoResult || base.Result.Class == "":
		return BaselineNone
	case worked(base, oneWay):
		return BaselineOK
	case base.Result.Class == Missing:
		return BaselineMissing
	case sameResult(sealed, base.Result):
		return BaselineSame
	}
	return BaselineOther
}

func worked(base *BaselineRow, oneWay bool) bool {
	if oneWay {
		return base.Effect == EffectSeen
	}
	return base.Result.Class == OK
}

// sameResult needs a code on both sides: two results without one may be two
// different refusals.
func sameResult(a, b Result) bool {
	if a.Class != b.Class || a.API != b.API {
		return false
	}
	if a.Native != nil || b.Native != nil {
		return a.Native != nil && b.Native != nil && *a.Native == *b.Native
	}
	return a.Errno != nil && b.Errno != nil && *a.Errno == *b.Errno
}

// UseOf says what became of a handle acquired before sealing, "" on other arms
// and where the use never returned.
func UseOf(a Attempt) Use {
	switch {
	case a.Arm != Before || a.State != Done:
		return ""
	case a.Result == OK && a.Witness.Primary != Deny:
		return UseHeld
	case a.Witness.Primary == Deny, a.Result == Denied && !a.Witness.ContainmentRefused:
		return UseRefused
	}
	return UseLost
}
