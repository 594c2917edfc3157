/*
 * form_keep.c: how long what is kept after which end, read from the <keep> elements of a
 * form, and told in sentences above the questions.
 */
#include "form_xml.h"

#include <string.h>
#include <talloc.h>

#include "openhall/text.h"

enum { DAYS_LEAST = 2, DAYS_MOST = 3650 };

/* The ends of a case that are told in one list: "30 days after it was completed or passed
 * on". */
static const struct { const char *state, *clause; } ends[] = {
	/* TRANSLATORS: stands after "30 days after it was", alone or in a list */
	{ "accepted", N_("accepted") },
	/* TRANSLATORS: stands after "30 days after it was", alone or in a list */
	{ "declined", N_("declined") },
	/* TRANSLATORS: stands after "30 days after it was", alone or in a list */
	{ "complete", N_("completed") },
	/* TRANSLATORS: stands after "30 days after it was", alone or in a list */
	{ "passedon", N_("passed on") },
	/* TRANSLATORS: stands after "30 days after it was", alone or in a list */
	{ "outofarea", N_("found to be outside our area") },
	/* TRANSLATORS: stands after "30 days after it was", alone or in a list */
	{ "duplicate", N_("found to have come twice") },
};
enum { ENDS = sizeof(ends) / sizeof(ends[0]) };

/* ---- reading ---- */

static bool
is_after(const struct form_keep *keep, const char *state)
{
	return strcmp(keep->after, state) == 0;
}

static bool
read_keep(struct reading *r, const xmlNode *node, struct form_keep *keep)
{
	const size_t	 days = xml_number(r, node, "days", 0);

	if ((keep->after = xml_attribute(r, node, "after")) == NULL)
		return xml_refuse(r, node, "no memory");
	keep->messages = xml_has(node, "what");
	keep->days = (unsigned)days;
	if (is_after(keep, "withdrawn") && days != 0)
		return xml_refuse(r, node, "what is withdrawn is erased at once:"
		    " days must be 0, not %zu", days);
	if (!is_after(keep, "withdrawn") && (days < DAYS_LEAST || days > DAYS_MOST))
		return xml_refuse(r, node, "days must be from %d to %d, not %zu",
		    DAYS_LEAST, DAYS_MOST, days);
	for (const struct form_keep *other = r->form->keeps; other < keep; other++) {
		const struct form_keep	*part = keep->messages ? keep : other;
		const struct form_keep	*all = keep->messages ? other : keep;

		if (!is_after(other, keep->after))
			continue;
		if (other->messages == keep->messages)
			return xml_refuse(r, node, "the days after \"%s\" are given"
			    " twice", keep->after);
		if (part->days > all->days)
			return xml_refuse(r, node, "messages cannot be kept after"
			    " \"%s\" for longer than everything", keep->after);
	}
	return true;
}

/* ---- telling ---- */

/* A form's keeps being told in one language.  `part`: of messages, or of everything. */
struct telling {
	const void		*ctx;
	const struct form	*form;
	const struct site_words	*words;
	bool			 part;
	const char		*text;		/* so far; NULL: nothing yet */
	bool			 failed;	/* no memory */
};

enum glue { COMMA, OR, SEMICOLON };

/* Put `more` behind what is told already. */
static void
tell(struct telling *t, enum glue glue, const char *more)
{
	/* TRANSLATORS: in front there may be several already.  "%s, %s" and "%s or %s" list
	 * ends, as in "completed or passed on"; "%s; %s" lists what comes of them, as in
	 * "at once if you withdraw; 30 days after it was declined". */
	const char *text = more == NULL || t->text == NULL ? more :
	    talloc_asprintf(t->ctx, text_in(t->words, glue == COMMA ? N_("%s, %s") :
	    glue == OR ? N_("%s or %s") : N_("%s; %s")), t->text, more);

	if (text == NULL)
		t->failed = true;
	else
		t->text = text;
}

static int
days_after(const struct telling *t, const char *state)
{
	return form_keep_days(t->form, state, t->part);
}

