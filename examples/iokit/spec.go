package main

import "github.com/hrhost/hrhost/sdk"

// Spec declares the family.
func Spec() *sdk.Spec {
	return &sdk.Spec{
		Family:  "iokit",
		Version: "0.1.0",
		Doc: "The ways to a driver: IOKit services by class (macOS), device nodes by name (both systems). " +
			"What is opened is closed again; nothing is written.",
		Probes: []*sdk.Probe{
			service(),
			{
				Operation: "file-read-data",
				Filter:    "path",
				Purpose:   "Opens one device node for reading and closes it.",
				Carrier:   "open DEVICE",
				Results:   append(openResults(), readResults()...),
				Platforms: []sdk.Platform{sdk.Linux, sdk.MacOS},
				Controls:  []string{"/dev/null"},
				Handle:    &sdk.Handle{Kind: "descriptor of a device", Acquire: hold, Use: readHeld},
				Run:       openToRead,
				Enumerate: enumerate,
			},
			{
				Operation: "file-write-data",
				Filter:    "path",
				Purpose:   "Opens one device node for writing and closes it without writing.",
				Carrier:   "open O_WRONLY DEVICE",
				Results:   openResults(),
				Platforms: []sdk.Platform{sdk.Linux, sdk.MacOS},
				Controls:  []string{"/dev/null"},
				Run:       openToWrite,
				Enumerate: enumerate,
			},
		},
	}
}

// service is the probe of IOServiceOpen. Linux has nothing like it: there a
// driver is reached through a node.
func service() *sdk.Probe {
	return &sdk.Probe{
		Operation:    "iokit-open-service",
		Filter:       "iokit-registry-entry-class",
		Purpose:      "Opens a connection to the first service of a class and closes it.",
		Carrier:      "IOServiceOpen CLASS",
		Results:      serviceResults(),
		Platforms:    []sdk.Platform{sdk.MacOS},
		Dependencies: []string{"iokit-open-user-client"},
		Handle:       serviceHandle(),
		Run:          openService,
	}
}

// serviceResults is the table of IOServiceOpen (IOKit/IOReturn.h). A class
// without a service is missing, and says nothing about the policy.
func serviceResults() []sdk.Result {
	const api = "IOServiceOpen"
	code := func(n int64, name string, class sdk.Class, source string) sdk.Result {
		return sdk.Result{API: api, Native: &sdk.Native{API: api, Code: n, Name: name}, Class: class, Source: source}
	}
	return []sdk.Result{
		{API: api, Errno: 0, Class: sdk.OK, Source: "IOKit/IOReturn.h: kIOReturnSuccess"},
		code(notPermitted, "kIOReturnNotPermitted", sdk.Denied, "XNU iokit/Kernel/IOUserClient.cpp: the policy's answer"),
		code(notPrivileged, "kIOReturnNotPrivileged", sdk.Other, "IOKit/IOReturn.h: the driver wants another user, without a sandbox too"),
		code(noService, "no matching service", sdk.Missing, "IOKit/IOKitLib.h: IOServiceGetMatchingService returned 0"),
		{API: useAPI, Errno: 0, Class: sdk.OK, Source: "IOKit/IOReturn.h: kIOReturnSuccess"},
	}
}

// IOReturn codes as signed numbers, as the API returns them.
const (
	notPermitted  = -536870174 // 0xE00002E2
	notPrivileged = -536870207 // 0xE00002C1
	noService     = 0          // not an IOReturn: there was nothing to open

	useAPI = "IOConnectGetService"
)
