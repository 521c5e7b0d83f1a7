// Package bus gives the bus families their world on Linux: two real D-Bus buses,
// processes that own names and see notifications there, and the gateway through
// which a sealed plugin reaches them.
//
// # The gateway
//
// A plugin inherits two connected sockets, of a session-like and of a
// system-like bus, and can connect to nothing else. In the baseline they lead to
// the bus itself; sealed, each leads to a [Gateway], which reads one message at
// a time, judges it, emits a [lane.WitnessRow] and only then sends it on or
// answers. In both lanes the host has made the connection and done the SASL
// exchange, so that a plugin's first message is Hello whatever it is connected
// to, and bus and gateway are used by the same code.
//
//	look-up          GetNameOwner, NameHasOwner, ListQueuedOwners,
//	                 StartServiceByName, any method call by its destination:
//	                 mach-lookup of global-name
//	RequestName      mach-register of global-name; ReleaseName too, since its
//	                 answer tells whether a name exists
//	signal           darwin-notification-post on the system-like bus,
//	                 distributed-notification-post on the session-like one, of
//	                 notification-name INTERFACE.MEMBER; a signal to one
//	                 destination is a look-up of it besides
//
// A unique name (:1.5) stands for the names that its connection owns: each must
// be allowed.
//
// # Contract
//
//   - A denied call is answered with AccessDenied and never reaches the bus,
//     whether the name exists or not; the row says owned, activatable or absent.
//     A denied signal is dropped: only the row and the missing effect show it.
//   - Until [Gateway.Seal] the policy is "allow and witness" (rows say by
//     prelude, epoch 0). Sealing waits for the message in hand; one-way.
//   - Whatever else tells about names is refused by containment, with a row:
//     ListNames, ListActivatableNames, AddMatch, BecomeMonitor, the GetConnection*
//     queries, every method of the bus that is not named here.
//   - Nothing comes in but replies to calls that were sent on, and NameAcquired
//     and NameLost.
//   - It fails closed. A malformed, oversized or flooding message, one with
//     descriptors, a client that does not read, a panic while judging: each ends
//     the plugin's connection with a row that names the error, and touches nobody
//     else.
//   - What is sent on is the header that was judged, written anew.
package bus
