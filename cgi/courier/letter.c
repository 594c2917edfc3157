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
#include "openhall/view.h"

enum { Q_STATEMENT, Q__COUNT };

const struct db_query letter_queries[Q__COUNT] = {	/* takes, gives, sql */
	[Q_STATEMENT] = { "bi", "sss",
	    "SELECT slug, title, summary FROM published"
	    " WHERE id = ? AND published_at <= ?" },
};
const size_t letter_n_queries = Q__COUNT;

enum { L_LANG, L_NAME, L_HOME, L_LINK, L_CODE, L_TITLE, L_SUMMARY, L_LEAVE };

static const struct view_name letter_names[] = {
	[L_LANG] = { "lang", NULL },		/* of the mail */
	[L_NAME] = { "name", NULL },		/* of the organisation */
	[L_HOME] = { "home", NULL },		/* address of the site */
	[L_LINK] = { "link", NULL },		/* where to go */
	[L_CODE] = { "code", NULL },		/* of a receipt */
	[L_TITLE] = { "title", NULL },		/* of a statement */
	[L_SUMMARY] = { "summary", NULL },
	[L_LEAVE] = { "leave", NULL },		/* where to unsubscribe */
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

static enum outcome
fill(struct letters *l, struct db *db, void *ctx, const struct letter *letter, int64_t now,
    const struct site_words *words, struct view *view, struct mime *mime)
{
	const char	*home = talloc_asprintf(ctx, "%s%s", l->settings->origin,
			    words->prefix), *link = NULL;
	struct code	 code;

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
