package seatbelt

// launchFacts are about launchd and launchctl, which the clean channel drives.
var launchFacts = []Fact{
	{
		ID:     "launch.domain",
		Claim:  "launchctl bootstrap gui/UID starts a job in the user's session, user/UID with LimitLoadToSessionType Background where there is none",
		Source: "Protonk/sandbox-boostrap",
		Status: Verified, On: "14.4.1",
		Breaks: "the clean channel can't be had: the run ends with the failure that launchctl names, and channel = \"direct\" is not promotable",
	},
	{
		ID:     "launch.error-codes",
		Claim:  "launchctl exits with launchd's error number: 3 or 113 no such job, 112 and 125 no such session, 134 wrong session type, 109 bad property list, 155 quarantined, 5 anything",
		Source: "lists of launchctl error N printed on Macs; many public transcripts of 5, 36, 112, 113, 125 and 134",
		Status: Assumed,
		Breaks: "a failed start gets the wrong sentence; launchctl's own words stand beside it",
	},
	{
		ID:     "launch.bootout-later",
		Claim:  "bootout may answer 36, operation now in progress, and the job goes a little later, when print no longer finds it",
		Source: "public transcripts since 10.15; several installers wait like this",
		Status: Assumed,
		Breaks: "a run that went well ends with: the job is still loaded",
	},
	{
		ID:     "launch.print",
		Claim:  "launchctl print DOMAIN/LABEL has lines state, job state, last exit code, last terminating signal and last exit reason, indented once",
		Source: "public transcripts of 12 to 26; launchctl(1) says that the output is no interface",
		Status: Assumed,
		Breaks: "a job that launchd cannot start is noticed only after 30 s, without the reason",
	},
	{
		ID:     "launch.session",
		Claim:  "launchd starts a job as the leader of a session and process group of its own, and ends what is left of the group when the job ends",
		Source: "launchd core.c job_postfork_become_user, setsid; job_reap, runtime_killpg (842, 2013)",
		Status: Assumed,
		Breaks: "a job that will not stop is not killed: the run says which process is left",
	},
	{
		ID:     "launch.fifo",
		Claim:  "a FIFO opened for reading and writing does not wait, and its last writer's end is read as 0 bytes by a reader that does not block",
		Source: "XNU bsd/miscfs/fifofs/fifo_vnops.c fifo_open, fifo_read, fifo_close_internal",
		Status: Checked,
		Breaks: "the job hangs before it begins, or its end is not noticed: never_began, or Ctrl-C",
	},
	{
		ID:     "launch.process-type",
		Claim:  "ProcessType Interactive lifts the limits on processor and disk that a job without a type gets",
		Source: "launchd.plist(5)",
		Status: Checked,
		Breaks: "nothing but time: a run under launchd is slower than by hand",
	},
	{
		ID:     "launch.privacy",
		Claim:  "a launchd job that opens a file in Desktop, Documents or Downloads gets EPERM until the user allows it; /private/tmp is free",
		Source: "Protonk/sandbox-boostrap staged there for that reason; public reports of launchd scripts that exit 126",
		Status: Assumed,
		Breaks: "the run fails at the first file with the system's own words instead of ours",
	},
	{
		ID:     "launch.signature-kill",
		Claim:  "a program whose signature is not accepted is ended by SIGKILL before its first instruction, and launchd calls the reason OS_REASON_CODESIGNING",
		Source: "public transcripts of launchctl print and crash reports; XNU bsd/kern/kern_exec.c",
		Status: Assumed,
		Breaks: "the failure is called died, and the logs that are kept tell the rest",
	},
}
