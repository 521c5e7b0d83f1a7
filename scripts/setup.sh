#!/bin/sh
# Says what this machine lacks and, as root on a Debian-like machine, installs
# it: dbus-daemon for the families mach and notify; for the tests also bubblewrap,
# the sandbox that seal wrap is tested with, and gcc, which only -race needs. `setup.sh run` leaves the tests' needs out. A failure is
# said and stops nothing: what cannot run says so itself.
set -eu
missing=""
[ "$(uname -s)" != Linux ] || command -v dbus-daemon >/dev/null 2>&1 || missing="$missing dbus-daemon"
[ "${1:-}" = run ] || [ "$(uname -s)" != Linux ] || command -v bwrap >/dev/null 2>&1 || missing="$missing bubblewrap"
[ "${1:-}" = run ] || command -v gcc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "setup: installing$missing"
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null; } ||
		echo "setup: that failed; install by hand:$missing"
else
	echo "setup: this machine lacks$missing; run: sudo apt-get install$missing"
fi
