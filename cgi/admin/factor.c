/*
 * factor.c: the pages of the second factor: the second step in, and setting it up.  Who has
 * only given the password has a session that leads to one page, /admin/code.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "factor.h"

enum { Q_SET, Q_DROP, Q_CODE_ADD, Q_CODES_DROP, Q_OTHERS, Q__COUNT };

const struct db_query factor_queries[] = {	/* takes, gives, sql */
	/* In the place of one, or of none, as its page was made for. */
	[Q_SET] = { "bibi", "",
	    "UPDATE admin SET factor = ?, factor_step = ?"
	    " WHERE id = ? AND (factor IS NOT NULL) = ?" },
	[Q_DROP] = { "b", "",
	    "UPDATE admin SET factor = NULL, factor_step = 0 WHERE id = ?" },
	[Q_CODE_ADD] = { "bb", "",
	    "INSERT INTO factor_code (admin, id) VALUES (?, ?)" },
	[Q_CODES_DROP] = { "b", "", "DELETE FROM factor_code WHERE admin = ?" },
	[Q_OTHERS] = { "bb", "",
	    "DELETE FROM session WHERE admin = ? AND id <> ?" },
};
const size_t factor_n_queries = Q__COUNT;

enum { RECOVERY_CODES = 8, QUIET = 4 /* squares round a QR code */ };

enum { CO_WRONG, CO_WAIT, CO_EXPIRED, CO_TO, CO_CARRIED, CO__COUNT };

static const struct view_name code_names[] = {
	[CO_WRONG] = { "wrong", NULL },
	[CO_WAIT] = { "wait", NULL },
	[CO_EXPIRED] = { "expired", NULL },
	[CO_TO] = { "to", NULL },
	[CO_CARRIED] = { "carried", NULL },
	[CO__COUNT] = { NULL, NULL }
};

static const struct view_name recovery_names[] = {
	{ "code", NULL },
	{ NULL, NULL }
};

enum { FA_HAS, FA_ENTERING, FA_REQUIRED, FA_QR, FA_BOX, FA_SECRET, FA_LEFT, FA_PROBLEM,
	FA_WRONG_FIRST, FA_WRONG_CURRENT, FA_WRONG_CODES, FA_WRONG_DROP, FA_WAIT, FA_EXPIRED,
	FA_SHOWN, FA_CODES, FA_TO, FA_CARRIED, FA__COUNT };

static const struct view_name factor_names[] = {
	[FA_HAS] = { "has", NULL },
	[FA_ENTERING] = { "entering", NULL },
	[FA_REQUIRED] = { "required", NULL },
	[FA_QR] = { "qr", NULL },
	[FA_BOX] = { "box", NULL },
	[FA_SECRET] = { "secret", NULL },
	[FA_LEFT] = { "left", NULL },
	[FA_PROBLEM] = { "problem", NULL },
	[FA_WRONG_FIRST] = { "wrong_first", NULL },
	[FA_WRONG_CURRENT] = { "wrong_current", NULL },
	[FA_WRONG_CODES] = { "wrong_codes", NULL },
	[FA_WRONG_DROP] = { "wrong_drop", NULL },
	[FA_WAIT] = { "wait", NULL },
	[FA_EXPIRED] = { "expired", NULL },
	[FA_SHOWN] = { "shown", NULL },
	[FA_CODES] = { "codes", recovery_names },
	[FA_TO] = { "to", NULL },
	[FA_CARRIED] = { "carried", NULL },
	[FA__COUNT] = { NULL, NULL }
};

void
factor_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->code, "code.html",
	    code_names);
	page_compile(office, app->settings, &office->factor, "factor.html",
	    factor_names);
}

/* ---- the second step in ---- */

enum why { WHY_ASKED = 1, WHY_WRONG, WHY_WAIT, WHY_EXPIRED };

static enum outcome
show_code(struct request *rq, enum why why, struct resume what)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, code_names);

	view_text(v, CO_TO, what.to);
	view_text(v, CO_CARRIED, what.packed);
	view_flag(v, CO_WRONG, why == WHY_WRONG);
	view_flag(v, CO_WAIT, why == WHY_WAIT);
	view_flag(v, CO_EXPIRED, why == WHY_EXPIRED);
	if (why == WHY_WAIT)
		http_header(rq, "Retry-After", "60");
	return page_send(rq, &office->code, v, why == WHY_ASKED ? 200 :
	    why == WHY_WAIT ? 429 : 422);
}

