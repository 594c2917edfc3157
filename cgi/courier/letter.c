/*
 * letter.c: what each kind of mail says.  See letter.h.
 *
 * www/templates/mail/KIND.txt is the text, its first line the subject; KIND.html the same for
 * who reads HTML.  No mail says what a case is about.
 */
#include "letter.h"

#include <string.h>
#include <talloc.h>

#include "mime.h"
#include "openhall/event.h"
#include "openhall/unit.h"
#include "openhall/view.h"

enum { Q_STATEMENT, Q_EVENT, Q__COUNT };

const struct db_query letter_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_STATEMENT] = { "bi", "sss",
	    "SELECT slug, title, summary FROM published"
	    " WHERE id = ? AND published_at <= ?" },
	[Q_EVENT] = { "sb", "sssiissss",
	    "SELECT e.state, e.zone, o.state, o.starts_at, o.ends_at, o.note,"
	    " COALESCE(t.title, w.title), COALESCE(t.lang, w.lang), o.area"
	    " FROM occurrence o JOIN event e ON e.id = o.event"
	    " JOIN event_words w ON w.event = e.id AND w.lang = e.lang"
	    " LEFT JOIN event_words t ON t.event = e.id AND t.lang = ?"
	    " WHERE o.id = ?" },
};
const size_t letter_n_queries = Q__COUNT;

/* The columns of Q_EVENT. */
enum { E_STATE, E_ZONE, E_DATE_STATE, E_STARTS, E_ENDS, E_NOTE, E_TITLE, E_WORDS, E_AREA };

enum { L_LANG, L_NAME, L_HOME, L_LINK, L_CODE, L_TITLE, L_SUMMARY, L_LEAVE, L_WORDS, L_DAY,
	L_HOURS, L_ZONE, L_AREA, L_NOTE, L_SEATED, L_CHANGED, L_CANCELLED, L_POSTPONED,
	L_REMIND };

static const struct view_name letter_names[] = {
	[L_LANG] = { "lang", NULL },		/* of the mail */
	[L_NAME] = { "name", NULL },		/* of the organisation */
	[L_HOME] = { "home", NULL },		/* address of the site */
	[L_LINK] = { "link", NULL },		/* where to go */
	[L_CODE] = { "code", NULL },		/* of a receipt */
	[L_TITLE] = { "title", NULL },		/* of a statement, of an event */
	[L_SUMMARY] = { "summary", NULL },
	[L_LEAVE] = { "leave", NULL },		/* where to unsubscribe */
	[L_WORDS] = { "words", NULL },		/* the title's language, where another one */
	[L_DAY] = { "day", NULL },		/* when an event is */
	[L_HOURS] = { "hours", NULL },
	[L_ZONE] = { "zone", NULL },
	[L_AREA] = { "area", NULL },
	[L_NOTE] = { "note", NULL },		/* what is different this time */
	[L_SEATED] = { "seated", NULL },	/* what is told: one of these */
	[L_CHANGED] = { "changed", NULL },
	[L_CANCELLED] = { "cancelled", NULL },
	[L_POSTPONED] = { "postponed", NULL },
	[L_REMIND] = { "remind", NULL },
	{ NULL, NULL }
};

struct letters {
	const struct settings	*settings;
	const struct key	*secret;
	const char		*host;
	struct buf		*text, *html;	/* of the letter that is being written */
	/* What was announced last, kept for a second: of it there are many. */
	void			*kept;
	struct id		 kept_id;
	int64_t			 kept_at;
	struct db_row		 kept_row;
	struct { struct template *text, *html; } at[MAIL_KINDS][LANGUAGES_MAX];
};

/* The site's host: without scheme and port. */
static const char *
host_of(const void *ctx, const char *origin)
{
	const char	*host = strstr(origin, "://") + 3;

	return talloc_strndup(ctx, host, *host == '[' ? strcspn(host, "]") + 1 :
	    strcspn(host, ":"));
}

static struct template *
compile(struct letters *l, const struct site_words *words, enum mail_kind kind,
    const char *ending)
{
	const char	*file = talloc_asprintf(l, "mail/%s.%s", mail_kind_names[kind], ending);

	if (file == NULL)
		return NULL;	/* the next use of memory says so */
	return template_compile(l, l->settings, words, file, NULL, letter_names);
}

