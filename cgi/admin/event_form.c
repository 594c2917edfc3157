/*
 * event_form.c: the questions that describe an event or one of its dates: one table for what is
 * read, checked and shown.
 */
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "event.h"
#include "openhall/text.h"
#include "openhall/unit.h"

/* How it is asked. */
enum how { AS_LINE, AS_TEXT, AS_DAY, AS_TIME, AS_NUMBER, AS_ZONE, AS_LIST, AS_ONE, AS_MANY,
	AS_BOX };

struct question {
	const char	*name, *label, *hint;
	enum how	 how;
	unsigned	 most;		/* characters that can be typed */
	bool		 optional;
};

static const struct question questions[ASK_WORDS] = {
	[ASK_LANG] = { "lang", N_("Main language"),
	    N_("In this one it has at least a title. Who reads the site in another language sees "
	    "these words where there are no others."), AS_LIST, 8, false },
	[ASK_KIND] = { "kind", N_("Kind"), NULL, AS_ONE, 16, false },
	[ASK_UNIT] = { "unit", N_("Unit"), NULL, AS_LIST, 32, true },
	[ASK_VISIBILITY] = { "visibility", N_("Who finds it"), NULL, AS_ONE, 8, false },
	[ASK_DAY] = { "day", N_("Day"),
	    N_("If your browser shows no calendar: as in 2026-12-08."), AS_DAY, 20, false },
	[ASK_FROM] = { "from", N_("From"), N_("As in 18:30."), AS_TIME, 20, false },
	[ASK_TO] = { "to", N_("To"), NULL, AS_TIME, 20, false },
	[ASK_END_DAY] = { "end_day", N_("Last day"), N_("Only if it ends on a later day."),
	    AS_DAY, 20, true },
	[ASK_ZONE] = { "zone", N_("Time zone"),
	    N_("Whose clocks these are, as in America/New_York."), AS_ZONE, 63, false },
	[ASK_HOW] = { "how", N_("Does it recur?"), NULL, AS_ONE, 8, false },
	[ASK_STEP] = { "step_by", N_("Every so many weeks or months"),
	    N_("1: each one; 2: every second; up to 12."), AS_NUMBER, 5, true },
	[ASK_DAYS] = { "on", N_("If weekly: on which days"),
	    N_("None ticked: on that of the first date."), AS_MANY, 8, true },
	[ASK_WHICH] = { "which", N_("If monthly: in which week"), NULL, AS_LIST, 8, true },
	[ASK_UNTIL] = { "until", N_("Until"), N_("The last day on which it may take place."),
	    AS_DAY, 20, true },
	[ASK_COUNT] = { "count", N_("Or so many times"),
	    N_("Leave both empty, and it goes on until you end it."), AS_NUMBER, 5, true },
	[ASK_AREA] = { "area", N_("Area"), N_("Everybody sees it, and finds the event by it."),
	    AS_LIST, 32, true },
	[ASK_ADDRESS] = { "address", N_("Address"), NULL, AS_TEXT, EVENT_PLACE_MAX, true },
	[ASK_ADDRESS_FOR] = { "address_for", N_("Who sees the address"), NULL, AS_ONE, 8, false },
	[ASK_LINK] = { "link", N_("Link to take part online"),
	    N_("As in https://meet.example.org/room."), AS_LINE, EVENT_LINK_MAX, true },
	[ASK_LINK_FOR] = { "link_for", N_("Who sees the link"), NULL, AS_ONE, 8, false },
	[ASK_ACCESS + ACCESS_WHEELCHAIR] = { "wheelchair", N_("With a wheelchair"),
	    N_("Steps, lift, toilet: what somebody needs to know before they come."), AS_LINE,
	    160, true },
	[ASK_ACCESS + ACCESS_INTERPRETATION] = { "interpretation", N_("Interpretation"),
	    N_("Into which languages, sign language too."), AS_LINE, 160, true },
	[ASK_ACCESS + ACCESS_CHILDCARE] = { "childcare", N_("Childcare"), NULL, AS_LINE, 160,
	    true },
	[ASK_ACCESS + ACCESS_MASKS] = { "masks", N_("Masks"), NULL, AS_LINE, 160, true },
	[ASK_ACCESS + ACCESS_LANGUAGES] = { "languages", N_("Languages spoken"), NULL, AS_LINE,
	    160, true },
	[ASK_CONTACT] = { "contact", N_("Contact"),
	    N_("For everybody to see: an address or a number of the organisation, not of a "
	    "person."), AS_LINE, EVENT_CONTACT_MAX, true },
	[ASK_RSVP] = { "rsvp", N_("Ask who is coming (RSVP)"), NULL, AS_BOX, 8, true },
	[ASK_HOURS] = { "hours", N_("Until so many hours before it begins"),
	    N_("0: until it begins."), AS_NUMBER, 5, true },
	[ASK_CAPACITY] = { "capacity", N_("How many fit"),
	    N_("Whoever comes after that waits for a seat. Left empty: as many as want to "
	    "come."),
	    AS_NUMBER, 6, true },
	[ASK_NOTE] = { "note", N_("What is different this time"),
	    N_("Readers see it beside the date. At most 600 characters."), AS_TEXT,
	    EVENT_NOTE_MAX, true },
};

