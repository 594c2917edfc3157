#!/bin/sh
# check.sh: is every text translated?  Fails where a catalogue lacks a message of the
# sources, where one is not translated or only guessed (fuzzy), and where a translation
# and its text differ in their {{tags}}.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

sh po/extract.sh "$work/openhall.pot"
failed=0
for po in po/*.po; do
	msgfmt --check -o /dev/null "$po" || failed=1
	msgcmp "$po" "$work/openhall.pot" || failed=1
	msgattrib --translated --no-obsolete --no-wrap "$po" | awk -v file="$po" '
	# The text of a line: all between its first and its last quotation mark.
	function quoted(line) {
		sub(/^[^"]*"/, "", line)
		sub(/"$/, "", line)
		return line
	}

	# Complain about each tag of `one` that `other` lacks.
	function compare(one, other, lacks,	at, tag) {
		while ((at = index(one, "{{")) > 0) {
			one = substr(one, at)
			tag = substr(one, 1, index(one, "}}") + 1)
			one = substr(one, length(tag) + 1)
			if (index(other, tag) == 0) {
				print file ": " tag " is " lacks ": " msgid >"/dev/stderr"
				failed = 1
			}
		}
	}

	function judge(	i) {
		for (i = 1; i <= n; i++) {
			compare(msgid, msgstr[i], "missing in the translation")
			compare(msgstr[i], msgid plural, "not in the text")
		}
		n = 0
		msgid = plural = ""
	}

	/^msgid "/ { judge(); msgid = quoted($0); kind = "id"; next }
	/^msgid_plural "/ { plural = quoted($0); kind = "plural"; next }
	/^msgstr/ { msgstr[++n] = quoted($0); kind = "str"; next }
	/^"/ && kind == "id" { msgid = msgid quoted($0) }
	/^"/ && kind == "plural" { plural = plural quoted($0) }
	/^"/ && kind == "str" { msgstr[n] = msgstr[n] quoted($0) }
	END { judge(); exit failed }' || failed=1
done
exit $failed
