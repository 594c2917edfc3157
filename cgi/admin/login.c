/*
 * login.c: coming and going: log-in, its limit, the invitation of a new admin, log-out.
 *
 * Failures are counted for a name together with where they come from: a browser that has
 * logged in under that name before carries a device cookie and has a count of its own;
 * everybody else is counted by address.  So no stranger can lock an admin out.
 */
#include <sodium.h>
#include <string.h>
#include <talloc.h>

#include "admin.h"

enum { Q_COUNT, Q_FAILED, Q_CLEAR, Q__COUNT };

const struct db_query login_queries[] = {	/* takes, gives, sql */
	[Q_COUNT] = { "bi", "ii",
	    "SELECT failures, until FROM throttle"
	    " WHERE bucket = ? AND until > ?" },
	[Q_FAILED] = { "bii", "",
	    "INSERT INTO throttle (bucket, failures, until) VALUES (?, ?, ?)"
	    " ON DUPLICATE KEY UPDATE failures = VALUES(failures),"
	    " until = VALUES(until)" },
	[Q_CLEAR] = { "b", "", "DELETE FROM throttle WHERE bucket = ?" },
};
const size_t login_n_queries = Q__COUNT;

enum {
	FREE_FAILURES = 5,	/* before there is any wait */
	FIRST_WAIT = 30,	/* seconds; doubled with each further failure */
	LONGEST_WAIT = 900,
	FORGOTTEN_AFTER = 3600,	/* seconds after the last failure's wait */
	DEVICE_SECONDS = 180 * 86400,
	DEVICE_NAME = 24	/* bytes of the name's hash in a device cookie */
};

enum { LG_NAME, LG_WRONG, LG_WAIT, LG_EXPIRED, LG__COUNT };

static const struct view_name login_names[] = {
	[LG_NAME] = { "name", NULL },
	[LG_WRONG] = { "wrong", NULL },
	[LG_WAIT] = { "wait", NULL },
	[LG_EXPIRED] = { "expired", NULL },
	[LG__COUNT] = { NULL, NULL }
};

enum { W_INVITATION, W_GONE, W_NAME, W_NAME_ERROR, W_NAME_TAKEN, W_SHORT,
	W_DIFFER, W_EXPIRED, W_ERROR, W__COUNT };

static const struct view_name welcome_names[] = {
	[W_INVITATION] = { "invitation", NULL },
	[W_GONE] = { "gone", NULL },
	[W_NAME] = { "name", NULL },
	[W_NAME_ERROR] = { "name_error", NULL },
	[W_NAME_TAKEN] = { "name_taken", NULL },
	[W_SHORT] = { "short", NULL },
	[W_DIFFER] = { "differ", NULL },
	[W_EXPIRED] = { "expired", NULL },
	[W_ERROR] = { "problem", NULL },
	[W__COUNT] = { NULL, NULL }
};

void
login_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->login, "login.html",
	    login_names);
	page_compile(office, app->settings, &office->welcome, "welcome.html",
	    welcome_names);
}

/* ---- the limit ---- */

