#!/bin/sh
# autogen.sh: from a fresh checkout to a build system, a running site, or a test report.
#
#	./autogen.sh			generate the build system
#	./autogen.sh run [ARG...]	install what is missing, build, `make run ARG...`
#	./autogen.sh check [ARG...]	the same with what tests need, `make check ARG...`
#
# CONFIGURE_FLAGS is given to configure; SITE, PORT and STATE to what runs.
# Packages are Debian's (12 or later).  apt is asked only when one is missing.
set -eu

build='autoconf automake make gcc|clang libc6-dev pkgconf gettext
	libfcgi-dev libmariadb-dev|libmysqlclient-dev libxml2-dev libpcre2-dev
	libtalloc-dev libsodium-dev liburiparser-dev libconfuse-dev liboath-dev
	libqrencode-dev libcmark-dev libjansson-dev libcurl4-openssl-dev
	zlib1g-dev'
# The -core packages hold the server without a service of the system.
run='mariadb-server-core mariadb-client-core nginx supervisor tzdata'
tests='libcmocka-dev libical-dev libxml2-utils mariadb-client python3-pytest python3-pytest-xdist
	python3-requests python3-aiosmtpd python3-feedparser newsboat
	python3-icalendar python3-recurring-ical-events python3-vobject
	python3-selenium python3-html5lib chromium chromium-driver lynx'

stop() {
	printf 'autogen.sh: %s\n' "$*" >&2
	exit 1
}

# Which of these packages are missing?  Of "a|b" either will do.
missing() {
	for want in "$@"; do
		for name in $(printf '%s' "$want" | tr '|' ' '); do
			case $(dpkg-query -W -f '${db:Status-Status}' \
			    "$name" 2>/dev/null || :) in
			installed) continue 2 ;;
			esac
		done
		printf '%s ' "${want%%|*}"
	done
}

# Where systemd runs, a new nginx or supervisor would start as a service of
# the system and take its ports.  Those two are masked while they are being
# installed and left disabled; a service that was there before is not touched.
quiet='' masked=''
quiet_services() {
	[ -d /run/systemd/system ] || return 0
	for unit in nginx supervisor; do
		case " $* " in
		*" $unit "*) quiet="$quiet $unit.service" ;;
		esac
	done
	[ -n "$quiet" ] || return 0
	masked=yes
	$root systemctl --quiet mask --runtime $quiet
}

wake_services() {
	[ -n "$masked" ] || return 0
	masked=''
	$root systemctl --quiet disable $quiet >/dev/null 2>&1 || :
	$root systemctl --quiet unmask --runtime $quiet
}

install_missing() {
	command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
		stop "this is not Debian: install what configure asks for by" \
		    "hand, then ./autogen.sh && ./configure && make run"
	packages=$(missing "$@")
	[ -n "$packages" ] || return 0

	yes='' root='' env=''
	[ -t 0 ] && [ -t 1 ] || yes=-y env='DEBIAN_FRONTEND=noninteractive'
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null ||
			stop "these packages are missing, and there is no sudo" \
			    "to install them with; as root: apt-get install" \
			    "--no-install-recommends $packages"
		root=${yes:+sudo -n}
		root=${root:-sudo}
		$root true || stop "sudo did not let you install: $packages"
	fi
	printf 'Installing: %s\n' "$packages"
	trap wake_services EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	quiet_services $packages
	$root env $env apt-get -q update ||
		stop "apt-get update failed: is the network there, and are the" \
		    "sources in /etc/apt right?"
	$root env $env apt-get -q $yes install --no-install-recommends \
	    $packages || stop "apt-get could not install: $packages"
	wake_services
	trap - EXIT INT TERM HUP
	# configure has more to find now.
	rm -f .configured
}

generate() {
	for tool in autoreconf automake pkg-config; do
		command -v $tool >/dev/null ||
			stop "$tool is missing; on Debian: apt-get install" \
			    "autoconf automake pkgconf"
	done
	autoreconf --install --warnings=all,no-portability
}

cd "$(dirname "$0")"
case $PWD in
*[!A-Za-z0-9/._+,@:~-]*)
	stop "the tools that build this cannot work in \"$PWD\": move it to" \
	    "a path without spaces and special characters" ;;
esac

verb=${1-}
case $verb in
'')
	generate
	echo "Now ./configure && make && make run"
	exit ;;
run)
	install_missing $build $run ;;
check)
	install_missing $build $run $tests
	/usr/bin/python3 tests/browser/axe.py ;;
*)
	stop "what is \"$verb\"?  There are run and check; neither: only" \
	    "generate the build system" ;;
esac
shift

[ -e configure ] && [ -e Makefile.in ] || generate
# Configure when that was not done, or was done with other flags.
flags=${CONFIGURE_FLAGS-}
if [ ! -e Makefile ] || [ ! -e .configured ] ||
    [ "$(cat .configured)" != "$flags" ]; then
	[ ! -e Makefile ] || make --quiet clean
	./configure --quiet $flags
	printf '%s\n' "$flags" >.configured
fi
make --quiet -j"$(nproc)"
exec make --quiet --no-print-directory "$verb" "$@"
