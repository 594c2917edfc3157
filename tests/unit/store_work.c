/*
 * store_work.c: a case of the aid desk goes from state to state, is taken on, is written about
 * and finds what fits it; and what was told by telephone is typed in.
 */
#include "handler.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "openhall/person.h"
#include "openhall/when.h"

#define TODAY	((long long)when_day_of(NOW))

static struct id	id;
static struct key	content;
static struct code	receipt;
static char		hex[2 * ID_LEN + 1];

static void
ask(const char *answers)
{
	ask_for(answers, &id, &content, &receipt);
	id_text(hex, &id);
}

static struct reply
do_it(enum outcome (*run)(struct request *), int who, const char *body)
{
	return call(run, who, "/admin/case/x", hex, body);
}

/* How many submissions are as `where` says; the one of `hex` alone. */
static long
is(const char *where)
{
	return store_number("SELECT COUNT(*) FROM submission WHERE id = UNHEX('%s') AND %s",
	    hex, where);
}

/* ---- states ---- */

static const struct { const char *kind, *from, *to; bool may; } moves[] = {
	{ "ask",   "needed",    "started",    true },
	{ "ask",   "needed",    "complete",   true },
	{ "ask",   "started",   "needed",     true },
	{ "ask",   "started",   "noanswer",   true },
	{ "ask",   "noanswer",  "delivery",   true },
	{ "ask",   "delivery",  "assigned",   true },
	{ "ask",   "assigned",  "duplicate",  true },
	{ "ask",   "assigned",  "outofarea",  true },
	{ "ask",   "assigned",  "passedon",   true },
	{ "ask",   "complete",  "started",    true },
	{ "ask",   "passedon",  "started",    true },
	{ "offer", "offered",   "started",    true },
	{ "offer", "started",   "offered",    true },
	{ "offer", "offered",   "complete",   true },
	{ "offer", "duplicate", "started",    true },
	{ "ask",   "needed",    "needed",     false },
	{ "ask",   "needed",    "offered",    false },
	{ "ask",   "needed",    "accepted",   false },
	{ "ask",   "needed",    "withdrawn",  false },
	{ "ask",   "needed",    "erased",     false },
	{ "ask",   "needed",    "",           false },
	{ "ask",   "complete",  "needed",     false },
	{ "ask",   "complete",  "passedon",   false },
	{ "ask",   "withdrawn", "started",    false },
	{ "ask",   "erased",    "started",    false },
	{ "offer", "offered",   "needed",     false },
	{ "offer", "offered",   "delivery",   false },
	{ "offer", "started",   "noanswer",   false },
};

static void
test_states(void **state)
{
	char	body[100], where[300];

	(void)state;
	ask("needs=food&area=riverside");
	for (size_t i = 0; i < COUNT(moves); i++) {
		bool		ends = strstr("complete duplicate outofarea passedon",
		    moves[i].to) != NULL;
		long		before = store_number("SELECT COUNT(*) FROM audit");
		struct reply	got;

		print_message("# %s: %s to %s\n", moves[i].kind, moves[i].from,
		    moves[i].to);
		store_sql("DELETE FROM note");
		store_sql("UPDATE submission SET kind = '%s', state = '%s', ended_day ="
		    " IF('%s' IN ('complete', 'duplicate', 'passedon', 'withdrawn',"
		    " 'erased'), 86400, NULL), asked_day = 86400, sunk = 1, filed = 1,"
		    " moved_day = 86400", moves[i].kind, moves[i].from, moves[i].from);
		snprintf(body, sizeof(body), "state=%s&was=%s", moves[i].to,
		    moves[i].from);
		got = do_it(work_state, BEN, body);
		assert_int_equal(got.got, OUT_OK);
		if (moves[i].may) {
			assert_int_equal(got.status, 303);
			snprintf(where, sizeof(where), "state = '%s' AND ended_day <=> %s"
			    " AND asked_day IS NULL AND sunk = 0 AND filed = 0"
			    " AND moved_day = %lld", moves[i].to, ends ?
			    "moved_day" : "NULL", TODAY);
		} else {
			assert_true(got.problem == CASE_LATE ||
			    got.problem == CASE_NO_STATE);
			snprintf(where, sizeof(where), "state = '%s' AND sunk = 1"
			    " AND filed = 1 AND asked_day = 86400 AND moved_day = 86400",
			    moves[i].from);
		}
		assert_int_equal(is(where), 1);
		assert_int_equal(store_number("SELECT COUNT(*) FROM note"), moves[i].may);
		assert_int_equal(store_number("SELECT COUNT(*) FROM audit") - before,
		    moves[i].may);
	}
}

