#!/bin/sh
# What no C source may hold.  A line that must is marked in place, with the reason:
#	/* allowed: why */
# Prints TAP.
set -u
cd "$(dirname "$0")/.." || exit 1
failed=0

# report NAME FINDINGS: one test, passed if nothing was found.
report() {
	if [ -z "$2" ]; then
		echo "ok - $1"
	else
		echo "not ok - $1"
		printf '%s\n' "$2" | sed 's/^/# /'
		failed=1
	fi
}

# code FILE...: the sources without comments and text literals, as FILE:LINE:code.
# Line numbers stay; a line with a waiver is emptied.
code() {
	awk '
	FNR == 1 { inside = 0 }
	/\/\* allowed: [^*]/ { next }
	{
		line = $0; out = ""
		while (line != "") {
			if (inside) {
				at = index(line, "*/")
				if (at == 0) break
				line = substr(line, at + 2); inside = 0
			} else if (match(line, /\/\*|"([^"\\]|\\.)*"|'\''([^'\''\\]|\\.)*'\''/)) {
				out = out substr(line, 1, RSTART - 1)
				if (substr(line, RSTART, 2) == "/*") {
					inside = 1
					line = substr(line, RSTART + 2)
				} else {
					out = out "\"\""
					line = substr(line, RSTART + RLENGTH)
				}
			} else {
				out = out line; line = ""
			}
		}
		print FILENAME ":" FNR ":" out
	}' "$@"
}

sources=$(find cgi include -name '*.[ch]' | LC_ALL=C sort)
serving=$(printf '%s\n' "$sources" | grep -v '^cgi/openhall')

report "no unbounded or dangerous function" "$(code $sources |
	grep -E '\b(strcpy|strcat|sprintf|vsprintf|gets|scanf|sscanf|strtok|atoi|atol|atof|alloca|system|popen|mktemp|tmpnam)[[:space:]]*\(')"

report "no raw output where requests are served" "$(code $serving |
	grep -E '\b(printf|vprintf|puts|putchar|FCGX_[FV]PrintF)[[:space:]]*\(|\bstdout\b')"

# exit() belongs to start-up: to main files and to log_stop().
report "no exit in shared modules" "$(code $(printf '%s\n' "$sources" |
	grep '^cgi/lib/' | grep -v '^cgi/lib/log\.c$') |
	grep -E '\b(_?exit|_Exit|abort|quick_exit)[[:space:]]*\(')"

# SQL stands in tables of struct db_query, in files that have one.
report "no SQL outside of query tables" "$(for file in $sources; do
	grep -q 'struct db_query' "$file" ||
		grep -nE '"[^"]*\b(SELECT .* FROM|INSERT (IGNORE )?INTO|UPDATE .* SET|DELETE FROM) ' "$file" |
		grep -v '/\* allowed: [^*]' | sed "s|^|$file:|"
done)"

report "no statement is put together by formatting" "$(code $sources |
	grep -E '\b(mysql_query|mysql_real_query)[[:space:]]*\(')"

# What is markup is written as it is: only what makes it safe may say so.
report "markup is made by markdown alone" "$(code $(printf '%s\n' "$sources" |
	grep -v '^cgi/lib/markdown\(_stored\)\?\.c$') |
	grep -E '\(struct markup\)|struct markup[[:space:]]+[a-z_]+[[:space:]]*=|markup(\.|->)html[[:space:]]*=|\.html\.html[[:space:]]*=')"

report "every header has its module" "$(for header in include/openhall/*.h; do
	module=$(basename "$header" .h)
	[ -e "cgi/lib/$module.c" ] || echo "$header: there is no cgi/lib/$module.c"
done)"

report "every file begins with its purpose" "$(for file in $sources; do
	head -n 2 "$file" | grep -qE '^(/\*| \*) '"$(basename "$file" |
	    sed 's/\./\\./; s/\\\.h$/(\\.h)?/')"': ' || echo "$file"
done)"

report "no file is longer than 800 lines" "$(for file in $sources; do
	lines=$(wc -l <"$file")
	[ "$lines" -le 800 ] || echo "$file: $lines lines"
done)"

report "no line is wider than 100 columns" "$(for file in $sources; do
	expand "$file" | awk -v file="$file" \
	    'length > 100 { print file ":" FNR ": " length }'
done)"

report "blocks are indented with tabs" "$(grep -nE '^ {5,}[^ *]' $sources)"

report "no trailing white space" "$(grep -nE '[[:space:]]+$' $sources)"

exit $failed
