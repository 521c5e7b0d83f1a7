package seatbelt

// LogPredicate is what log(1) is asked for; who sent a record is checked again. It names
// no event type: log(1) reads those as numbers, and lossEvent is in no list of them, so
// that it may refuse the whole predicate with exit status 64. fact:log.predicate
const LogPredicate = `senderImagePath ENDSWITH "/Sandbox.kext/Contents/MacOS/Sandbox"`
