/*
 * subscribe.c: the form by which anybody asks to be told of new statements.  The address is
 * sealed at once; whether it was known before, this program cannot tell, and so neither can
 * its answer.  Where the portal sends no mail there is no form.
 */
#include "pages.h"

#include <string.h>
#include <talloc.h>

#include "openhall/text.h"

/* Sign-ups that may wait: as many as courier can answer in the days until it forgets them. */
#define WAITING_MOST	"7200"

const struct db_query subscribe_queries[] = {	/* takes, gives, sql */
	[Q_FULL] = { "", "i",
	    "SELECT 1 FROM signup ORDER BY at LIMIT " WAITING_MOST ", 1" },
	[Q_SIGN_UP] = { "bbsi", "",
	    "INSERT INTO signup (id, address, lang, at) VALUES (?, ?, ?, ?)" },
	[Q_STATE] = { "b", "s", "SELECT state FROM subscriber WHERE token = ?" },
	[Q_CONFIRM] = { "ib", "",
	    "UPDATE subscriber SET state = 'confirmed', confirmed_at = ?"
	    " WHERE token = ? AND state = 'pending'" },
	[Q_LEAVE] = { "b", "",
	    "UPDATE subscriber SET state = 'left', address = ''"
	    " WHERE token = ? AND state <> 'left'" },
};
const size_t subscribe_n_queries = Q_SUBSCRIBE__COUNT;

enum { C_LANG, C_NAME, C_CHECKED, C_FIRST, C_LAST };

static const struct view_name choice_names[] = {
	[C_LANG] = { "value", NULL },
	[C_NAME] = { "name", NULL },
	[C_CHECKED] = { "checked", NULL },
	[C_FIRST] = { "first", NULL },
	[C_LAST] = { "last", NULL },
	{ NULL, NULL }
};

enum { S_ADDRESS, S_CHOICES, S_TRAP, S_WRONG, S_EXPIRED, S_YOUNG, S_AWAY };

static const struct view_name subscribe_names[] = {
	[S_ADDRESS] = { "address", NULL },
	[S_CHOICES] = { "choices", choice_names },
	[S_TRAP] = { "trap", NULL },
	[S_WRONG] = { "wrong", NULL },	/* it is no address */
	[S_EXPIRED] = { "expired", NULL },
	[S_YOUNG] = { "young", NULL },
	[S_AWAY] = { "away", NULL },
	{ NULL, NULL }
};

enum { D_TITLE, D_TEXT, D_AGAIN };

static const struct view_name done_names[] = {
	[D_TITLE] = { "title", NULL },
	[D_TEXT] = { "text", NULL },
	[D_AGAIN] = { "again", NULL },	/* the form is worth another look */
	{ NULL, NULL }
};

void
subscribe_start(struct app *app)
{
	struct own *own = app->own;

	own->mails = mail_goes(app->settings);
	if (own->mails)
		mail_start(&own->sealer, app->settings);
	page_compile(own, app->settings, &own->subscribe, "subscribe.html",
	    subscribe_names);
	page_compile(own, app->settings, &own->done, "subscribe-done.html",
	    done_names);
}

/* ---- the form ---- */

enum why { WHY_ASKED = -1, WHY_WRONG = S_WRONG, WHY_EXPIRED = S_EXPIRED,
	WHY_YOUNG = S_YOUNG, WHY_AWAY = S_AWAY };

/* What was typed, or "". */
static const char *
typed(const struct request *rq, const char *name)
{
	const char *got = pairs_find(&rq->body, name);

	return got != NULL ? got : "";
}

/* The language that was chosen; that of the page where none was. */
static const struct site_words *
chosen(const struct request *rq)
{
	const struct site_words *words = settings_words(rq->settings,
	    typed(rq, "lang"));

	return words != NULL ? words : rq->words;
}

static enum outcome
show(struct request *rq, enum why why)
{
	const struct own	*own = rq->app->own;
	const struct settings	*s = rq->settings;
	struct view		*v;

	if (!own->mails)
		return subscribe_done(rq, DONE_OFF);
	v = view_new(rq, subscribe_names);
	view_text(v, S_ADDRESS, typed(rq, "address"));
	view_text(v, S_TRAP, typed(rq, "website"));
	for (size_t i = 0; s->n_words > 1 && i < s->n_words; i++) {
		struct view *row = view_row(v, S_CHOICES);

		view_text(row, C_LANG, s->words[i].lang);
		view_text(row, C_NAME, s->words[i].lang_name);
		view_flag(row, C_CHECKED, &s->words[i] == chosen(rq));
		view_flag(row, C_FIRST, i == 0);
		view_flag(row, C_LAST, i + 1 == s->n_words);
	}
	if (why != WHY_ASKED)
		view_flag(v, (size_t)why, 1);
	if (why == WHY_AWAY)
		http_header(rq, "Retry-After", "30");
	return page_send(rq, &own->subscribe, v, why == WHY_ASKED ? 200 :
	    why == WHY_AWAY ? 503 : 422);
}

