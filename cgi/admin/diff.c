/* diff.c: see diff.h. */
#include "diff.h"

#include <string.h>
#include <talloc.h>

#include "openhall/buf.h"

enum { STEPS_MOST = 1000 };	/* lines, or words, that differ; memory grows by its square */

struct tokens {
	size_t		 n;
	struct bytes	*at;
};

/* What becomes of tokens in order: so many of a kind. */
struct run { enum diff_kind kind; size_t n; };
struct script {
	size_t		 n;
	struct run	*at;
};

/* Pieces as they grow. */
struct draft {
	const void	*ctx;
	struct diff	*diff;
	struct buf	*same, *gone, *new;
	bool		 failed;
};

/* ---- tokens ---- */

typedef size_t (*reader)(const char *, size_t len);

static size_t
line_at(const char *text, size_t len)
{
	const char *end = memchr(text, '\n', len);

	return end != NULL ? (size_t)(end - text) + 1 : len;
}

static int
class_of(char c)
{
	unsigned char u = (unsigned char)c;

	if (u == ' ' || u == '\t' || u == '\n' || u == '\r')
		return 0;
	return u >= 0x80 || (u >= '0' && u <= '9') || ((u | 0x20) >= 'a' && (u | 0x20) <= 'z') ?
	    1 : 2;
}

/* A word, white space, or one sign. */
static size_t
word_at(const char *text, size_t len)
{
	int	class = class_of(*text);
	size_t	n = 1;

	while (class != 2 && n < len && class_of(text[n]) == class)
		n++;
	return n;
}

static bool
cut(const void *ctx, struct bytes text, reader read, struct tokens *out)
{
	const char	*at = text.data;
	size_t		 size = 0;

	*out = (struct tokens){ 0 };
	for (size_t left = text.len, n; left > 0; at += n, left -= n) {
		if (out->n == size) {
			size = size * 2 + 64;
			out->at = talloc_realloc(ctx, out->at, struct bytes, size);
			if (out->at == NULL)
				return false;
		}
		n = read(at, left);
		out->at[out->n++] = (struct bytes){ at, n };
	}
	return true;
}

/* ---- the shortest way ---- */

static bool
same(const struct bytes *a, const struct bytes *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* Put `n` of a kind before what the script, which is made from its end, holds so far. */
static bool
push(struct script *s, enum diff_kind kind, size_t n)
{
	if (n == 0)
		return true;
	if (s->n > 0 && s->at[s->n - 1].kind == kind) {
		s->at[s->n - 1].n += n;
		return true;
	}
	if (s->n % 64 == 0) {
		struct run *more = talloc_realloc(NULL, s->at, struct run, s->n + 64);

		if (more == NULL)
			return false;
		s->at = more;
	}
	s->at[s->n++] = (struct run){ kind, n };
	return true;
}

/* How far along diagonal `k` the farthest way of `d` steps comes; `v` is of d - 1 steps. */
static int
farthest(const int *v, int d, int k)
{
	if (d == 0)
		return 0;
	if (k == -d || (k != d && v[k - 1] < v[k + 1]))
		return v[k + 1];
	return v[k - 1] + 1;
}

/* Back from the end of both: row d of `trace` holds diagonals -d to d. */
static bool
walk_back(int *const *trace, int d, int x, int y, struct script *s)
{
	for (; d >= 0; d--) {
		int	k = x - y, from = farthest(d > 0 ? trace[d - 1] : NULL, d, k);
		bool	down = d > 0 && (k == -d || (k != d &&
		    trace[d - 1][k - 1] < trace[d - 1][k + 1]));

		if (!push(s, DIFF_SAME, (size_t)(x - from)))
			return false;
		x = from;
		y = from - k;
		if (d == 0)
			break;
		if (!push(s, down ? DIFF_NEW : DIFF_GONE, 1))
			return false;
		if (down)
			y--;
		else
			x--;
	}
	return true;
}

/* From `a` to `b`, which differ at both ends.  The script comes out backwards. */
static bool
shortest(const void *ctx, const struct bytes *a, int n, const struct bytes *b, int m,
    struct script *s)
{
	int	*trace[STEPS_MOST + 1];
	void	*here = talloc_new(ctx);
	bool	 done = here != NULL, found = false;

	for (int d = 0; done && !found && d <= STEPS_MOST && d <= n + m; d++) {
		/* Neighbours on both sides may be looked at. */
		int *v = talloc_zero_array(here, int, (size_t)(2 * d + 3));

		if (v == NULL) {
			done = false;
			break;
		}
		trace[d] = v += d + 1;
		for (int k = -d; !found && k <= d; k += 2) {
			int x = farthest(d > 0 ? trace[d - 1] : NULL, d, k), y = x - k;

			while (x < n && y < m && y >= 0 && same(&a[x], &b[y]))
				x++, y++;
			v[k] = x;
			found = x >= n && y >= m;
			if (found)
				done = walk_back(trace, d, n, m, s);
		}
	}
	if (done && !found)
		done = push(s, DIFF_NEW, (size_t)m) && push(s, DIFF_GONE, (size_t)n);
	talloc_free(here);
	return done;
}

/* The script from `a` to `b`, backwards; talloc_free(s->at). */
static bool
compare(const void *ctx, const struct tokens *a, const struct tokens *b, struct script *s)
{
	size_t head = 0, tail = 0;

	*s = (struct script){ 0 };
	while (head < a->n && head < b->n && same(&a->at[head], &b->at[head]))
		head++;
	while (tail < a->n - head && tail < b->n - head &&
	    same(&a->at[a->n - tail - 1], &b->at[b->n - tail - 1]))
		tail++;
	return push(s, DIFF_SAME, tail) &&
	    shortest(ctx, a->at + head, (int)(a->n - head - tail), b->at + head,
	    (int)(b->n - head - tail), s) &&
	    push(s, DIFF_SAME, head);
}

/* ---- pieces ---- */

static void
flush(struct draft *d, enum diff_kind kind, struct buf *text)
{
	struct diff *diff = d->diff;

	if (text->len == 0 || d->failed)
		return;
	if (diff->n % 64 == 0)
		diff->at = talloc_realloc(d->ctx, diff->at, struct diff_piece, diff->n + 64);
	if (diff->at == NULL || text->failed ||
	    (diff->at[diff->n].text = talloc_strndup(d->ctx, text->data, text->len)) == NULL) {
		d->failed = true;
		return;
	}
	diff->at[diff->n++].kind = kind;
	buf_reset(text);
}

static void
flush_changes(struct draft *d)
{
	flush(d, DIFF_GONE, d->gone);
	flush(d, DIFF_NEW, d->new);
}

static void
add_same(struct draft *d, struct bytes text)
{
	if (text.len == 0)
		return;
	flush_changes(d);
	buf_add(d->same, text.data, text.len);
}

static void
add_change(struct draft *d, struct buf *to, struct bytes text)
{
	if (text.len == 0)
		return;
	flush(d, DIFF_SAME, d->same);
	buf_add(to, text.data, text.len);
}

/* `n` tokens, which stand one behind the other, as one. */
static struct bytes
joined(const struct bytes *at, size_t n)
{
	const char *from = n > 0 ? at[0].data : NULL;

	return (struct bytes){ from, n == 0 ? 0 :
	    (size_t)((const char *)at[n - 1].data + at[n - 1].len - from) };
}

static bool
is_blank(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (class_of(((const char *)text.data)[i]) == 1)
			return false;
	}
	return true;
}

