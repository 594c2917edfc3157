/* slug.c: see openhall/slug.h. */
#include "openhall/slug.h"

#include <stdio.h>
#include <string.h>

/* The letter that is left of U+00C0 to U+017F without its accent. */
static const char plain[] =
    "aaaaaaaceeeeiiiidnooooo-ouuuuyts" "aaaaaaaceeeeiiiidnooooo-ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkklllllllll"
    "lnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
_Static_assert(sizeof(plain) - 1 == 0x180 - 0xc0, "a letter for each");

/* The letter or digit at `*text`, which moves on; '-' for what has none in ASCII; 0 for what
 * leaves no gap. */
static char
fold(const char **text)
{
	unsigned char	c = (unsigned char)*(*text)++;
	unsigned	point = c & 0x1fu;

	if (c >= 'A' && c <= 'Z')
		return (char)(c - 'A' + 'a');
	if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
		return (char)c;
	if (c == '\'')
		return 0;
	if (c < 0x80)
		return '-';
	if (c >= 0xc3 && c <= 0xc5 && **text != '\0')
		return plain[(point << 6 | ((unsigned char)*(*text)++ & 0x3fu)) -
		    0xc0];
	if (c == 0xe2 && strncmp(*text, "\x80\x99", 2) == 0) {	/* U+2019 */
		*text += 2;
		return 0;
	}
	while ((**text & 0xc0) == 0x80)
		++*text;
	return '-';
}

void
slug_make(char *out, size_t most, const char *name, const char *otherwise, bool digits,
    unsigned number)
{
	size_t	size = most + 1, n = 0;
	char	suffix[16] = "";

	if (number > 0)
		snprintf(suffix, sizeof(suffix), "-%u", number + 1);
	most -= strlen(suffix);
	while (*name != '\0' && n < most) {
		char c = fold(&name);

		if (!digits && n == 0 && c >= '0' && c <= '9')
			n = (size_t)snprintf(out, most, "%s-", otherwise);
		if (c != 0 && (c != '-' || (n > 0 && out[n - 1] != '-')))
			out[n++] = c;
	}
	while (n > 0 && out[n - 1] == '-')
		n--;
	if (n == 0)
		n = (size_t)snprintf(out, most, "%s", otherwise);
	snprintf(out + n, size - n, "%s", suffix);
}
