/* plural.c: which plural form a number takes.  See catalogue.h. */
#include "catalogue.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MOST = 64 };

struct reader {
	const char	*at;
	unsigned long	 n;
	unsigned	 depth;
	bool		 wrong;
};

/* Each binary operator, and how tightly it binds.  Where one begins another, the longer
 * stands first. */
static const struct operator { const char *text; int binds; } operators[] = {
	{ "||", 1 }, { "&&", 2 }, { "==", 3 }, { "!=", 3 }, { "<=", 4 }, { ">=", 4 },
	{ "<", 4 }, { ">", 4 }, { "+", 5 }, { "-", 5 }, { "*", 6 }, { "/", 6 }, { "%", 6 },
};

static unsigned long	read_choice(struct reader *);

static void
skip_space(struct reader *r)
{
	r->at += strspn(r->at, " \t\r\n");
}

static bool
take(struct reader *r, char c)
{
	skip_space(r);
	if (*r->at != c)
		return false;
	r->at++;
	return true;
}

static const struct operator *
next_operator(struct reader *r)
{
	skip_space(r);
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++)
		if (strncmp(r->at, operators[i].text, strlen(operators[i].text)) == 0)
			return &operators[i];
	return NULL;
}

static unsigned long
apply(struct reader *r, const char *text, unsigned long a, unsigned long b)
{
	switch (text[0]) {
	case '|':
		return a || b;
	case '&':
		return a && b;
	case '=':
		return a == b;
	case '!':
		return a != b;
	case '<':
		return text[1] == '=' ? a <= b : a < b;
	case '>':
		return text[1] == '=' ? a >= b : a > b;
	case '+':
		return a + b;
	case '-':
		return a - b;
	case '*':
		return a * b;
	default:
		if (b == 0) {
			r->wrong = true;
			return 0;
		}
		return text[0] == '/' ? a / b : a % b;
	}
}

/* n, a number, one in parentheses, or the contrary of one. */
static unsigned long
read_value(struct reader *r)
{
	unsigned long	value = 0;
	char		*end;

	if (++r->depth > DEPTH_MOST)
		r->wrong = true;
	if (r->wrong)
		return 0;
	if (take(r, 'n')) {
		value = r->n;
	} else if (take(r, '!')) {
		value = !read_value(r);
	} else if (take(r, '(')) {
		value = read_choice(r);
		if (!take(r, ')'))
			r->wrong = true;
	} else if (*r->at >= '0' && *r->at <= '9') {
		value = strtoul(r->at, &end, 10);
		r->at = end;
	} else {
		r->wrong = true;
	}
	r->depth--;
	return value;
}

/* Operators that bind at least so tightly, from the left. */
static unsigned long
read_operators(struct reader *r, int least)
{
	unsigned long		 left = read_value(r);
	const struct operator	*o;

	while (!r->wrong && (o = next_operator(r)) != NULL && o->binds >= least) {
		r->at += strlen(o->text);
		left = apply(r, o->text, left, read_operators(r, o->binds + 1));
	}
	return left;
}

static unsigned long
read_choice(struct reader *r)
{
	unsigned long	which = read_operators(r, 1), yes, no;

	if (r->wrong || !take(r, '?'))
		return which;
	if (++r->depth > DEPTH_MOST)
		r->wrong = true;
	yes = read_choice(r);
	if (!take(r, ':'))
		r->wrong = true;
	no = r->wrong ? 0 : read_choice(r);
	r->depth--;
	return which ? yes : no;
}

enum outcome
plural_form(const char *expression, unsigned long n, unsigned long *form)
{
	struct reader	r = { .at = expression, .n = n };

	*form = read_choice(&r);
	skip_space(&r);
	return r.wrong || *r.at != '\0' ? OUT_INVALID : OUT_OK;
}
