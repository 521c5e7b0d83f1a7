package seatbelt

// registry is in the order in which a run meets them.
var registry = join(applyFacts, checkFacts, probeFacts, logFacts, worldFacts)

func join(lists ...[]Fact) (all []Fact) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

var applyFacts = []Fact{
	{
		ID:     "apply.sbpl-text",
		Claim:  "sandbox_init_with_parameters with flags 0 takes the text of a profile and a null-terminated array of keys and values",
		Source: "chromium sandbox/mac/seatbelt.cc; decompiled libsystem_sandbox; Protonk/sandbox-boostrap applies text with flags 0",
		Status: Verified, On: "14.4.1",
		Breaks: "no profile is applied: every row is apply_failed, none is a decision",
	},
	{
		ID:     "apply.error-buffer",
		Claim:  "on failure *errorbuf is null or text for sandbox_free_error, and a line goes to descriptor 2",
		Source: "sandbox.h of the SDK; decompiled libsystem_sandbox",
		Status: Checked,
		Breaks: "the apply report lacks its words; a wrong free ends the plugin, which is probe_died at stage apply",
	},
	{
		ID:     "apply.already",
		Claim:  "a process that is sandboxed already gets -1 and EPERM with no words",
		Source: "anthropic-experimental/sandbox-runtime#67; Protonk/sandbox-boostrap",
		Status: Verified, On: "14.4.1",
		Breaks: "a nested apply is called refused instead of already sandboxed; neither becomes a decision",
	},
	{
		ID:     "apply.same-again",
		Claim:  "applying the same compiled profile once more may return 0",
		Source: "appandflow/stim#469 and #551 on 26.5; contradicted for 26.5.2 by a later report",
		Status: Assumed,
		Breaks: "nothing: the outer sandbox is found by sandbox_check before any apply",
	},
	{
		ID:     "apply.gate",
		Claim:  "a profile with apply-message-filter needs an entitlement: compiling works, applying answers EPERM",
		Source: "Protonk/sandbox-boostrap gate-witnesses; the log says \"missing message filter entitlement\"",
		Status: Verified, On: "14.4.1",
		Breaks: "such a profile is refused before trying though it would apply",
	},
	{
		ID:     "apply.all-threads",
		Claim:  "an applied profile is in force on every thread from its next system call on",
		Source: "XNU bsd/kern/kern_credential.c kauth_proc_label_update, osfmk/arm64/sleh.c",
		Status: Checked,
		Breaks: "a probe could run on a thread that is not sealed; its allow would be wrong",
	},
	{
		ID:     "apply.descriptors-survive",
		Claim:  "what was open before stays usable: descriptors, mappings, mach send rights",
		Source: "chromium sandbox/mac/README.md; sandbox(7)",
		Status: Checked,
		Breaks: "the sealed plugin loses its connection, and every attempt is not_reached",
	},
	{
		ID:     "apply.connected-socket",
		Claim:  "reading and writing a connected stream socket is not asked about; accept, bind and connect are",
		Source: "XNU bsd/kern/sys_socket.c soo_read, soo_write; uipc_syscalls.c",
		Status: Checked,
		Breaks: "as above under (deny default)",
	},
	{
		ID:     "apply.exec-minimum",
		Claim:  "a Go plugin starts under a profile applied before exec if it may process-exec* and file-read* its binary, /, /System and /usr/lib, and sysctl-read hw.pagesize_compat",
		Source: "Go runtime/os_darwin.go; XNU kern_mib.c; Protonk/PolicyWitness measured a C helper",
		Status: Assumed,
		Breaks: "with seal = exec the plugin dies before the handshake: stage launch, no decision",
	},
	{
		ID:     "apply.fork-minimum",
		Claim:  "a sealed plugin can start its own binary if it may process-fork, process-exec* and file-read*",
		Source: "Protonk/PolicyWitness, a C helper",
		Status: Verified, On: "14.8.3",
		Breaks: "the targets child, pgrp and sibling can't be made: acquire fails, no decision",
	},
	{
		ID:     "apply.deny-default-gaps",
		Claim:  "(deny default) covers neither process-info* nor darwin-notification-post",
		Source: "Firefox SandboxPolicy*.h; WebKit com.apple.WebProcess.sb.in; SBPL corpus",
		Status: Checked,
		Breaks: "nothing for our profiles, which deny them by name; sbpl-model predicts allow where the system denies",
	},
	{
		ID:     "compile.profile-layout",
		Claim:  "sandbox_profile_t points to {builtin, data, size}, 24 bytes",
		Source: "chromium sandbox/mac/seatbelt.cc; WebKit SandboxSPI.h",
		Status: Checked,
		Breaks: "the digest of the compiled profile is wrong or missing",
	},
	{
		ID:     "compile.exports",
		Claim:  "libsandbox.1.dylib exports sandbox_compile_string and its kin after 11.3 too",
		Source: "export data of the 11.3 SDK; chromium still calls them",
		Status: Assumed,
		Breaks: "no digest of the compiled profile; the report names the missing symbol",
	},
	{
		ID:     "compile.import-dirs",
		Claim:  "(import \"name\") is looked for in /System/Library/Sandbox/Profiles and /usr/share/sandbox, not beside the profile",
		Source: "strings of libsandbox; sandbox(7)",
		Status: Assumed,
		Breaks: "the import closure in the bundle is not what the system compiled; name own imports by absolute path",
	},
}