/* Remember that this browser has logged in under the name that has `name_key`. */
static void
set_device(struct request *rq, const struct key *name_key)
{
	struct key	 under, says, hash;
	unsigned char	 wrapped[WRAP_LEN];
	char		*text;
	size_t		 room = sodium_base64_ENCODED_LEN(WRAP_LEN,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);

	if ((text = talloc_size(rq, room)) == NULL)
		return;		/* only the convenience is lost */
	seal_derive(&hash, &rq->app->form_key, "device name", name_key->at,
	    KEY_LEN);
	memcpy(says.at, hash.at, DEVICE_NAME);
	randombytes_buf(says.at + DEVICE_NAME, KEY_LEN - DEVICE_NAME);
	seal_derive(&under, &rq->app->form_key, "device cookie", NULL, 0);
	seal_wrap(wrapped, &under, &(struct id){ { 0 } }, "device", &says);
	sodium_bin2base64(text, room, wrapped, WRAP_LEN,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	http_set_cookie(rq, "device", text, DEVICE_SECONDS);
}

/* Whether this browser has logged in under this name before; fills what tells it apart. */
static bool
get_device(struct request *rq, const struct key *name_key, struct key *says)
{
	const char	*text = http_cookie(rq, "device");
	unsigned char	 wrapped[WRAP_LEN];
	struct key	 under, hash;
	size_t		 len;

	if (text == NULL || sodium_base642bin(wrapped, WRAP_LEN, text,
	    strlen(text), NULL, &len, NULL,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
		return false;
	seal_derive(&under, &rq->app->form_key, "device cookie", NULL, 0);
	if (seal_unwrap(says, &under, &(struct id){ { 0 } }, "device",
	    (struct bytes){ wrapped, len }) != OUT_OK)
		return false;
	seal_derive(&hash, &rq->app->form_key, "device name", name_key->at,
	    KEY_LEN);
	return sodium_memcmp(says->at, hash.at, DEVICE_NAME) == 0;
}

/* Where failures of this log-in are counted.  No address is stored, only a keyed hash. */
static void
find_bucket(struct request *rq, const struct key *name_key, struct key *bucket)
{
	struct key	by_name, device;

	seal_derive(&by_name, &rq->app->form_key, "throttle", name_key->at,
	    KEY_LEN);
	if (get_device(rq, name_key, &device))
		seal_derive(bucket, &by_name, "device", device.at, KEY_LEN);
	else
		seal_derive(bucket, &by_name, "address", rq->address,
		    rq->address != NULL ? strlen(rq->address) : 0);
}

/* OUT_OK with the failures so far; OUT_LIMITED: not yet again. */
static enum outcome
check_bucket(struct request *rq, const struct key *bucket, int64_t *failures)
{
	struct db_row	row;
	enum outcome	got;

	*failures = 0;
	got = db_first(rq->app->db, rq, &login_queries[Q_COUNT], &row,
	    DB_BYTES(bucket->at, KEY_LEN), DB_INT(rq->now - FORGOTTEN_AFTER));
	if (got == OUT_MISSING)
		return OUT_OK;
	if (got != OUT_OK)
		return got;
	*failures = row.at[0].number;
	return *failures >= FREE_FAILURES && rq->now < row.at[1].number ?
	    OUT_LIMITED : OUT_OK;
}

static enum outcome
count_failure(struct request *rq, const struct key *bucket, int64_t failures)
{
	int64_t wait = 0;

	failures++;
	if (failures >= FREE_FAILURES) {
		wait = FIRST_WAIT;
		for (int64_t i = FREE_FAILURES; i < failures &&
		    wait < LONGEST_WAIT; i++)
			wait *= 2;
	}
	if (wait > LONGEST_WAIT)
		wait = LONGEST_WAIT;
	return db_run(rq->app->db, &login_queries[Q_FAILED], NULL,
	    DB_BYTES(bucket->at, KEY_LEN), DB_INT(failures),
	    DB_INT(rq->now + wait));
}

/* ---- log-in ---- */

enum why { WHY_ASKED = 1, WHY_WRONG, WHY_WAIT, WHY_EXPIRED };

static enum outcome
show_login(struct request *rq, enum why why)
{
	const struct office	*office = rq->app->own;
	struct view		*v = view_new(rq, login_names);

	view_text(v, LG_NAME, pairs_find(&rq->body, "name"));
	view_flag(v, LG_WRONG, why == WHY_WRONG);
	view_flag(v, LG_WAIT, why == WHY_WAIT);
	view_flag(v, LG_EXPIRED, why == WHY_EXPIRED);
	if (why == WHY_WAIT)
		http_header(rq, "Retry-After", "60");
	return page_send(rq, &office->login, v, why == WHY_ASKED ? 200 :
	    why == WHY_WAIT ? 429 : 422);
}

enum outcome
login_ask(struct request *rq)
{
	if (rq->method == GET)
		return http_see_other(rq, "/admin/login");
	return show_login(rq, WHY_EXPIRED);
}

enum outcome
login_show(struct request *rq)
{
	return show_login(rq, WHY_ASKED);
}

enum outcome
login_again(struct request *rq)
{
	return show_login(rq, WHY_EXPIRED);
}

/* Store the session of who has just proved who they are. */
static enum outcome
enter(struct request *rq, const struct admin *admin)
{
	struct key	name_key;
	enum outcome	got;

	if ((got = desk_name_key(rq->app->db, admin->name, &name_key)) != OUT_OK ||
	    (got = session_begin(rq, admin)) != OUT_OK)
		return got;
	set_device(rq, &name_key);
	return http_see_other(rq, "/admin/");
}

enum outcome
login_take(struct request *rq)
{
	const char	*name = pairs_find(&rq->body, "name");
	const char	*password = pairs_find(&rq->body, "password");
	struct admin	 admin;
	struct key	 name_key, bucket;
	int64_t		 failures;
	enum outcome	 got;

	if (name == NULL || password == NULL)
		return show_login(rq, WHY_WRONG);
	if ((got = desk_name_key(rq->app->db, name, &name_key)) != OUT_OK)
		return got;
	find_bucket(rq, &name_key, &bucket);
	if ((got = check_bucket(rq, &bucket, &failures)) == OUT_LIMITED)
		return show_login(rq, WHY_WAIT);
	if (got != OUT_OK)
		return got;
	got = desk_login(rq->app->db, name, password, &admin);
	if (got == OUT_FORBIDDEN || got == OUT_INVALID) {
		got = count_failure(rq, &bucket, failures);
		return got == OUT_OK ? show_login(rq, WHY_WRONG) : got;
	}
	if (got != OUT_OK)
		return got;
	if (failures > 0)
		got = db_run(rq->app->db, &login_queries[Q_CLEAR], NULL,
		    DB_BYTES(bucket.at, KEY_LEN));
	if (got == OUT_OK)
		got = enter(rq, &admin);
	sodium_memzero(&admin, sizeof(admin));
	return got;
}

enum outcome
logout(struct request *rq)
{
	enum outcome got = session_end(rq, &rq->session->id);

	return got == OUT_OK || got == OUT_MISSING ?
	    http_see_other(rq, "/admin/login") : got;
}

/* ---- the invitation ---- */

static struct view *
welcome_view(struct request *rq, const char *invitation)
{
	struct view *v = view_new(rq, welcome_names);

	view_text(v, W_INVITATION, invitation);
	view_text(v, W_NAME, pairs_find(&rq->body, "name"));
	return v;
}

/* One problem is told at a time, in the order of the fields. */
static enum outcome
show_welcome(struct request *rq, const char *invitation, size_t problem)
{
	const struct office	*office = rq->app->own;
	struct view		*v = welcome_view(rq, invitation);

	if (problem == W__COUNT)
		return page_send(rq, &office->welcome, v, 200);
	view_flag(v, problem, 1);
	view_flag(v, W_ERROR, problem != W_GONE && problem != W_EXPIRED);
	return page_send(rq, &office->welcome, v, problem == W_GONE ? 404 : 422);
}

enum outcome
welcome_show(struct request *rq)
{
	const char	*typed = pairs_find(&rq->query, "invitation");
	struct code	 code;
	enum outcome	 got;

	if (typed == NULL || code_read(&code, typed) != OUT_OK)
		return show_welcome(rq, NULL, W_GONE);
	got = desk_invited(rq->app->db, rq->now, &code);
	if (got == OUT_MISSING)
		return show_welcome(rq, NULL, W_GONE);
	return got == OUT_OK ? show_welcome(rq, typed, W__COUNT) : got;
}

enum outcome
welcome_again(struct request *rq)
{
	return show_welcome(rq, pairs_find(&rq->body, "invitation"), W_EXPIRED);
}

enum outcome
welcome_take(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const char		*typed = pairs_find(&rq->body, "invitation");
	const char		*name = pairs_find(&rq->body, "name");
	const char		*password = pairs_find(&rq->body, "password");
	const char		*again = pairs_find(&rq->body, "again");
	struct code		 code;
	struct admin		 admin;
	enum outcome		 got;

	if (typed == NULL || code_read(&code, typed) != OUT_OK)
		return show_welcome(rq, NULL, W_GONE);
	if (name == NULL || name[strspn(name, " \t")] == '\0')
		return show_welcome(rq, typed, W_NAME_ERROR);
	if (password == NULL || strlen(password) < PASSWORD_LEAST)
		return show_welcome(rq, typed, W_SHORT);
	if (again == NULL || strcmp(password, again) != 0)
		return show_welcome(rq, typed, W_DIFFER);
	got = desk_accept(rq->app->db, &office->audit, rq->now, &code, name,
	    password, &admin);
	switch (got) {
	case OUT_OK:
		break;
	case OUT_MISSING:
		return show_welcome(rq, NULL, W_GONE);
	case OUT_CONFLICT:
		return show_welcome(rq, typed, W_NAME_TAKEN);
	case OUT_INVALID:
		return show_welcome(rq, typed, W_NAME_ERROR);
	default:
		return got;
	}
	got = enter(rq, &admin);
	sodium_memzero(&admin, sizeof(admin));
	return got;
}