struct letters *
letters_new(const void *ctx, const struct settings *settings, const struct key *secret)
{
	struct letters	*l = talloc_zero(ctx, struct letters);

	if (l == NULL)
		return NULL;
	l->settings = settings;
	l->secret = secret;
	l->text = buf_new(l, 8192);
	l->html = buf_new(l, 16384);
	if ((l->host = host_of(l, settings->origin)) == NULL || l->text == NULL ||
	    l->html == NULL)
		return NULL;
	for (int kind = 0; kind < MAIL_KINDS; kind++)
		for (size_t i = 0; i < settings->n_words; i++) {
			l->at[kind][i].text = compile(l, &settings->words[i], kind, "txt");
			l->at[kind][i].html = compile(l, &settings->words[i], kind, "html");
		}
	return l;
}

/* ---- one letter ---- */

/* The language that a site has given up: the first that it has. */
static const struct site_words *
words_of(const struct settings *settings, const char *lang)
{
	const struct site_words	*words = settings_words(settings, lang);

	return words != NULL ? words : &settings->words[0];
}

static enum outcome
find_statement(struct letters *l, struct db *db, const struct id *id, int64_t now)
{
	enum outcome	got;

	if (l->kept != NULL && l->kept_at == now &&
	    memcmp(&l->kept_id, id, sizeof(*id)) == 0)
		return OUT_OK;
	talloc_free(l->kept);
	if ((l->kept = talloc_new(l)) == NULL)
		return OUT_FAULT;
	l->kept_id = *id;
	l->kept_at = now;
	got = db_first(db, l->kept, &letter_queries[Q_STATEMENT], &l->kept_row,
	    DB_BYTES(id->at, ID_LEN), DB_INT(now));
	if (got != OUT_OK) {
		talloc_free(l->kept);
		l->kept = NULL;
	}
	return got;
}

/* What the statement is called, and where it stands. */
static enum outcome
fill_statement(struct letters *l, struct db *db, void *ctx, const struct letter *letter,
    int64_t now, const char *home, struct view *view)
{
	enum outcome	got = find_statement(l, db, &letter->statement, now);

	if (got != OUT_OK)
		return got;
	view_text(view, L_LINK, talloc_asprintf(ctx, "%s/statements/%s", home,
	    (const char *)l->kept_row.at[0].bytes.data));
	view_text(view, L_TITLE, l->kept_row.at[1].bytes.data);
	view_text(view, L_SUMMARY, l->kept_row.at[2].bytes.data);
	return OUT_OK;
}

/* What is told: what somebody marked, unless it is otherwise by now. */
static enum outcome
fill_told(const struct db_value *at, const char *what, struct view *view)
{
	const char	*state = at[E_DATE_STATE].bytes.data;
	bool		 on = strcmp(at[E_STATE].bytes.data, "published") == 0 &&
			    strcmp(state, "planned") == 0;

	if (strcmp(what, "remind") == 0 && !on)
		return OUT_MISSING;
	if (strcmp(what, "remind") == 0)
		view_flag(view, L_REMIND, 1);
	else if (!on)
		view_flag(view, strcmp(at[E_STATE].bytes.data, "cancelled") != 0 &&
		    strcmp(state, "postponed") == 0 ? L_POSTPONED : L_CANCELLED, 1);
	else
		view_flag(view, strcmp(what, "seated") == 0 ? L_SEATED : L_CHANGED, 1);
	return OUT_OK;
}

/* What the event is called, and when it is now.  letter->code is the id of the date and, behind a
 * space, what is told. */
static enum outcome
fill_event(struct letters *l, struct db *db, void *ctx, const struct letter *letter,
    int64_t now, const struct site_words *words, struct view *view)
{
	char			 hex[2 * ID_LEN + 1] = "";
	const char		*space = strchr(letter->code, ' ');
	struct event_when	 when;
	struct db_row		 row;
	struct id		 id;
	enum outcome		 got;

	if (space == NULL || space - letter->code != 2 * ID_LEN)
		return OUT_INVALID;
	memcpy(hex, letter->code, 2 * ID_LEN);
	if (!id_read(&id, hex))
		return OUT_INVALID;
	got = db_first(db, ctx, &letter_queries[Q_EVENT], &row, DB_TEXT(words->lang),
	    DB_BYTES(id.at, ID_LEN));
	/* Of what is over there is nothing to tell. */
	if (got == OUT_OK && row.at[E_ENDS].number <= now)
		got = OUT_MISSING;
	if (got != OUT_OK || (got = fill_told(row.at, space + 1, view)) != OUT_OK ||
	    (got = event_when(ctx, words, row.at[E_ZONE].bytes.data, row.at[E_STARTS].number,
	    row.at[E_ENDS].number, &when)) != OUT_OK)
		return got;
	view_text(view, L_TITLE, row.at[E_TITLE].bytes.data);
	if (strcmp(row.at[E_WORDS].bytes.data, words->lang) != 0)
		view_text(view, L_WORDS, row.at[E_WORDS].bytes.data);
	view_text(view, L_DAY, when.day);
	view_text(view, L_HOURS, when.hours);
	view_text(view, L_ZONE, when.zone);
	view_text(view, L_AREA, unit_area(l->settings, row.at[E_AREA].bytes.data));
	view_text(view, L_NOTE, row.at[E_NOTE].bytes.data);
	return OUT_OK;
}