enum outcome
factor_code_show(struct request *rq)
{
	if (rq->session->stage != STAGE_CODE)
		return login_go_on(rq);
	return show_code(rq, WHY_ASKED, resume_carried(rq));
}

enum outcome
factor_code_ask(struct request *rq, struct resume what)
{
	return show_code(rq, WHY_ASKED, what);
}

enum outcome
factor_code_again(struct request *rq)
{
	if (rq->session->stage != STAGE_CODE)
		return login_go_on(rq);
	return show_code(rq, WHY_EXPIRED, resume_carried(rq));
}

struct entry { struct request *rq; const struct proof *proof; };

static enum outcome
enter_work(struct db *db, void *arg)
{
	const struct entry *in = arg;

	return proof_use(db, in->rq, in->proof);
}

/* Either field takes either code. */
static const char *
typed_code(struct request *rq)
{
	const char *code = pairs_find(&rq->body, "code");

	return code != NULL && *code != '\0' ? code :
	    pairs_find(&rq->body, "recovery");
}

enum outcome
factor_code_take(struct request *rq)
{
	const struct office	*office = rq->app->own;
	struct factor		 f;
	struct proof		 proof;
	struct entry		 entry = { rq, &proof };
	enum outcome		 got;

	if (rq->session->stage != STAGE_CODE)
		return login_go_on(rq);
	if ((got = factor_read(rq, &f)) != OUT_OK)
		return got;
	if (!f.has)	/* given up meanwhile: the password is enough again */
		return http_see_other(rq, "/admin/login");
	got = proof_read(rq, &f, typed_code(rq), &proof);
	sodium_memzero(&f, sizeof(f));
	if (got == OUT_LIMITED)
		return show_code(rq, WHY_WAIT, resume_carried(rq));
	if (got == OUT_OK)
		got = session_renew(rq, &office->audit, enter_work, &entry);
	got = proof_settle(rq, &proof, got);
	if (got == OUT_FORBIDDEN)
		return show_code(rq, WHY_WRONG, resume_carried(rq));
	return got == OUT_OK ? login_go_on(rq) : got;
}

/* ---- setting it up ---- */

/*
 * The secret that is offered: the same until this session ends, or another takes its place
 * because it was accepted.
 */
static void
candidate(const struct request *rq, unsigned char out[TOTP_SECRET])
{
	struct key key;

	seal_derive(&key, &rq->session->admin.secret, "factor candidate",
	    rq->session->id.at, KEY_LEN);
	memcpy(out, key.at, TOTP_SECRET);
	sodium_memzero(&key, sizeof(key));
}

static enum outcome
add_candidate(struct request *rq, struct view *v)
{
	unsigned char	 secret[TOTP_SECRET];
	const char	*address, *path;
	int		 side;

	candidate(rq, secret);
	address = totp_address(rq, secret, rq->words->name,
	    rq->session->admin.name);
	view_text(v, FA_SECRET, totp_secret_text(rq, secret));
	sodium_memzero(secret, sizeof(secret));
	if (address == NULL || totp_qr(rq, address, &path, &side) != OUT_OK)
		return OUT_FAULT;
	view_text(v, FA_QR, path);
	view_text(v, FA_BOX, talloc_asprintf(rq, "-%d -%d %d %d", QUIET, QUIET,
	    side + 2 * QUIET, side + 2 * QUIET));
	return OUT_OK;
}

/* The page, with what is wrong; FA__COUNT: nothing. */
static enum outcome
show_factor(struct request *rq, size_t problem, struct resume what)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, factor_names);
	bool			 has;
	int64_t			 codes;
	enum outcome		 got;

	if (rq->session->stage == STAGE_CODE)
		return login_ask(rq);
	if ((got = factor_state(rq, &has, &codes)) != OUT_OK ||
	    (got = add_candidate(rq, v)) != OUT_OK)
		return got;
	view_flag(v, FA_HAS, has);
	view_flag(v, FA_ENTERING, rq->session->stage == STAGE_SETUP);
	view_flag(v, FA_REQUIRED, rq->settings->second_factor);
	view_number(v, FA_LEFT, codes);
	view_text(v, FA_TO, what.to);
	view_text(v, FA_CARRIED, what.packed);
	if (problem == FA__COUNT)
		return page_send(rq, &office->factor, v, 200);
	view_flag(v, problem, 1);
	view_flag(v, FA_PROBLEM, problem != FA_WAIT && problem != FA_EXPIRED);
	if (problem == FA_WAIT)
		http_header(rq, "Retry-After", "60");
	return page_send(rq, &office->factor, v, problem == FA_WAIT ? 429 : 422);
}