/* Two at the same case: whoever comes second has not seen how it stands. */
static void
test_conflict(void **state)
{
	(void)state;
	ask("needs=food&area=riverside");
	assert_int_equal(do_it(work_state, ANA, "state=started&was=needed").status, 303);
	assert_int_equal(do_it(work_state, BEN, "state=complete&was=needed").problem,
	    CASE_LATE);
	assert_int_equal(do_it(work_state, BEN, "state=complete").problem, CASE_LATE);
	assert_int_equal(is("state = 'started' AND ended_day IS NULL"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit WHERE action ="
	    " 'case.state' AND subject = UNHEX('%s')", hex), 1);

	/* withdrawn meanwhile: nothing of it can be touched any more */
	store_sql("UPDATE submission SET state = 'withdrawn', ended_day = 1, desk_key = '',"
	    " receipt_key = '', body = ''");
	assert_int_equal(do_it(work_state, BEN, "state=complete&was=started").problem,
	    CASE_LATE);
	assert_int_equal(do_it(work_note, BEN, "way=call&text=x").problem, CASE_LATE);
	assert_int_equal(store_number("SELECT COUNT(*) FROM note"), 1);
}

/* ---- erased meanwhile ---- */

static void *
write_note(void *arg)
{
	*(struct reply *)arg = do_it(work_note, BEN, "way=call&text=x");
	return NULL;
}

static void *
note_person(void *arg)
{
	const struct key hash = { { 7 } };

	*(enum outcome *)arg = person_note(desk_db, &id, &hash, 1);
	return NULL;
}

/* Do it while the case is being erased, which it has not seen when it begins. */
static void
meanwhile(void *(*deed)(void *), void *arg)
{
	MYSQL		*my = store_raw(NULL);
	pthread_t	 thread;

	assert_int_equal(mysql_query(my, "START TRANSACTION"), 0);
	assert_int_equal(mysql_query(my, "UPDATE submission SET body = '', desk_key = '',"
	    " receipt_key = ''"), 0);
	assert_int_equal(mysql_query(my, "DELETE FROM contact"), 0);
	assert_int_equal(pthread_create(&thread, NULL, deed, arg), 0);
	usleep(500000);
	assert_int_equal(mysql_query(my, "COMMIT"), 0);
	mysql_close(my);
	pthread_join(thread, NULL);
}

/* Nothing is sealed under a key that is gone, and nobody is known again by what is left. */
static void
test_erased(void **state)
{
	struct reply	reply;
	enum outcome	got;

	(void)state;
	ask("needs=food&area=riverside");
	store_sql("UPDATE submission SET state = 'complete', ended_day = 86400");
	meanwhile(write_note, &reply);
	assert_int_equal(reply.problem, CASE_LATE);
	assert_int_equal(store_number("SELECT COUNT(*) FROM note"), 0);

	ask("needs=food&area=riverside");
	note_person(&got);
	assert_int_equal(got, OUT_OK);
	assert_int_equal(store_number("SELECT COUNT(*) FROM contact"), 1);
	meanwhile(note_person, &got);
	assert_int_equal(got, OUT_OK);
	assert_int_equal(store_number("SELECT COUNT(*) FROM contact"), 0);
}

