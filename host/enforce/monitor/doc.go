// Package monitor enforces an SBPL policy on Linux: it answers the system calls
// of one sealed process tree over a seccomp listener, and writes down each
// judgement before it answers.
//
// # How a call is answered
//
// A filter installed before the plugin's first instruction ([Monitor.Program])
// sends every call that names a mediated object to one receiver thread. The
// receiver finds the object behind the call, asks the policy about it, emits
// one [lane.WitnessRow] for each operation judged, and then answers (a handler
// returns a reply, and one function sends it):
//
//	deny      EPERM, and nothing was opened or sent
//	inject    the host opened the object that was judged and puts the
//	          descriptor into the plugin; the name is never read again
//	emulate   the host did the call (stat, readlink, a signal through a pidfd)
//	          and hands over the result, which may be the kernel's own error
//	continue  the kernel does the call itself: only for plain files, behind
//	          which Landlock stands, and for calls whose arguments are scalars
//	          (sockets by family, type and protocol)
//
// Until [Monitor.Seal] the policy is "allow and witness" (rows say by prelude,
// epoch 0). Sealing is a switch in the host; the filter never changes.
//
// # Contract
//
//   - A denial by the policy is EPERM, always. A missing object that the policy
//     allows keeps the kernel's errno.
//   - An answer that the policy could not give (a missing fact) is a refusal by
//     containment, never a policy verdict.
//   - What is refused whatever the profile says (ptrace, namespaces, foreign
//     ABIs, io_uring, connecting sockets...) is by containment too: see contain.go.
//   - No decision to allow rests on memory that the plugin can change: either
//     the object itself is handed over, or the arguments are scalars.
//   - It fails closed. A path that cannot be read, a process that cannot be
//     identified, a panic while judging: each is answered with an error. Once the
//     listener is closed the kernel answers ENOSYS.
//   - Every notification is answered exactly once, or was withdrawn by the
//     kernel (counted in [Stats].Lost).
//
// Only amd64 has a verified table of calls; [New] refuses other machines.
package monitor