/* The least number of days above `days` that one of the ends has; 0: none. */
static int
next_days(const struct telling *t, int days)
{
	int least = 0;

	for (size_t i = 0; i < ENDS; i++) {
		const int got = days_after(t, ends[i].state);

		if (got > days && (least == 0 || got < least))
			least = got;
	}
	return least;
}

/* "30 days after it was completed or passed on"; NULL: no memory. */
static const char *
after_ends(const struct telling *t, int days)
{
	struct telling	 list = *t;
	const char	*last = NULL;

	list.text = NULL;
	for (size_t i = 0; i < ENDS; i++) {
		if (days_after(t, ends[i].state) != days)
			continue;
		if (last != NULL)
			tell(&list, COMMA, last);
		last = text_in(t->words, ends[i].clause);
	}
	tell(&list, OR, last);
	/* TRANSLATORS: %s is one end of a case, or several, as in "declined" */
	return list.failed ? NULL : talloc_asprintf(t->ctx, text_in_n(t->words,
	    "%d day after it was %s", "%d days after it was %s", (unsigned long)days), days,
	    list.text);
}

/* All that is erased at one time is one phrase; the shortest first. */
static void
tell_keeps(struct telling *t)
{
	const int never = days_after(t, "never"), over = days_after(t, "over");

	if (days_after(t, "withdrawn") == 0)
		tell(t, SEMICOLON, text_in(t->words, "at once if you withdraw"));
	for (int days = 0; (days = next_days(t, days)) > 0;)
		tell(t, SEMICOLON, after_ends(t, days));
	if (over > 0)
		tell(t, SEMICOLON, talloc_asprintf(t->ctx, text_in_n(t->words,
		    "%d day after the event", "%d days after the event",
		    (unsigned long)over), over));
	if (never > 0)
		tell(t, SEMICOLON, talloc_asprintf(t->ctx, text_in_n(t->words,
		    "after %d day in which nothing happened, if it is still open",
		    "after %d days in which nothing happened, if it is still open",
		    (unsigned long)never), never));
}

/* All of it in one language; NULL: no memory. */
static const char *
kept_in(const void *ctx, const struct form *form, const struct site_words *words)
{
	struct buf *to = buf_new(ctx, 128);

	for (int part = 0; part < 2 && to != NULL; part++) {
		struct telling t = { .ctx = ctx, .form = form, .words = words,
		    .part = part == 1 };

		tell_keeps(&t);
		if (t.failed)
			return NULL;
		if (t.text == NULL)
			continue;
		if (to->len > 0)
			buf_char(to, ' ');
		/* TRANSLATORS: %s says when, as in "at once if you withdraw; 30 days
		 * after it was declined" */
		buf_fmt(to, text_in(words, part == 0 ? N_("What you send is erased %s.") :
		    next_days(&t, 0) == 0 ? N_("Messages and notes are erased %s.") :
		    N_("Messages and notes are erased %s; later ones as long after they"
		    " were written.")), t.text);
	}
	return to == NULL || to->failed ? NULL : to->data;
}

/* ---- both ---- */

bool
keep_read(struct reading *r, const xmlNode *root)
{
	struct form		*form = r->form;
	const struct settings	*s = r->settings;
	struct form_keep	*keeps;

	form->keeps = keeps = talloc_zero_array(form, struct form_keep,
	    xml_count(root, "keep"));
	if (keeps == NULL)
		return xml_refuse(r, root, "no memory");
	for (const xmlNode *at = xml_first(root, "keep"); at != NULL;
	    at = xml_next(at, "keep")) {
		if (!read_keep(r, at, &keeps[form->n_keeps]))
			return false;
		form->n_keeps++;
	}
	for (size_t i = 0; i < s->n_words; i++) {
		form->kept.in[i] = kept_in(form, form, &s->words[i]);
		if (form->kept.in[i] == NULL)
			return xml_refuse(r, root, "no memory");
	}
	return true;
}

int
form_keep_days(const struct form *form, const char *state, bool messages)
{
	for (size_t i = 0; i < form->n_keeps; i++) {
		const struct form_keep *keep = &form->keeps[i];

		if (keep->messages == messages && is_after(keep, state))
			return (int)keep->days;
	}
	return -1;
}