/* Who does not serve there does not even learn that there is such a case. */
static void
test_elsewhere(void **state)
{
	(void)state;
	ask("needs=food&area=riverside");
	assert_int_equal(do_it(work_state, CARLA, "state=started&was=needed").got,
	    OUT_MISSING);
	assert_int_equal(do_it(work_note, CARLA, "way=call&text=x").got, OUT_MISSING);
	assert_int_equal(do_it(work_assign, CARLA, "admin=nobody&was=nobody").got,
	    OUT_MISSING);
	/* and where cases are decided, none is worked on */
	store_sql("UPDATE submission SET desk = 'membership', form = 'join', body = '',"
	    " desk_key = ''");
	assert_int_equal(do_it(work_state, ANA, "state=started&was=needed").got,
	    OUT_MISSING);
	assert_int_equal(store_number("SELECT COUNT(*) FROM note"), 0);
	assert_int_equal(is("state = 'needed'"), 1);
}

/* ---- who takes it on ---- */

static struct reply
assign(int who, const struct admin *to, const struct admin *was)
{
	char	body[200], a[2 * ID_LEN + 1] = "nobody", b[2 * ID_LEN + 1] = "nobody";

	if (to != NULL)
		id_text(a, &to->id);
	if (was != NULL)
		id_text(b, &was->id);
	snprintf(body, sizeof(body), "admin=%s&was=%s", a, b);
	return do_it(work_assign, who, body);
}

static long
assigned_to(const struct admin *who)
{
	char	where[100], text[2 * ID_LEN + 1];

	if (who == NULL)
		return is("assigned_to IS NULL");
	id_text(text, &who->id);
	snprintf(where, sizeof(where), "assigned_to = UNHEX('%s')", text);
	return is(where);
}

static void
test_assignment(void **state)
{
	const struct admin	nobody = { .name = "Nobody" };

	(void)state;
	ask("needs=food&area=riverside");
	assert_int_equal(assign(BEN, &people[BEN], NULL).status, 303);
	assert_int_equal(assigned_to(&people[BEN]), 1);
	/* taken meanwhile */
	assert_int_equal(assign(ANA, &people[ANA], NULL).problem, CASE_LATE);
	assert_int_equal(assigned_to(&people[BEN]), 1);
	assert_int_equal(assign(ANA, &people[ANA], &people[BEN]).status, 303);
	assert_int_equal(assigned_to(&people[ANA]), 1);
	/* who does not serve at the desk, who is nobody at all, what is no one's name */
	assert_int_equal(assign(ANA, &people[CARLA], &people[ANA]).problem, CASE_LATE);
	assert_int_equal(assign(ANA, &nobody, &people[ANA]).problem, CASE_LATE);
	assert_int_equal(do_it(work_assign, ANA, "admin=Ben&was=nobody").got, OUT_INVALID);
	assert_int_equal(do_it(work_assign, ANA, "was=nobody").got, OUT_INVALID);
	assert_int_equal(assigned_to(&people[ANA]), 1);
	assert_int_equal(assign(BEN, NULL, &people[ANA]).status, 303);
	assert_int_equal(assigned_to(NULL), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit"
	    " WHERE action = 'case.assign'"), 3);
	/* what has ended is nobody's work */
	store_sql("UPDATE submission SET state = 'complete', ended_day = 86400");
	assert_int_equal(assign(BEN, &people[BEN], NULL).problem, CASE_LATE);
	assert_int_equal(assigned_to(NULL), 1);
}

/* ---- the log ---- */

static const struct db_query read_note[] = {
	{ "i", "b", "SELECT body FROM note WHERE number = ?" },
};

/* Note `number`, opened with `key` as note `as`. */
static enum outcome
open_note(int number, int as, const struct key *key, struct pairs *out)
{
	struct db	*raw = store_db(read_note, 1);
	struct db_row	 row;
	struct bytes	 text;
	enum outcome	 got;

	assert_int_equal(db_first(raw, desk_db, &read_note[0], &row, DB_INT(number)),
	    OUT_OK);
	got = seal_open(desk_db, key, &id, work_note_word(desk_db, as),
	    row.at[0].bytes, &text);
	if (got == OUT_OK)
		assert_int_equal(pairs_decode(desk_db, text.data, text.len, 10, out),
		    OUT_OK);
	talloc_free(raw);
	return got;
}