var checkFacts = []Fact{
	{
		ID:     "check.result",
		Claim:  "sandbox_check answers 0 for allow, 1 for deny, -1 with EINVAL for an unknown operation or filter",
		Source: "Protonk/PolicyWitness",
		Status: Verified, On: "14.8.3",
		Breaks: "the oracle's rows are wrong; calibration finds out",
	},
	{
		ID:     "check.filters-measured",
		Claim:  "filters 1 path, 2 global-name, 3 local-name, 5 right-name, 6 preference-domain, 12 xpc-service-name",
		Source: "Protonk/PolicyWitness VERIFICATIONS.md; Protonk/sandbox-boostrap run 58fd21aa",
		Status: Verified, On: "14.4.1, 14.8.3",
		Breaks: "the oracle's rows are wrong; calibration finds out",
	},
	{
		ID:     "check.filters-decompiled",
		Claim:  "filters 4 appleevent-destination, 7 kext-bundle-id, 8 info-type, 9 notification-name with a flag, 10 descriptor, 13 iokit-connection, 14 syscall-number",
		Source: "decompiled libsystem_sandbox; dyld DyldDelegates.cpp uses 14",
		Status: Checked,
		Breaks: "those filters' oracle rows are wrong; calibration finds out where the run has them",
	},
	{
		ID:     "check.filters-unsure",
		Claim:  "filters 11 file id, 15 nvram-variable, 16 machtrap-number, 17 ipc-posix-name, 18 signal-number",
		Source: "one decompilation",
		Status: Assumed,
		Breaks: "as above",
	},
	{
		ID:     "check.no-filter",
		Claim:  "no number stands for sysctl-name, for sockets, for IOKit classes or for a target process",
		Source: "Protonk/PolicyWitness scanned 1 to 200; the decompiled switch ends at 18",
		Status: Verified, On: "14.8.3",
		Breaks: "rows say unsupported_by_api where the system could have predicted",
	},
	{
		ID:     "check.no-report",
		Claim:  "SANDBOX_CHECK_NO_REPORT is an exported 4-byte constant that keeps a question out of the log",
		Source: "export data of the 11.3 and 15.1 SDKs; decompiled libsystem_sandbox",
		Status: Checked,
		Breaks: "the host's own questions show up as denials of the plugin",
	},
	{
		ID:     "check.other-process",
		Claim:  "an unsandboxed process may ask about another process of the same user",
		Source: "Protonk/PolicyWitness; launchd core.c asks about its clients",
		Status: Verified, On: "14.8.3",
		Breaks: "sealing can't be confirmed, so nothing is decided under self",
	},
	{
		ID:     "check.dead-process",
		Claim:  "asking about a process that is gone is an error, not an answer",
		Source: "none",
		Status: Assumed,
		Breaks: "a plugin that died between Run and the questions gets oracle rows that mean nothing",
	},
	{
		ID:     "check.variadic-stack",
		Claim:  "on arm64 every variadic argument lies on the stack, eight bytes each",
		Source: "Apple, Writing ARM64 code for Apple platforms; decompiled libsystem_sandbox; the layout is run under qemu",
		Status: Checked,
		Breaks: "filters are asked about garbage; calibration finds out",
	},
}
