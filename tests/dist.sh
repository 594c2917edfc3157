#!/bin/sh
# Every file that git tracks goes into the release, and so is known to the Makefile.
# DISTFILES is what `make dist` packs: files, and folders that go whole.  Prints TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
name="every tracked file is in the release"

if ! tracked=$(git ls-files 2>/dev/null) || [ ! -e .git ]; then
	echo "ok - $name # skip not a checkout"
	exit 0
fi
left=$(printf '%s\n' "$tracked" | awk -v packed="${DISTFILES-}" '
	BEGIN {
		n = split(packed, names)
		for (i = 1; i <= n; i++) {
			sub(/^\.\//, "", names[i])
			known[names[i]] = 1
		}
	}
	{
		path = $0
		while (path != "" && !(path in known))
			if (!sub(/\/[^\/]*$/, "", path))
				path = ""
		if (path == "")
			print
	}')
if [ -z "$left" ]; then
	echo "ok - $name"
else
	echo "not ok - $name"
	printf '%s\n' "$left" | sed 's/^/# in no list of Makefile.am: /'
	exit 1
fi