static const struct question wordings[3] = {
	{ "title", N_("Title"), NULL, AS_LINE, EVENT_TITLE_MAX, false },
	{ "summary", N_("Summary"),
	    N_("One or two sentences for lists. At most 600 characters."), AS_TEXT,
	    EVENT_SUMMARY_MAX, true },
	{ "body", N_("Description"),
	    N_("An empty line begins a new paragraph. # makes a heading, * a point of a list, "
	    "**two stars** stress, [words](https://example.org) a link."), AS_TEXT,
	    EVENT_BODY_MAX, true },
};

/* The parts of the form; ASK_WORDS stands for a part for each language. */
static const struct part {
	const char	*title, *intro;
	enum ask	 first, last;
} parts[] = {
	{ NULL, NULL, ASK_WORDS, ASK_WORDS },
	{ N_("What it is"), NULL, ASK_LANG, ASK_VISIBILITY },
	{ N_("When"), NULL, ASK_DAY, ASK_ZONE },
	{ N_("Again and again"), N_("If it recurs, the day above is that of the first date."),
	    ASK_HOW, ASK_COUNT },
	{ N_("Where"),
	    N_("Address and link are sealed: the database alone does not give them away."),
	    ASK_AREA, ASK_LINK_FOR },
	{ N_("Who can take part"), N_("What is left empty is not mentioned."), ASK_ACCESS,
	    ASK_CONTACT },
	{ N_("Who is coming"), NULL, ASK_RSVP, ASK_CAPACITY },
}, date_parts[] = {
	{ N_("When"), NULL, ASK_DAY, ASK_END_DAY },
	{ N_("Where"), NULL, ASK_AREA, ASK_ADDRESS },
	{ NULL, NULL, ASK_LINK, ASK_LINK },
	{ NULL, NULL, ASK_NOTE, ASK_NOTE },
};

enum { PARTS = sizeof(parts) / sizeof(parts[0]),
	DATE_PARTS = sizeof(date_parts) / sizeof(date_parts[0]) };

/* Zones that are offered; any other that the system knows is as good. */
static const char *const zones[] = {
	"America/New_York", "America/Chicago", "America/Denver", "America/Phoenix",
	"America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
	"America/Toronto", "America/Mexico_City", "America/Bogota", "America/Sao_Paulo",
	"America/Argentina/Buenos_Aires", "America/Santiago", "Europe/London", "Europe/Lisbon",
	"Europe/Madrid", "Europe/Paris", "Europe/Berlin", "Europe/Athens", "Africa/Lagos",
	"Africa/Johannesburg", "Asia/Kolkata", "Asia/Manila", "Asia/Tokyo", "Australia/Sydney",
	"UTC",
};

/* ---- names ---- */

enum { CH_VALUE, CH_WORDS, CH_CHOSEN, CH_NEXT, CH__COUNT };

static const struct view_name choice_names[] = {
	[CH_VALUE] = { "value", NULL },
	[CH_WORDS] = { "words", NULL },
	[CH_CHOSEN] = { "chosen", NULL },
	[CH_NEXT] = { "next", NULL },		/* not the first */
	[CH__COUNT] = { NULL, NULL }
};

enum { Q_NAME, Q_LABEL, Q_HINT, Q_ERROR, Q_OPTIONAL, Q_DESCRIBED, Q_LANG, Q_INPUT, Q_TEXT,
	Q_LIST, Q_GROUP, Q_BOX, Q_ZONE, Q_TYPE, Q_MODE, Q_SHORT, Q_ROWS, Q_VALUE, Q_CHOSEN,
	Q_CHOICES, Q__COUNT };