enum outcome
subscribe_ask(struct request *rq)
{
	return show(rq, WHY_ASKED);
}

enum outcome
subscribe_again(struct request *rq)
{
	return show(rq, WHY_EXPIRED);
}

/* ---- signing up ---- */

/* The same form sent twice is one sign-up; sent again with another address, another. */
static void
make_id(struct id *out, const struct request *rq, const char *address)
{
	struct key form, hash;

	seal_derive(&form, &rq->app->form_key, "signup", rq->token->nonce,
	    sizeof(rq->token->nonce));
	seal_derive(&hash, &form, "address", address, strlen(address));
	memcpy(out->at, hash.at, ID_LEN);
}

static enum outcome
sign_up(struct request *rq, const char *address)
{
	struct own	*own = rq->app->own;
	struct bytes	 sealed;
	struct db_row	 row;
	struct id	 id;
	enum outcome	 got;

	got = db_first(rq->app->db, rq, &subscribe_queries[Q_FULL], &row);
	if (got != OUT_MISSING)
		return got == OUT_OK ? OUT_AWAY : got;
	make_id(&id, rq, address);
	got = mail_seal(rq, &own->sealer, rq->now, &id, address, &sealed);
	if (got != OUT_OK)
		return got;
	got = db_run(rq->app->db, &subscribe_queries[Q_SIGN_UP], NULL,
	    DB_BYTES(id.at, ID_LEN), DB_BYTES(sealed.data, sealed.len),
	    DB_TEXT(chosen(rq)->lang), DB_INT(rq->now));
	return got == OUT_CONFLICT ? OUT_OK : got;
}

/* `text` without the white space around it; below `ctx`. */
static const char *
trim(const void *ctx, const char *text)
{
	static const char	white[] = " \t\r\n";
	size_t			len;

	text += strspn(text, white);
	for (len = strlen(text); len > 0 && strchr(white, text[len - 1]) != NULL;)
		len--;
	return talloc_strndup(ctx, text, len);
}

enum outcome
subscribe_take(struct request *rq)
{
	const struct own	*own = rq->app->own;
	const struct settings	*s = rq->settings;
	const char		*address = trim(rq, typed(rq, "address"));
	enum outcome		 got = OUT_OK;

	if (!own->mails)
		return subscribe_done(rq, DONE_OFF);
	if (address == NULL)
		return OUT_FAULT;
	if (!mail_is_address(address))
		return show(rq, WHY_WRONG);
	if (token_age(rq->token, rq->now, s->form_least, s->form_greatest) ==
	    TOKEN_YOUNG)
		return show(rq, WHY_YOUNG);
	/* Whoever fills in what no person sees learns nothing. */
	if (*typed(rq, "website") == '\0')
		got = sign_up(rq, address);
	if (got == OUT_AWAY)
		return show(rq, WHY_AWAY);
	return got == OUT_OK ? http_see_other(rq, "/subscribe/sent") : got;
}

/* ---- what was done ---- */

static const struct { const char *title, *text; bool again; int status; }
says[DONE__COUNT] = {
	[DONE_SENT] = { N_("Look into your mail"),
	    N_("If this address is not on our list yet, we are sending it a message "
	    "now. Open the link in it and press the button there: only then are you "
	    "subscribed. If nothing comes within a few minutes, look into the folder "
	    "for unwanted mail."), true, 200 },
	[DONE_CONFIRMED] = { N_("You are subscribed"),
	    N_("We will write to you when we publish a statement, and for nothing "
	    "else. In every message is a link with which you can leave."), false,
	    200 },
	[DONE_LEFT] = { N_("You have left the list"),
	    N_("We have erased your address. You will get no more statements from us "
	    "by mail; one that was on its way already may still arrive."), true,
	    200 },
	[DONE_GONE] = { N_("This link does not lead anywhere any more"),
	    N_("It may have been cut short, it may be too old, or you have left the "
	    "list meanwhile."), true, 404 },
	[DONE_OFF] = { N_("There are no statements by mail here"),
	    N_("This site sends no mail at present. You can read our statements here, or "
	    "follow them with a feed reader, which needs no address. Whoever is on our "
	    "list can still leave it by the link in any of our mails."), false, 404 },
};

enum outcome
subscribe_done(struct request *rq, enum done done)
{
	const struct own	*own = rq->app->own;
	struct view		*v = view_new(rq, done_names);

	view_text(v, D_TITLE, text_in(rq->words, says[done].title));
	view_text(v, D_TEXT, text_in(rq->words, says[done].text));
	view_flag(v, D_AGAIN, says[done].again && own->mails);
	return page_send(rq, &own->done, v, says[done].status);
}

enum outcome
subscribe_sent(struct request *rq)
{
	const struct own *own = rq->app->own;

	return subscribe_done(rq, own->mails ? DONE_SENT : DONE_OFF);
}