enum outcome
factor_show(struct request *rq)
{
	return show_factor(rq, FA__COUNT, resume_carried(rq));
}

enum outcome
factor_ask(struct request *rq, struct resume what)
{
	return show_factor(rq, FA__COUNT, what);
}

enum outcome
factor_again(struct request *rq)
{
	return show_factor(rq, FA_EXPIRED, resume_carried(rq));
}

/* ---- changing it ---- */

struct deed {
	struct request		*rq;
	const struct proof	*proof;		/* NULL: there was no factor */
	const char		*action;
	struct bytes		 sealed;	/* "factor.set" */
	int64_t			 step;
	struct code		 codes[RECOVERY_CODES];
};

static enum outcome
replace_codes(struct db *db, const struct deed *deed)
{
	const struct id	*admin = &deed->rq->session->admin.id;
	enum outcome	 got;

	got = db_run(db, &factor_queries[Q_CODES_DROP], NULL,
	    DB_BYTES(admin->at, ID_LEN));
	for (size_t i = 0; got == OUT_OK && i < RECOVERY_CODES; i++)
		got = db_run(db, &factor_queries[Q_CODE_ADD], NULL,
		    DB_BYTES(admin->at, ID_LEN),
		    DB_BYTES(deed->codes[i].lookup.at, KEY_LEN));
	return got;
}

/* Whatever came in by what was good before comes in no more. */
static enum outcome
end_others(struct db *db, const struct deed *deed)
{
	const struct session *s = deed->rq->session;

	return db_run(db, &factor_queries[Q_OTHERS], NULL,
	    DB_BYTES(s->admin.id.at, ID_LEN), DB_BYTES(s->id.at, KEY_LEN));
}

static enum outcome
finish(struct db *db, const struct deed *deed)
{
	const struct office *office = deed->rq->app->own;

	return audit_add(db, &office->audit, deed->rq->now,
	    &deed->rq->session->admin.id, deed->action, NULL);
}

static enum outcome
set_work(struct db *db, void *arg)
{
	const struct deed	*deed = arg;
	uint64_t		 changed;
	enum outcome		 got = OUT_OK;

	if (deed->proof != NULL)
		got = proof_use(db, deed->rq, deed->proof);
	if (got == OUT_OK)
		got = db_run(db, &factor_queries[Q_SET], &changed,
		    DB_BYTES(deed->sealed.data, deed->sealed.len),
		    DB_INT(deed->step),
		    DB_BYTES(deed->rq->session->admin.id.at, ID_LEN),
		    DB_INT(deed->proof != NULL));
	if (got == OUT_OK && changed == 0)
		got = OUT_CONFLICT;
	if (got == OUT_OK && (got = replace_codes(db, deed)) == OUT_OK &&
	    (got = end_others(db, deed)) == OUT_OK)
		got = finish(db, deed);
	return got;
}

static enum outcome
codes_work(struct db *db, void *arg)
{
	const struct deed	*deed = arg;
	enum outcome		 got;

	if ((got = proof_use(db, deed->rq, deed->proof)) == OUT_OK &&
	    (got = replace_codes(db, deed)) == OUT_OK)
		got = finish(db, deed);
	return got;
}

static enum outcome
drop_work(struct db *db, void *arg)
{
	const struct deed	*deed = arg;
	const struct id		*admin = &deed->rq->session->admin.id;
	enum outcome		 got;

	if ((got = proof_use(db, deed->rq, deed->proof)) == OUT_OK &&
	    (got = db_run(db, &factor_queries[Q_DROP], NULL,
	    DB_BYTES(admin->at, ID_LEN))) == OUT_OK &&
	    (got = db_run(db, &factor_queries[Q_CODES_DROP], NULL,
	    DB_BYTES(admin->at, ID_LEN))) == OUT_OK &&
	    (got = end_others(db, deed)) == OUT_OK)
		got = finish(db, deed);
	return got;
}