static const struct view_name question_names[] = {
	[Q_NAME] = { "name", NULL },
	[Q_LABEL] = { "label", NULL },
	[Q_HINT] = { "hint", NULL },
	[Q_ERROR] = { "error", NULL },
	[Q_OPTIONAL] = { "optional", NULL },
	[Q_DESCRIBED] = { "described", NULL },
	[Q_LANG] = { "spoken", NULL },		/* the language it is written in */
	[Q_INPUT] = { "input", NULL },		/* how it is asked: one of these */
	[Q_TEXT] = { "text", NULL },
	[Q_LIST] = { "list", NULL },
	[Q_GROUP] = { "group", NULL },
	[Q_BOX] = { "box", NULL },
	[Q_ZONE] = { "zone", NULL },		/* an input that offers `choices` */
	[Q_TYPE] = { "type", NULL },
	[Q_MODE] = { "inputmode", NULL },
	[Q_SHORT] = { "short", NULL },
	[Q_ROWS] = { "rows", NULL },
	[Q_VALUE] = { "value", NULL },
	[Q_CHOSEN] = { "chosen", NULL },
	[Q_CHOICES] = { "choices", choice_names },
	[Q__COUNT] = { NULL, NULL }
};

enum { PA_TITLE, PA_INTRO, PA_FOLDED, PA_QUESTIONS, PA__COUNT };

const struct view_name sheet_part_names[] = {
	[PA_TITLE] = { "title", NULL },
	[PA_INTRO] = { "intro", NULL },
	[PA_FOLDED] = { "folded", NULL },	/* needed now and then, and empty */
	[PA_QUESTIONS] = { "questions", question_names },
	[PA__COUNT] = { NULL, NULL }
};

enum { E_NAME, E_LABEL, E_ERROR, E_FIRST, E_LAST, E__COUNT };

const struct view_name sheet_error_names[] = {
	[E_NAME] = { "name", NULL },
	[E_LABEL] = { "label", NULL },
	[E_ERROR] = { "error", NULL },
	[E_FIRST] = { "first", NULL },
	[E_LAST] = { "last", NULL },
	[E__COUNT] = { NULL, NULL }
};

enum { O_LABEL, O_TEXT, O__COUNT };

const struct view_name sheet_other_names[] = {
	[O_LABEL] = { "label", NULL },
	[O_TEXT] = { "text", NULL },
	[O__COUNT] = { NULL, NULL }
};

/* How each kind is asked, the type of its input or of its choices, and its keyboard. */
static const struct { size_t as; const char *type, *mode; } asked[] = {
	[AS_LINE] = { Q_INPUT, "text", NULL },
	[AS_TEXT] = { Q_TEXT, NULL, NULL },
	[AS_DAY] = { Q_INPUT, "date", NULL },
	[AS_TIME] = { Q_INPUT, "time", NULL },
	[AS_NUMBER] = { Q_INPUT, "text", "numeric" },
	[AS_ZONE] = { Q_INPUT, "text", NULL },
	[AS_LIST] = { Q_LIST, NULL, NULL },
	[AS_ONE] = { Q_GROUP, "radio", NULL },
	[AS_MANY] = { Q_GROUP, "checkbox", NULL },
	[AS_BOX] = { Q_BOX, "checkbox", NULL },
};

/* ---- one question ---- */

static const struct question *
question_of(enum ask ask)
{
	return ask < ASK_WORDS ? &questions[ask] : &wordings[(ask - ASK_WORDS) % 3];
}

/* The language in which its answer is written; NULL: in whichever. */
static const struct site_words *
language_of(const struct request *rq, enum ask ask)
{
	return ask < ASK_WORDS ? NULL : &rq->settings->words[(ask - ASK_WORDS) / 3];
}

/* What its field is called: "kind", "title_es". */
static const char *
name_of(struct request *rq, enum ask ask)
{
	const struct site_words	*words = language_of(rq, ask);
	const char		*name = question_of(ask)->name;

	return words == NULL ? name : talloc_asprintf(rq, "%s_%s", name, words->lang);
}

/* "Title", or "Title (Español)" where there are several. */
static const char *
label_of(struct request *rq, enum ask ask)
{
	const struct site_words	*words = language_of(rq, ask);
	const char		*label = text_in(rq->words, question_of(ask)->label);

	return words == NULL || rq->settings->n_words < 2 ? label :
	    talloc_asprintf(rq, "%s (%s)", label, words->lang_name);
}

