#!/bin/sh
# extract.sh: collect the texts that are to be translated.
#
#	sh po/extract.sh		bring every po/*.po up to date
#	sh po/extract.sh FILE.pot	write the texts alone, and touch nothing else
#
# They are {{_}}...{{/_}} in www/templates, with white space folded as the compiler of
# templates does (cgi/lib/view_compile.c), and in cgi/ the literals of text_in(),
# text_in_n(), N_() and NC_().
#
# A new language: sh po/extract.sh /tmp/openhall.pot, then
# msginit --no-translator -l fr -i /tmp/openhall.pot -o po/fr.po.  Its catalogue is
# built from there as openhall-fr.mo, below fr/LC_MESSAGES of the folder of catalogues.
set -eu
out=${1:-}
case $out in ''|/*) ;; *) out=$PWD/$out ;; esac
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cat >"$work/texts.pot" <<'END'
msgid ""
msgstr ""
"Project-Id-Version: openhall\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
END
for file in www/templates/*.html www/templates/mail/*; do
	awk -v file="$file" '
	{ page = page $0 "\n" }

	function quoted(text,	out, i, c) {
		for (i = 1; i <= length(text); i++) {
			c = substr(text, i, 1)
			out = out (c == "\\" || c == "\"" ? "\\" : "") c
		}
		return "\"" out "\""
	}

	# What is in front of `mark`; `page` is then what is behind it.
	function upto(mark,	at, text) {
		if ((at = index(page, mark)) == 0) {
			print file ": " mark " is missing" >"/dev/stderr"
			exit 1
		}
		text = substr(page, 1, at - 1)
		page = substr(page, at + length(mark))
		return text
	}

	END {
		while ((text = index(page, "{{_}}")) > 0) {
			note = index(page, "{{!")
			if (note > 0 && note < text) {
				upto("{{!")
				upto("}}")
				continue
			}
			upto("{{_}}")
			msgid = upto("{{/_}}")
			gsub(/[ \t\r\n\f]+/, " ", msgid)
			sub(/^ /, "", msgid)
			sub(/ $/, "", msgid)
			print "\n#: " file "\nmsgid " quoted(msgid) "\nmsgstr \"\""
		}
	}' "$file" >"$work/one"
	cat "$work/one" >>"$work/texts.pot"
done
msguniq --add-location=file -o "$work/templates.pot" "$work/texts.pot"

find cgi -name '*.c' | LC_ALL=C sort >"$work/sources"
xgettext --language=C --from-code=UTF-8 --add-location=file --add-comments=TRANSLATORS \
	--keyword --keyword=text_in:2 --keyword=text_in_n:2,3 --keyword=N_ --keyword=NC_:1c,2 \
	--force-po --package-name=openhall -f "$work/sources" -o "$work/code.pot"

# The moment of collecting would change every file with every run.
msgcat --use-first --add-location=file -o "$work/all.pot" \
	"$work/templates.pot" "$work/code.pot"
sed '/^"POT-Creation-Date:/d' "$work/all.pot" >"$work/openhall.pot"

if [ -n "$out" ]; then
	cp "$work/openhall.pot" "$out"
	exit
fi
for po in po/*.po; do
	msgmerge --quiet --update --backup=none --previous --add-location=file \
		"$po" "$work/openhall.pot"
	msgattrib --no-obsolete --add-location=file -o "$work/po" "$po"
	cmp -s "$work/po" "$po" || cp "$work/po" "$po"
done
