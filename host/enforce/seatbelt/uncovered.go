package seatbelt

// plainFamily posts without the option by which notifyd asks the sandbox.
const plainFamily = "notifyplain"

// Uncovered says why the system decides nothing about an operation of a family, "" when
// it decides. Every family but one calls what the kernel or a server judges.
// fact:notify.plain
func Uncovered(family, operation string) string {
	if family == plainFamily && operation == opDarwinPost {
		return "notifyd asks the sandbox about filtered posts only: this plain notify_post passes whatever the policy says"
	}
	return ""
}

const opDarwinPost = "darwin-notification-post"