static enum outcome
fill(struct letters *l, struct db *db, void *ctx, const struct letter *letter, int64_t now,
    const struct site_words *words, struct view *view, struct mime *mime)
{
	const char	*home = talloc_asprintf(ctx, "%s%s", l->settings->origin,
			    words->prefix), *link = NULL;
	struct code	 code;
	enum outcome	 got;

	view_text(view, L_LANG, words->lang);
	view_text(view, L_NAME, words->name);
	view_text(view, L_HOME, home);
	view_text(view, L_CODE, letter->code);
	switch (letter->kind) {
	case MAIL_CONFIRM:
		mail_code(&code, l->secret, &letter->subscriber);
		link = talloc_asprintf(ctx, "%s/subscribe/confirm?code=%s", home, code.text);
		break;
	case MAIL_STATEMENT:
		mail_code(&code, l->secret, &letter->subscriber);
		mime->leave = talloc_asprintf(ctx, "%s/subscribe/leave?code=%s", home,
		    code.text);
		mime->list = talloc_asprintf(ctx, "statements-%s", words->lang);
		mime->leave_to = l->settings->mail_bounces != NULL ?
		    l->settings->mail_from : NULL;
		mime->leave_subject = talloc_asprintf(ctx, "leave%%20%s", code.text);
		if (mime->leave == NULL || mime->list == NULL || mime->leave_subject == NULL)
			return OUT_FAULT;
		view_text(view, L_LEAVE, mime->leave);
		return fill_statement(l, db, ctx, letter, now, home, view);
	case MAIL_INVITATION:
		link = talloc_asprintf(ctx, "%s/admin/welcome?invitation=%s", home,
		    letter->code);
		break;
	case MAIL_EVENT:
		if ((got = fill_event(l, db, ctx, letter, now, words, view)) != OUT_OK)
			return got;
		/* fall through */
	case MAIL_RSVP:
		link = talloc_asprintf(ctx, "%s/rsvp", home);
		break;
	default:
		link = talloc_asprintf(ctx, "%s/receipt", home);
		break;
	}
	view_text(view, L_LINK, link);
	return home == NULL || link == NULL ? OUT_FAULT : OUT_OK;
}

/* The first line, which `text` then begins behind. */
static const char *
take_subject(char **text)
{
	char	*subject = *text, *end = subject + strcspn(subject, "\n");

	*text = end + strspn(end, "\n");
	*end = '\0';
	return subject;
}

enum outcome
letter_write(struct letters *l, struct db *db, const struct letter *letter, int64_t now,
    struct buf *to)
{
	const struct site_words	*words = words_of(l->settings, letter->lang);
	size_t			 i = (size_t)(words - l->settings->words);
	void			*ctx = talloc_new(l);
	struct view		*view = view_new(ctx, letter_names);
	struct mime		 mime = { .id = &letter->id, .host = l->host, .at = now,
				    .from_name = words->name, .from = l->settings->mail_from,
				    .to = letter->to };
	char			*plain;
	enum outcome		 got = OUT_FAULT;

	if (view == NULL)
		goto end;
	buf_reset(l->text);
	buf_reset(l->html);
	if ((got = fill(l, db, ctx, letter, now, words, view, &mime)) != OUT_OK)
		goto end;
	if ((got = template_render(l->at[letter->kind][i].text, NULL, view, l->text)) != OUT_OK ||
	    (got = template_render(l->at[letter->kind][i].html, NULL, view, l->html)) != OUT_OK)
		goto end;
	plain = l->text->data;
	mime.subject = take_subject(&plain);
	mime.text = plain;
	mime.html = l->html->data;
	got = mime_write(&mime, to);
end:
	talloc_free(ctx);
	return got;
}
