#!/bin/sh
# mysql.sh: a private MySQL server to run the tests against, in a folder of its own.
# For root, by debootstrap: Debian stable has MariaDB only, sid has both.
#
#	tests/mysql.sh start [DIR]	prints the path of its socket and leaves it running
#	tests/mysql.sh stop [DIR]
#
# DIR is ${XDG_CACHE_HOME:-/var/tmp}/openhall-mysql unless given; its system is kept
# and used again, its data is new at each start and need not outlive it.  The owner is
# root, with no password, behind a folder that only root may enter.  MIRROR: where Debian
# comes from, if not from where debootstrap finds it itself.
set -eu

stop_with() {
	printf 'mysql.sh: %s\n' "$*" >&2
	exit 1
}

[ $# -ge 1 ] && [ $# -le 2 ] || stop_with "usage: mysql.sh start|stop [DIR]"
dir=${2:-${XDG_CACHE_HOME:-/var/tmp}/openhall-mysql}
case $dir in /*) ;; *) dir=$PWD/$dir ;; esac
socket=$dir/srv/run/mysqld.sock
pidfile=$dir/srv/run/mysqld.pid

# The number of the server in $dir, if one is running there.
running() {
	[ -s "$pidfile" ] || return 1
	pid=$(cat "$pidfile")
	[ "$(readlink "/proc/$pid/root" 2>/dev/null)" = "$(readlink -f "$dir")" ]
}

stop_server() {
	running || return 0
	kill "$pid"
	for _ in $(seq 300); do
		running || return 0
		sleep 0.1
	done
	stop_with "the server (process $pid) does not end"
}

# In place of this shell, so that a server keeps nothing of it open.
become() {
	exec chroot "$dir" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	    LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

inside() {
	(become "$@")
}

make_system() {
	if [ ! -e "$dir/etc/debian_version" ]; then
		command -v debootstrap >/dev/null ||
			stop_with "debootstrap is missing; on Debian: apt-get install debootstrap"
		rm -rf "$dir.new"
		debootstrap --variant=minbase sid "$dir.new" ${MIRROR:+"$MIRROR"} ||
			stop_with "debootstrap failed"
		rmdir "$dir" 2>/dev/null || :
		mv -T "$dir.new" "$dir"
	fi
	[ -x "$dir/usr/sbin/mysqld" ] && return
	# A mirror of a day long past serves as well.
	inside apt-get -o Acquire::Check-Valid-Until=no update ||
		stop_with "apt-get update failed in $dir"
	inside apt-get install -y --no-install-recommends mysql-server-core ||
		stop_with "mysql-server-core could not be installed in $dir"
}

start_server() {
	rm -rf "$dir/srv/run" "$dir/srv/data"
	mkdir -p -m 700 "$dir/srv/run"
	inside mysqld --no-defaults --user=root --initialize-insecure --datadir=/srv/data \
	    --secure-file-priv=NULL \
	    --log-error=/srv/run/install.log ||
		stop_with "no data folder could be made: see $dir/srv/run/install.log"
	become setsid mysqld --no-defaults --user=root --datadir=/srv/data \
	    --socket=/srv/run/mysqld.sock --pid-file=/srv/run/mysqld.pid \
	    --log-error=/srv/run/mysqld.log --skip-networking --mysqlx=OFF \
	    --secure-file-priv=NULL --innodb-buffer-pool-size=64M --skip-log-bin \
	    --innodb-flush-method=nosync --innodb-flush-log-at-trx-commit=0 \
	    --innodb-doublewrite=OFF </dev/null >/dev/null 2>&1 &
	started=$!
	for _ in $(seq 300); do
		[ -S "$socket" ] && running && return
		kill -0 "$started" 2>/dev/null || break
		sleep 0.1
	done
	stop_with "the server does not start: see $dir/srv/run/mysqld.log"
}

[ "$(id -u)" -eq 0 ] || stop_with "needs root, for chroot"
[ ${#socket} -le 107 ] || stop_with "the path is too long for a socket: $socket"
case $1 in
start)
	umask 022
	make_system >&2
	stop_server
	start_server >&2
	printf '%s\n' "$socket"
	;;
stop)
	stop_server
	;;
*)
	stop_with "usage: mysql.sh start|stop [DIR]"
	;;
esac