/* The `k`th question of a page; ASKS: there are no more. */
static enum ask
ask_at(const struct request *rq, enum sheet_of of, size_t k)
{
	const struct part	*all = of == SHEET_EVENT ? parts : date_parts;
	size_t			 n = of == SHEET_EVENT ? PARTS : DATE_PARTS;

	for (size_t i = 0; i < n; i++) {
		size_t some = all[i].first == ASK_WORDS ? 3 * rq->settings->n_words :
		    (size_t)(all[i].last - all[i].first) + 1;

		if (k < some)
			return (enum ask)(all[i].first + k);
		k -= some;
	}
	return ASKS;
}

/* ---- what was sent ---- */

void
sheet_wrong(struct request *rq, struct sheet *sheet, enum ask ask, const char *text)
{
	if (sheet->wrong[ask] != NULL)
		return;		/* one thing after the other */
	sheet->wrong[ask] = text_in(rq->words, text);
	sheet->n_wrong++;
}

/* What is ticked, a character each. */
static const char *
read_many(struct request *rq, const char *name)
{
	char	*all = talloc_zero_size(rq, 8);
	size_t	 n = 0;

	for (size_t i = 0; all != NULL && i < rq->body.n && n < 7; i++) {
		const struct pair *pair = &rq->body.at[i];

		if (strcmp(pair->name, name) == 0 && strlen(pair->value) == 1 &&
		    strchr("0123456", *pair->value) != NULL &&
		    strchr(all, *pair->value) == NULL)
			all[n++] = *pair->value;
	}
	return all;
}

static void
check_text(struct request *rq, struct sheet *sheet, enum ask ask)
{
	const struct question	*q = question_of(ask);
	const char		*text = sheet->at[ask];

	if (form_characters(text) > q->most) {
		const char *words = talloc_asprintf(rq, text_in(rq->words,
		    "Shorten it to %u characters"), q->most);

		sheet_wrong(rq, sheet, ask, words != NULL ? words : "");
	} else if (q->how != AS_TEXT && typed_has_control(text)) {
		sheet_wrong(rq, sheet, ask, N_("Write it in one line"));
	}
}

enum outcome
sheet_read(struct request *rq, enum sheet_of of, struct sheet *sheet)
{
	enum ask ask;

	*sheet = (struct sheet){ .n_wrong = 0 };
	for (size_t i = 0; i < ASKS; i++)
		sheet->at[i] = "";
	for (size_t k = 0; (ask = ask_at(rq, of, k)) != ASKS; k++) {
		const char *name = name_of(rq, ask);

		if (name == NULL)
			return OUT_FAULT;
		sheet->at[ask] = question_of(ask)->how == AS_MANY ? read_many(rq, name) :
		    typed_text(rq, name);
		if (sheet->at[ask] == NULL)
			return OUT_FAULT;
		check_text(rq, sheet, ask);
	}
	if (rq->settings->n_words == 1)
		sheet->at[ASK_LANG] = rq->settings->words[0].lang;	/* it is not asked */
	return OUT_OK;
}

/* ---- choices ---- */

struct offer { struct request *rq; struct view *row; const char *chosen; bool many; size_t n; };

static void
offer(struct offer *o, const char *value, const char *words)
{
	struct view *row = view_row(o->row, Q_CHOICES);

	view_text(row, CH_VALUE, value);
	view_text(row, CH_WORDS, words);
	view_flag(row, CH_CHOSEN, o->many ? strchr(o->chosen, *value) != NULL :
	    strcmp(value, o->chosen) == 0);
	view_flag(row, CH_NEXT, o->n++ > 0);
}

static enum outcome
offer_units(struct offer *o)
{
	struct units	units;
	enum outcome	got = unit_all(o->rq->app->db, o->rq, &units);

	offer(o, "", text_in(o->rq->words, "All of us"));
	for (size_t i = 0; got == OUT_OK && i < units.n; i++)
		offer(o, units.at[i].slug, units.at[i].name);
	return got;
}

static void
offer_pairs(struct offer *o, const char *const pairs[][2], size_t n)
{
	for (size_t i = 0; i < n; i++)
		offer(o, pairs[i][0], text_in(o->rq->words, pairs[i][1]));
}

#define OFFER(o, pairs)	offer_pairs(o, pairs, sizeof(pairs) / sizeof(pairs[0]))