/* The recovery codes, in the answer itself and nowhere else. */
static enum outcome
show_codes(struct request *rq, const struct deed *deed)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, factor_names);
	struct resume		 what = resume_carried(rq);

	view_flag(v, FA_SHOWN, 1);
	for (size_t i = 0; i < RECOVERY_CODES; i++)
		view_text(view_row(v, FA_CODES), 0, deed->codes[i].text);
	view_text(v, FA_TO, what.to);
	view_text(v, FA_CARRIED, what.packed);
	return page_send(rq, &office->factor, v, 200);
}

/* Seal the secret that was offered, if its first code is right. */
static enum outcome
accept_candidate(struct request *rq, struct deed *deed)
{
	unsigned char	secret[TOTP_SECRET];
	struct key	key;
	enum outcome	got = OUT_FORBIDDEN;

	candidate(rq, secret);
	if (totp_check(secret, pairs_find(&rq->body, "first"), rq->now, 0,
	    &deed->step)) {
		factor_key(rq, &key);
		got = seal_body(rq, &key, &rq->session->admin.id, "factor",
		    secret, TOTP_SECRET, &deed->sealed);
		sodium_memzero(&key, sizeof(key));
	}
	sodium_memzero(secret, sizeof(secret));
	return got;
}

/* The page again for what went wrong with a deed whose code stands in the field `wrong`. */
static enum outcome
show_failure(struct request *rq, enum outcome got, size_t wrong)
{
	switch (got) {
	case OUT_FORBIDDEN:
		return show_factor(rq, wrong, resume_carried(rq));
	case OUT_LIMITED:
		return show_factor(rq, FA_WAIT, resume_carried(rq));
	case OUT_CONFLICT:
		return show_factor(rq, FA_EXPIRED, resume_carried(rq));
	default:
		return got;
	}
}

enum outcome
factor_take(struct request *rq)
{
	const struct office	*office = rq->app->own;
	struct deed		 deed = { .rq = rq, .action = "factor.set" };
	struct proof		 proof;
	struct factor		 f;
	enum outcome		 got;

	if (rq->session->stage == STAGE_CODE)
		return login_ask(rq);
	if ((got = accept_candidate(rq, &deed)) != OUT_OK)
		return show_failure(rq, got, FA_WRONG_FIRST);
	if ((got = factor_read(rq, &f)) != OUT_OK)
		return got;
	if (f.has) {
		got = proof_read(rq, &f, pairs_find(&rq->body, "current"),
		    &proof);
		deed.proof = &proof;
	}
	sodium_memzero(&f, sizeof(f));
	for (size_t i = 0; i < RECOVERY_CODES; i++)
		code_new(&deed.codes[i]);
	if (got == OUT_OK)
		got = session_renew(rq, &office->audit, set_work, &deed);
	if (deed.proof != NULL)
		got = proof_settle(rq, &proof, got);
	return got == OUT_OK ? show_codes(rq, &deed) :
	    show_failure(rq, got, FA_WRONG_CURRENT);
}

/* Read the code of a form at the factor there is, and do `work`. */
static enum outcome
change(struct request *rq, struct deed *deed,
    enum outcome (*work)(struct db *, void *))
{
	struct proof	proof;
	struct factor	f;
	enum outcome	got;

	if ((got = factor_read(rq, &f)) != OUT_OK)
		return got;
	if (!f.has)
		return OUT_CONFLICT;
	got = proof_read(rq, &f, pairs_find(&rq->body, "current"), &proof);
	sodium_memzero(&f, sizeof(f));
	deed->proof = &proof;
	if (got == OUT_OK)
		got = db_transaction(rq->app->db, work, deed);
	deed->proof = NULL;
	return proof_settle(rq, &proof, got);
}

enum outcome
factor_codes(struct request *rq)
{
	struct deed	deed = { .rq = rq, .action = "factor.codes" };
	enum outcome	got;

	for (size_t i = 0; i < RECOVERY_CODES; i++)
		code_new(&deed.codes[i]);
	got = change(rq, &deed, codes_work);
	return got == OUT_OK ? show_codes(rq, &deed) :
	    show_failure(rq, got, FA_WRONG_CODES);
}

enum outcome
factor_drop(struct request *rq)
{
	struct deed	deed = { .rq = rq, .action = "factor.dropped" };
	enum outcome	got;

	/* Where it is required, another takes its place: factor_take(). */
	if (rq->settings->second_factor)
		return OUT_FORBIDDEN;
	got = change(rq, &deed, drop_work);
	return got == OUT_OK ? http_see_other(rq, "/admin/account") :
	    show_failure(rq, got, FA_WRONG_DROP);
}