/* Lines that were replaced, by their words. */
static void
add_words(struct draft *d, struct bytes from, struct bytes to)
{
	struct tokens	a = { 0 }, b = { 0 };
	struct script	s = { 0 };
	size_t		x = 0, y = 0;

	if (!cut(d->ctx, from, word_at, &a) || !cut(d->ctx, to, word_at, &b) ||
	    !compare(d->ctx, &a, &b, &s))
		d->failed = true;
	for (size_t i = s.n; !d->failed && i-- > 0; ) {
		struct run	run = s.at[i];
		struct bytes	text = joined(run.kind == DIFF_NEW ? b.at + y : a.at + x, run.n);

		if (run.kind != DIFF_NEW)
			x += run.n;
		if (run.kind != DIFF_GONE)
			y += run.n;
		if (run.kind == DIFF_GONE) {
			add_change(d, d->gone, text);
		} else if (run.kind == DIFF_NEW) {
			add_change(d, d->new, text);
		} else if (i > 0 && i + 1 < s.n && is_blank(text)) {
			/* A space between two changed words changes with them. */
			add_change(d, d->gone, text);
			add_change(d, d->new, text);
		} else {
			add_same(d, text);
		}
	}
	talloc_free(s.at);
	talloc_free(a.at);
	talloc_free(b.at);
}

static void
add_lines(struct draft *d, const struct tokens *a, const struct tokens *b,
    const struct script *s)
{
	size_t	x = 0, y = 0, i = s->n;

	while (i > 0) {
		size_t gone = 0, new = 0;

		if (s->at[i - 1].kind == DIFF_SAME) {
			add_same(d, joined(a->at + x, s->at[i - 1].n));
			x += s->at[i - 1].n;
			y += s->at[i - 1].n;
			i--;
			continue;
		}
		for (; i > 0 && s->at[i - 1].kind != DIFF_SAME; i--) {
			if (s->at[i - 1].kind == DIFF_GONE)
				gone += s->at[i - 1].n;
			else
				new += s->at[i - 1].n;
		}
		add_words(d, joined(a->at + x, gone), joined(b->at + y, new));
		x += gone;
		y += new;
	}
}

enum outcome
diff_texts(const void *ctx, const char *from, const char *to, struct diff *out)
{
	void		*here = talloc_new(ctx);
	struct tokens	 a = { 0 }, b = { 0 };
	struct script	 s = { 0 };
	struct draft	 d = { .ctx = ctx, .diff = out, .same = buf_new(here, 1024),
			    .gone = buf_new(here, 1024), .new = buf_new(here, 1024) };

	*out = (struct diff){ 0 };
	d.failed = here == NULL || d.same == NULL || d.gone == NULL || d.new == NULL ||
	    !cut(here, (struct bytes){ from, strlen(from) }, line_at, &a) ||
	    !cut(here, (struct bytes){ to, strlen(to) }, line_at, &b) ||
	    !compare(here, &a, &b, &s);
	if (!d.failed) {
		add_lines(&d, &a, &b, &s);
		flush(&d, DIFF_SAME, d.same);
		flush_changes(&d);
	}
	talloc_free(s.at);
	talloc_free(here);
	return d.failed ? OUT_FAULT : OUT_OK;
}

bool
diff_alike(const struct diff *diff)
{
	return diff->n == 0 || (diff->n == 1 && diff->at[0].kind == DIFF_SAME);
}