static enum outcome
offer_all(struct offer *o, enum ask ask)
{
	static const char *const visibility[][2] = {
		{ "public", N_("Everybody: in lists, calendars and feeds") },
		{ "link", N_("Only whoever has its address") } };
	static const char *const how[][2] = { { "not", N_("No, it is one date") },
		{ "weekly", N_("By weeks") },
		{ "monthly", N_("By months, on the same weekday") } };
	static const char *const which[][2] = { { "same", N_("In that of the first date") },
		{ "last", N_("In the last of the month") } };
	static const char *const whom[][2] = { { "all", N_("Everybody") },
		{ "coming", N_("Only those who said that they are coming, on the page of their "
		"answer") } };
	static const char *const days[][2] = { { "1", N_("Monday") }, { "2", N_("Tuesday") },
		{ "3", N_("Wednesday") }, { "4", N_("Thursday") }, { "5", N_("Friday") },
		{ "6", N_("Saturday") }, { "0", N_("Sunday") } };
	const struct settings *s = o->rq->settings;

	switch ((unsigned)ask) {
	case ASK_LANG:
		for (size_t i = 0; i < s->n_words; i++)
			offer(o, s->words[i].lang, s->words[i].lang_name);
		break;
	case ASK_KIND:
		for (size_t i = 0; i < EVENT_KINDS; i++)
			offer(o, event_kind_names[i], text_in(o->rq->words,
			    event_kind_words[i]));
		break;
	case ASK_UNIT:
		return offer_units(o);
	case ASK_AREA:
		offer(o, "", text_in(o->rq->words, "None"));
		for (size_t i = 0; i < s->n_areas; i++)
			offer(o, s->areas[i].slug, s->areas[i].name);
		break;
	case ASK_ZONE:
		for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
			offer(o, zones[i], zones[i]);
		break;
	case ASK_VISIBILITY:
		OFFER(o, visibility);
		break;
	case ASK_HOW:
		OFFER(o, how);
		break;
	case ASK_DAYS:
		OFFER(o, days);
		break;
	case ASK_WHICH:
		OFFER(o, which);
		break;
	case ASK_ADDRESS_FOR:
	case ASK_LINK_FOR:
		OFFER(o, whom);
		break;
	}
	return OUT_OK;
}

/* ---- the form ---- */

static enum outcome
view_question(struct request *rq, const struct sheet *sheet, enum ask ask, struct view *row)
{
	const struct question	*q = question_of(ask);
	const struct site_words	*words = language_of(rq, ask);
	struct offer		 o = { .rq = rq, .row = row, .chosen = sheet->at[ask],
				    .many = q->how == AS_MANY };
	const char		*name = name_of(rq, ask);

	if (name == NULL)
		return OUT_FAULT;
	view_text(row, Q_NAME, name);
	view_text(row, Q_LABEL, text_in(rq->words, q->label));
	if (q->hint != NULL)
		view_text(row, Q_HINT, text_in(rq->words, q->hint));
	view_text(row, Q_ERROR, sheet->wrong[ask]);
	view_flag(row, Q_OPTIONAL, (q->optional && q->how != AS_BOX && q->how != AS_MANY) ||
	    (ask >= ASK_WORDS && strcmp(words->lang, sheet->at[ASK_LANG]) != 0 &&
	    *sheet->at[ASK_LANG] != '\0'));
	view_flag(row, Q_DESCRIBED, q->hint != NULL || sheet->wrong[ask] != NULL);
	view_text(row, Q_LANG, words != NULL ? words->lang : NULL);
	view_flag(row, asked[q->how].as, 1);
	view_flag(row, Q_ZONE, q->how == AS_ZONE);
	view_text(row, Q_TYPE, asked[q->how].type);
	view_text(row, Q_MODE, asked[q->how].mode);
	view_flag(row, Q_SHORT, q->most <= 63);
	view_number(row, Q_ROWS, q->most > 1000 ? 14 : 3);
	view_text(row, Q_VALUE, sheet->at[ask]);
	view_flag(row, Q_CHOSEN, q->how == AS_BOX && *sheet->at[ask] != '\0');
	return offer_all(&o, ask);
}