static void
test_notes(void **state)
{
	struct key	 other = content;
	struct pairs	 note;
	MYSQL		*holder;
	char		*body, from[2 * ID_LEN + 1];

	(void)state;
	ask("needs=food&area=riverside");
	assert_int_equal(do_it(work_note, BEN, "way=visit&text=Brought+soup%0Afor+two").status,
	    303);
	assert_int_equal(do_it(work_state, ANA, "state=started&was=needed&text=Soup+came")
	    .status, 303);
	memset(&other, 9, sizeof(other));
	assert_int_equal(open_note(1, 1, &content, &note), OUT_OK);
	assert_string_equal(pairs_find(&note, "text"), "Brought soup\nfor two");
	assert_string_equal(pairs_find(&note, "way"), "visit");
	id_text(from, &people[BEN].id);		/* sealed, too */
	assert_string_equal(pairs_find(&note, "from"), from);
	assert_int_equal(open_note(2, 2, &content, &note), OUT_OK);
	assert_string_equal(pairs_find(&note, "text"), "Soup came");
	assert_string_equal(pairs_find(&note, "to"), "started");
	assert_int_equal(open_note(1, 1, &other, &note), OUT_FORBIDDEN);
	assert_int_equal(open_note(1, 2, &content, &note), OUT_FORBIDDEN);
	assert_int_equal(store_number("SELECT COUNT(*) FROM note WHERE LOCATE('oup', body)"),
	    0);

	/* who holds the receipt has the key, and is given nothing to open with it */
	holder = store_raw("openhall_receipt");
	assert_int_not_equal(mysql_query(holder, "SELECT body FROM note"), 0);
	assert_int_not_equal(mysql_query(holder, "SELECT COUNT(number) FROM note"), 0);
	mysql_close(holder);

	/* what is not written down */
	assert_int_equal(do_it(work_note, BEN, "way=call&text=+%0D%0A").problem,
	    CASE_NO_NOTE);
	assert_int_equal(do_it(work_note, BEN, "way=pigeon&text=x").got, OUT_INVALID);
	assert_int_equal(do_it(work_note, BEN, "text=x").got, OUT_INVALID);
	body = talloc_asprintf(desk_db, "way=call&text=%0*d", NOTE_MOST + 1, 0);
	assert_int_equal(do_it(work_note, BEN, body).problem, CASE_LONG_NOTE);
	body = talloc_asprintf(desk_db, "state=complete&was=started&text=%0*d",
	    NOTE_MOST + 1, 0);
	assert_int_equal(do_it(work_state, BEN, body).problem, CASE_LONG_NOTE);
	assert_int_equal(store_number("SELECT COUNT(*) FROM note"), 2);
	body = talloc_asprintf(desk_db, "way=call&text=%0*d", NOTE_MOST, 0);
	assert_int_equal(do_it(work_note, BEN, body).status, 303);

	/* a full log takes no more, and holds nothing up */
	store_sql("UPDATE note SET number = %d WHERE number = 3", NOTES_MAX);
	assert_int_equal(do_it(work_note, BEN, "way=call&text=x").problem, CASE_FULL_LOG);
	assert_int_equal(do_it(work_state, BEN, "state=complete&was=started&text=x").problem,
	    CASE_FULL_LOG);
	assert_int_equal(is("state = 'started'"), 1);
	assert_int_equal(do_it(work_state, BEN, "state=complete&was=started").status, 303);
	assert_int_equal(is("state = 'complete'"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM note"), 3);
}

/* ---- what fits ---- */

static const struct db_query watch[] = {
	{ "", "SS", "SHOW SESSION STATUS LIKE 'Handler\\_read\\_%'" },
};

/* Rows read by `of` so far, with those that this itself reads. */
static long
reads(struct db *of)
{
	struct db_rows	rows;
	long		n = 0;

	assert_int_equal(db_all_values(of, of, &watch[0], &rows, NULL, 0), OUT_OK);
	for (size_t i = 0; i < rows.n; i++)
		n += strtol(rows.at[i].at[1].bytes.data, NULL, 10);
	return n;
}

/* The names of what was suggested, one letter each: the last of its id's. */
static const char *
suggest(struct db *of, const char *kind, const char *facets, const char *area)
{
	static char		text[SUGGESTIONS + 1];
	struct suggestion	found[SUGGESTIONS];
	size_t			n;

	assert_int_equal(suggest_find(of, of, &desks[DESK_AID], &id, kind, facets, area,
	    found, &n), OUT_OK);
	for (size_t i = 0; i < n; i++)
		text[i] = (char)found[i].id.at[ID_LEN - 1];
	text[n] = '\0';
	return text;
}

/* A case with the letter `name`. */
static void
add(char name, const char *more, const char *facets, int day)
{
	char	pairs[256], *rest = pairs, *part;
	char	area[64] = "";

	store_sql("INSERT INTO submission (id, desk, form, state, kind, received_day, receipt,"
	    " desk_key, receipt_key, body, facets) VALUES ('case case case %c', 'aid', 'aid',"
	    " 'offered', 'offer', %d, REPEAT('%c', 32), 'k', 'r', 'b', '%s')", name, day,
	    name, facets);
	if (*more != '\0')
		store_sql("UPDATE submission SET %s WHERE id = 'case case case %c'", more,
		    name);
	snprintf(pairs, sizeof(pairs), "%s", facets);
	if (strncmp(facets, "area=", 5) == 0)
		snprintf(area, sizeof(area), "%.*s", (int)strcspn(facets + 5, "&"),
		    facets + 5);
	while ((part = strsep(&rest, "&")) != NULL) {
		const char *value = strchr(part, '=') + 1;

		store_sql("INSERT INTO facet VALUES ('case case case %c', '%.*s', '%s',"
		    " '%s')", name, (int)(value - part - 1), part, value, area);
	}
}

static void
test_suggestions(void **state)
{
	static const char	mine[] = "area=north&need=food&need=rides&language=es&offer=care";

	(void)state;
	memset(&id, 'x', sizeof(id));
	assert_string_equal(suggest(desk_db, "ask", mine, "north"), "");
	add('a', "", "area=south&offer=food&language=es", 10);
	add('b', "", "area=north&offer=food&language=en", 20);
	add('c', "", "area=north&offer=food&language=en", 10);
	add('d', "", "area=north&offer=food&offer=rides&language=en", 30);
	add('e', "", "area=north&offer=rides&language=es", 40);
	add('f', "", "area=south&offer=rides&offer=food&language=fr", 5);
	/* what does not fit: another kind of help, a need, who is done, a machine, another desk */
	add('g', "", "area=north&offer=shelter&language=es", 1);
	add('h', "kind = 'ask'", "area=north&need=food&language=es", 1);
	add('i', "state = 'complete', ended_day = 1", "area=north&offer=food", 1);
	add('j', "suspect = 1", "area=north&offer=food&language=es", 1);
	add('k', "desk = 'membership'", "area=north&offer=food&language=es", 1);
	add('l', "kind = 'ask'", "area=north&need=care&offer=rides", 50);
	/* near, then understood, then how much fits, then age */
	assert_string_equal(suggest(desk_db, "ask", mine, "north"), "edcblaf");
	assert_string_equal(suggest(desk_db, "ask", mine, ""), "aefdcbl");
	assert_string_equal(suggest(desk_db, "offer", mine, "north"), "l");
	assert_string_equal(suggest(desk_db, "ask", "area=north", "north"), "");
	assert_string_equal(suggest(desk_db, "ask", "", ""), "");
	/* not itself */
	memcpy(id.at, "case case case e", ID_LEN);
	assert_string_equal(suggest(desk_db, "ask", mine, "north"), "dcblaf");
	/* no more than there is room for */
	for (char c = 'm'; c <= 'u'; c++)
		add(c, "", "area=north&offer=food&offer=rides&language=es", 'z' - c);
	memset(&id, 'x', sizeof(id));
	assert_string_equal(suggest(desk_db, "ask", mine, "north"), "utsrqpon");
}

/* The id of offer number i. */
#define ID	STORE_ID("i")

/* However many there are, a bounded number is looked at. */
static void
test_bounded(void **state)
{
	enum { MANY = 12500, EACH = 8, VALUES = 12, MOST = VALUES * 2 * 100 * 3 };
	const struct db_set	 sets[] = {
		{ suggest_queries, suggest_n_queries }, { watch, 1 },
	};
	char			 facets[512] = "area=a3&language=es";
	struct db		*watched;
	long			 before, small;

	(void)state;
	memset(&id, 'x', sizeof(id));
	store_sql("CREATE TABLE n (i INT NOT NULL PRIMARY KEY)");
	store_sql("INSERT INTO n VALUES (0)");
	for (int i = 1; i < 16384; i *= 2)
		store_sql("INSERT INTO n SELECT i + %d FROM n", i);
	store_sql("INSERT INTO submission (id, desk, form, state, kind, received_day, receipt,"
	    " desk_key, receipt_key, body, facets) SELECT " ID ", 'aid', 'aid',"
	    " 'offered', 'offer', i %% 400, UNHEX(SHA2(i, 256)), 'k', 'r', 'b',"
	    " CONCAT('area=a', i %% 7, '&language=es&offer=v', i %% 12) FROM n"
	    " WHERE i < %d", MANY);
	for (int i = 0; i < VALUES; i++)
		snprintf(facets + strlen(facets), sizeof(facets) - strlen(facets),
		    "&need=v%d", i);
	store_sql("INSERT INTO facet SELECT " ID ", 'offer', CONCAT('v', i %% 12),"
	    " CONCAT('a', i %% 7) FROM n WHERE i < 2000");
	assert_non_null(watched = db_new(NULL, &store, "openhall_admin", sets,
	    COUNT(sets)));
	before = reads(watched);
	assert_int_equal(strlen(suggest(watched, "ask", facets, "a3")), SUGGESTIONS);
	small = reads(watched) - before;
	/* a hundred thousand */
	for (int k = 0; k < EACH; k++)
		store_sql("INSERT IGNORE INTO facet SELECT " ID ", 'offer',"
		    " CONCAT('v', (i + %d) %% 12), CONCAT('a', i %% 7) FROM n WHERE i < %d",
		    k, MANY);
	assert_int_equal(store_number("SELECT COUNT(*) FROM facet"), MANY * EACH);
	store_sql("ANALYZE TABLE facet, submission");
	before = reads(watched);
	assert_int_equal(strlen(suggest(watched, "ask", facets, "a3")), SUGGESTIONS);
	print_message("# %ld reads, %ld when there was little\n", reads(watched) - before,
	    small);
	before = reads(watched);
	suggest(watched, "ask", facets, "a3");
	assert_true(reads(watched) - before < MOST);
	/* where nobody is near, the others are looked at as well */
	before = reads(watched);
	assert_int_equal(strlen(suggest(watched, "ask", facets, "nowhere")), SUGGESTIONS);
	assert_true(reads(watched) - before < MOST);
	talloc_free(watched);
}

/* ---- typed in ---- */

/* The value of the hidden field `name` on a page, below `desk_db`. */
static const char *
hidden(const char *page, const char *name)
{
	char		*mark = talloc_asprintf(desk_db, "name=\"%s\" value=\"", name);
	const char	*at = strstr(page, mark);

	assert_non_null(at);
	at += strlen(mark);
	return talloc_strndup(desk_db, at, strcspn(at, "\""));
}

static void
test_entry(void **state)
{
	static const char	path[] = "/admin/entry/phone/aid";
	const char		*once, *body;
	struct reply		 got;
	struct code		 code;
	char			 typed[64] = "", lookup[2 * KEY_LEN + 1];

	(void)state;
	assert_int_equal(call(entry_choose, CARLA, path, "aid", NULL).got, OUT_MISSING);
	assert_int_equal(call(entry_show, CARLA, path, "aid", NULL).got, OUT_MISSING);
	assert_int_equal(call(entry_take, CARLA, path, "aid", "step=send").got, OUT_MISSING);
	assert_int_equal(call(entry_show, BEN, path, "kitchen", NULL).got, OUT_MISSING);
	got = call(entry_show, BEN, path, "aid", NULL);
	assert_int_equal(got.got, OUT_OK);
	once = hidden(got.page, "once");

	/* the same rules: what is required is required */
	got = call(entry_take, BEN, path, "aid", talloc_asprintf(desk_db,
	    "once=%s&step=send&needs=food", once));
	assert_int_equal(got.status, 422);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission"), 0);

	body = talloc_asprintf(desk_db, "once=%s&step=send&needs=food&urgency=week"
	    "&whom=agreed&area=riverside&reach=receipt&visible=coordinators&name=Old+Tom",
	    once);
	got = call(entry_take, BEN, path, "aid", body);
	assert_int_equal(got.status, 200);
	for (const char *at = strstr(got.page, "<ol class=\"groups\">");
	    (at = strstr(at, "<li>")) != NULL && strlen(typed) < 24; at += 4)
		snprintf(typed + strlen(typed), 5, "%.4s", at + 4);
	assert_int_equal(code_read(&code, typed), OUT_OK);
	id_text(hex, &people[BEN].id);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission WHERE channel = 'phone'"
	    " AND entered_by = UNHEX('%s') AND desk = 'aid' AND state = 'needed'"
	    " AND suspect = 0", hex), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit WHERE action ="
	    " 'case.entered' AND admin = UNHEX('%s') AND subject = (SELECT id FROM"
	    " submission)", hex), 1);
	for (size_t i = 0; i < KEY_LEN; i++)
		snprintf(lookup + 2 * i, 3, "%02x", code.lookup.at[i]);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission"
	    " WHERE receipt = UNHEX('%s')", lookup), 1);

	/* sent twice: stored once, and the same code again */
	got = call(entry_take, BEN, path, "aid", body);
	assert_int_equal(got.status, 200);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission"), 1);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit"
	    " WHERE action = 'case.entered'"), 1);
	assert_non_null(strstr(got.page, talloc_strndup(desk_db, code.text, 4)));

	/* another form is another case, on paper as well */
	got = call(entry_show, BEN, "/admin/entry/paper/aid", "aid", NULL);
	assert_string_not_equal(hidden(got.page, "once"), once);
	body = talloc_asprintf(desk_db, "once=%s&step=send&offers=food&urgency=week"
	    "&whom=myself&area=riverside&reach=receipt&visible=coordinators",
	    hidden(got.page, "once"));
	got = call(entry_take, BEN, "/admin/entry/paper/aid", "aid", body);
	assert_int_equal(got.status, 200);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission"
	    " WHERE channel = 'paper' AND state = 'offered'"), 1);
	/* without a form of ours there is none */
	assert_int_equal(call(entry_take, BEN, path, "aid", "step=send&needs=food&urgency=week"
	    "&whom=agreed&area=riverside&reach=receipt&visible=coordinators").got,
	    OUT_FORBIDDEN);
	assert_int_equal(store_number("SELECT COUNT(*) FROM submission"), 2);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, handler_set_up, handler_tear_down)

const struct CMUnitTest store_work_tests[] = {
	TEST(test_states),
	TEST(test_conflict),
	TEST(test_erased),
	TEST(test_elsewhere),
	TEST(test_assignment),
	TEST(test_notes),
	TEST(test_suggestions),
	TEST(test_bounded),
	TEST(test_entry),
};
const size_t store_work_n = COUNT(store_work_tests);
