#!/usr/bin/env bash
# Installs the Debian packages that the slow suites use and this machine does not have: a file system that knows no case,
# a browser, fonts for the Chinese names in its screenshots, Redis and PostgreSQL for queue mode, and what sqlite3 is
# compiled with. Does nothing when all are there. On another system, install the same by its own means.
set -euo pipefail

missing=()
need() { # <package> <test that succeeds when it is there>
	if ! eval "$2" >/dev/null 2>&1; then missing+=("$1"); fi
}
need chromium 'command -v chromium'
need fonts-noto-cjk 'test -d /usr/share/fonts/opentype/noto && ls /usr/share/fonts/opentype/noto | grep -q CJK'
need redis-server 'command -v redis-server'
need postgresql 'ls /usr/lib/postgresql/*/bin/initdb'
need g++ 'command -v g++'
need make 'command -v make'
need python3 'command -v python3'
need exfat-fuse 'command -v mount.exfat-fuse'
need exfatprogs 'command -v mkfs.exfat'

if [ "${#missing[@]}" -eq 0 ]; then
	echo 'Every program that the slow suites use is there'
	exit 0
fi
echo "Missing: ${missing[*]}"
if ! command -v apt-get >/dev/null; then
	echo 'This is no Debian system: install these packages by its own means' >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
"${as_root[@]}" apt-get update -qq
# No services: the suites start their own Redis on a port of their own.
"${as_root[@]}" env RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}"