/* Whether it has no words in that language, and who writes now is not likely to write any. */
static bool
is_unspoken(const struct request *rq, const struct sheet *sheet, size_t lang)
{
	for (size_t ask = ASK_TITLE(lang); ask <= ASK_BODY(lang); ask++) {
		if (*sheet->at[ask] != '\0' || sheet->wrong[ask] != NULL)
			return false;
	}
	return strcmp(sheet->at[ASK_LANG], rq->settings->words[lang].lang) != 0 &&
	    strcmp(rq->words->lang, rq->settings->words[lang].lang) != 0;
}

/* Whether it does not recur, so that how it would is of no interest. */
static bool
is_once(const struct sheet *sheet)
{
	for (size_t ask = ASK_HOW; ask <= ASK_COUNT; ask++) {
		if (sheet->wrong[ask] != NULL)
			return false;
	}
	return strcmp(sheet->at[ASK_HOW], "not") == 0;
}

/* The parts of the words, one a language. */
static enum outcome
view_words(struct request *rq, const struct sheet *sheet, struct view *v, size_t i)
{
	const struct settings	*s = rq->settings;
	enum outcome		 got = OUT_OK;

	for (size_t lang = 0; lang < s->n_words; lang++) {
		struct view *part = view_row(v, i);

		view_text(part, PA_TITLE, s->n_words == 1 ?
		    text_in(rq->words, "What it is called") : s->words[lang].lang_name);
		view_flag(part, PA_FOLDED, is_unspoken(rq, sheet, lang));
		for (int k = 0; got == OUT_OK && k < 3; k++)
			got = view_question(rq, sheet, (enum ask)(ASK_TITLE(lang) + k),
			    view_row(part, PA_QUESTIONS));
	}
	return got;
}

enum outcome
sheet_view(struct request *rq, enum sheet_of of, const struct sheet *sheet, struct view *v,
    size_t i)
{
	const struct part	*all = of == SHEET_EVENT ? parts : date_parts;
	size_t			 n = of == SHEET_EVENT ? PARTS : DATE_PARTS;
	struct view		*part = NULL;
	enum outcome		 got = OUT_OK;

	for (size_t k = 0; got == OUT_OK && k < n; k++) {
		if (all[k].first == ASK_WORDS) {
			got = view_words(rq, sheet, v, i);
			continue;
		}
		if (all[k].title != NULL) {	/* otherwise it goes on with the former */
			part = view_row(v, i);
			view_text(part, PA_TITLE, text_in(rq->words, all[k].title));
			if (all[k].intro != NULL)
				view_text(part, PA_INTRO, text_in(rq->words, all[k].intro));
			view_flag(part, PA_FOLDED, all[k].first == ASK_HOW && is_once(sheet));
		}
		for (size_t ask = all[k].first; got == OUT_OK && ask <= all[k].last; ask++) {
			if (ask == ASK_LANG && rq->settings->n_words == 1)
				continue;
			got = view_question(rq, sheet, (enum ask)ask,
			    view_row(part, PA_QUESTIONS));
		}
	}
	return got;
}

void
sheet_view_errors(struct request *rq, enum sheet_of of, const struct sheet *sheet,
    struct view *v, size_t i)
{
	size_t		n = 0;
	enum ask	ask;

	for (size_t k = 0; (ask = ask_at(rq, of, k)) != ASKS; k++) {
		struct view *row;

		if (sheet->wrong[ask] == NULL)
			continue;
		row = view_row(v, i);
		view_text(row, E_NAME, name_of(rq, ask));
		view_text(row, E_LABEL, label_of(rq, ask));
		view_text(row, E_ERROR, sheet->wrong[ask]);
		view_flag(row, E_FIRST, n++ == 0);
		view_flag(row, E_LAST, n == sheet->n_wrong);
	}
}

/* ---- two of them ---- */

size_t
sheet_view_others(struct request *rq, const struct sheet *theirs, const struct sheet *ours,
    struct view *v, size_t i)
{
	size_t		n = 0;
	enum ask	ask;

	for (size_t k = 0; (ask = ask_at(rq, SHEET_EVENT, k)) != ASKS; k++) {
		struct view *row;

		if (strcmp(theirs->at[ask], ours->at[ask]) == 0)
			continue;
		row = view_row(v, i);
		view_text(row, O_LABEL, label_of(rq, ask));
		view_text(row, O_TEXT, theirs->at[ask]);
		n++;
	}
	return n;
}

bool
sheet_alike(const struct sheet *a, const struct sheet *b)
{
	for (size_t i = 0; i < ASKS; i++) {
		if (strcmp(a->at[i], b->at[i]) != 0)
			return false;
	}
	return true;
}
