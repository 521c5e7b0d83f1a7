#!/bin/sh
# Says what this machine lacks for the tests and, as root on a Debian-like
# machine, installs it. Nothing is needed yet beyond Go: gcc only for -race.
set -eu
missing=""
command -v gcc >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
	echo "setup: installing$missing"
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
	echo "setup: this machine lacks$missing; run: sudo apt-get install$missing"
fi
