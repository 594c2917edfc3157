/*
 * store_events_admin.c: an event as its hosts keep it: who may, what is checked, and what is
 * stored of what was typed.
 */
#include "handler.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "../../cgi/admin/event.h"

#define FRESH	"0123456789abcdef0123456789abcdef"
#define OTHER	"fedcba9876543210fedcba9876543210"
#define AT	"/admin/events/x"

/* What every form holds beside what a test is about; NOW is the 24th of November 2025. */
#define ALWAYS	"lang=en&kind=talk&visibility=public&zone=America/New_York" \
		"&address_for=all&link_for=all&"
#define WHEN	"day=2025-12-02&from=18:30&to=20:30&how=not&"

static struct reply
save(int who, const char *rest, const char *body)
{
	char all[4096];

	snprintf(all, sizeof(all), ALWAYS "id=" FRESH "&step=save&%s", body);
	return call(event_edit_take, who, AT, rest, all);
}

static long
count(const char *what)
{
	return store_number("SELECT COUNT(*) FROM %s", what);
}

/* Ana writes one, `FRESH`. */
static void
write_one(void)
{
	assert_int_equal(save(ANA, "new", "title_en=A+talk&" WHEN).status, 303);
}

/* ---- who may ---- */

static void
test_other_desks(void **state)
{
	static const struct {
		enum outcome	(*run)(struct request *);
		const char	*path, *rest, *body;
	} all[] = {
		{ events_show, "/admin/events", "", NULL },
		{ event_edit_show, AT, "new", NULL },
		{ event_edit_show, AT "?of=" FRESH, "new", NULL },
		{ event_edit_show, AT, FRESH, NULL },
		{ event_dates_show, AT, FRESH, NULL },
		{ event_edit_take, AT, "new", ALWAYS WHEN "id=" OTHER "&title_en=a&step=save" },
		{ event_edit_take, AT, "new", ALWAYS WHEN "title_en=a&step=preview" },
		{ event_edit_take, AT, FRESH, "version=1&step=remove" },
		{ event_publish, AT, FRESH, "version=1" },
		{ event_draft, AT, FRESH, "version=1" },
		{ event_cancel, AT, FRESH, "version=1" },
		{ event_revive, AT, FRESH, "version=1" },
	};

	(void)state;
	write_one();
	for (size_t i = 0; i < COUNT(all); i++) {
		for (int who = BEN; who <= DORA; who++) {
			print_message("# %zu %d\n", i, who);
			assert_int_equal(call(all[i].run, who, all[i].path, all[i].rest,
			    all[i].body).got, OUT_MISSING);
		}
	}
	assert_int_equal(count("event"), 1);
	assert_int_equal(count("event WHERE version = 1 AND state = 'draft'"), 1);
	assert_int_equal(call(event_edit_show, ANA, AT, FRESH, NULL).status, 200);
	assert_int_equal(call(event_edit_show, ANA, AT, OTHER, NULL).got, OUT_MISSING);
	assert_int_equal(call(event_edit_show, ANA, AT, "nonsense", NULL).got, OUT_MISSING);
}

/* ---- what was typed ---- */

static void
test_slugs(void **state)
{
	static const struct { const char *title, *want; } made[] = {
		{ "A+talk", "a-talk" }, { "A+talk", "a-talk-2" }, { "Past", "past-2" },
		{ "Month", "month-2" }, { "New", "new-2" }, { "iCS", "ics-2" },
		{ "2026", "2026" }, { "%C2%A1Ma%C3%B1ana%21", "manana" },
		{ "%D9%88%D8%AD%D8%AF%D8%A9", "event" },
	};
	char body[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(made); i++) {
		print_message("# %s\n", made[i].want);
		snprintf(body, sizeof(body), ALWAYS WHEN "title_en=%s&step=save",
		    made[i].title);
		assert_int_equal(call(event_edit_take, ANA, AT, "new", body).status, 303);
		assert_int_equal(store_number("SELECT COUNT(*) FROM event WHERE slug = '%s'",
		    made[i].want), 1);
	}
	/* Of a draft it goes with the title; of what was public once it stays. */
	assert_int_equal(save(ANA, "new", "title_en=First&" WHEN).status, 303);
	assert_int_equal(save(ANA, FRESH, "version=1&title_en=Second&" WHEN).status, 303);
	assert_int_equal(count("event WHERE slug = 'second'"), 1);
	assert_int_equal(call(event_publish, ANA, AT, FRESH, "version=2").status, 303);
	assert_int_equal(save(ANA, FRESH, "version=3&title_en=Third&" WHEN).status, 303);
	assert_int_equal(count("event WHERE slug = 'second' AND version = 4"), 1);
}

/* The address of one by link is not guessed from its title; an open one's can be. */
static void
test_secret_slugs(void **state)
{
#define BY_LINK	"lang=en&kind=talk&visibility=link&zone=America/New_York&address_for=all" \
		"&link_for=all&" WHEN
	static const char	shape[] = "event WHERE slug RLIKE '^a-talk-[a-z2-9]{12}$'";
	char			long_title[EVENT_TITLE_MAX + 1] = "";

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(call(event_edit_take, ANA, AT, "new",
		    BY_LINK "title_en=A+talk&step=save").status, 303);
	assert_int_equal(count(shape), 2);
	store_sql("DELETE FROM event");
	/* open, then by link, and open again */
	write_one();
	assert_int_equal(call(event_edit_take, ANA, AT, FRESH,
	    BY_LINK "title_en=A+talk&version=1&step=save").status, 303);
	assert_int_equal(count(shape), 1);
	assert_int_equal(save(ANA, FRESH, "title_en=A+talk&version=2&" WHEN).status, 303);
	assert_int_equal(count("event WHERE slug = 'a-talk'"), 1);
	/* not once somebody has it */
	assert_int_equal(call(event_publish, ANA, AT, FRESH, "version=3").status, 303);
	assert_int_equal(call(event_edit_take, ANA, AT, FRESH,
	    BY_LINK "title_en=A+talk&version=4&step=save").status, 303);
	assert_int_equal(count("event WHERE slug = 'a-talk' AND visibility = 'link'"), 1);
	store_sql("DELETE FROM event");
	memset(long_title, 'x', EVENT_TITLE_MAX);
	{
		char body[1024];

		snprintf(body, sizeof(body), BY_LINK "title_en=%s&step=save", long_title);
		assert_int_equal(call(event_edit_take, ANA, AT, "new", body).status, 303);
	}
	assert_int_equal(count("event WHERE LENGTH(slug) = 80"
	    " AND slug RLIKE '^x+-[a-z2-9]{12}$'"), 1);
}

/* How long it takes is exact, also while the clocks are changed. */
static void
test_minutes(void **state)
{
	static const struct { const char *when; int minutes; } cases[] = {
		{ "day=2025-12-02&from=18:30&to=20:30", 120 },
		{ "day=2025-12-02&from=22:00&to=02:00&end_day=2025-12-03", 240 },
		{ "day=2026-03-08&from=01:00&to=04:00", 120 },
		{ "day=2026-11-01&from=00:30&to=03:30", 240 },
		{ "day=2026-03-07&from=10:00&to=10:00&end_day=2026-03-08", 23 * 60 },
		{ "day=2026-03-02&from=10:00&to=10:00&end_day=2026-03-09", 7 * 24 * 60 - 60 },
	};
	char body[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		print_message("# %s\n", cases[i].when);
		store_sql("DELETE FROM event");
		snprintf(body, sizeof(body), "title_en=a&how=not&%s", cases[i].when);
		assert_int_equal(save(ANA, "new", body).status, 303);
		assert_int_equal(store_number("SELECT minutes FROM event"), cases[i].minutes);
		assert_int_equal(store_number("SELECT ends_at - starts_at FROM occurrence"),
		    60 * cases[i].minutes);
	}
}

static void
test_rules(void **state)
{
	static const struct { const char *typed, *rule; } cases[] = {
		{ "how=not&step_by=99&count=x&until=never", "" },
		{ "how=weekly", "FREQ=WEEKLY;BYDAY=TU" },
		{ "how=weekly&step_by=2&on=2&count=10",
		    "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=10" },
		{ "how=weekly&on=4&on=2&on=9&on=44&until=2026-06-30",
		    "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20260630T183000" },
		{ "how=monthly&which=same", "FREQ=MONTHLY;BYDAY=1TU" },
	};
	char body[1024];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct recurrence	want;

		print_message("# %s\n", cases[i].typed);
		store_sql("DELETE FROM event");
		snprintf(body, sizeof(body),
		    "title_en=a&day=2025-12-02&from=18:30&to=20:30&%s", cases[i].typed);
		assert_int_equal(save(ANA, "new", body).status, 303);
		assert_int_equal(recurrence_read(&want, cases[i].rule), OUT_OK);
		assert_int_equal(store_number("SELECT rule = '%s' FROM event",
		    cases[i].rule), 1);
		assert_non_null(strstr(call(event_edit_show, ANA, AT, FRESH, NULL).page,
		    want.how == RECURS_NOT ? "value=\"not\" id=\"f-how\" checked" :
		    want.how == RECURS_WEEKLY ? "value=\"weekly\" id=\"f-how-weekly\" checked" :
		    "value=\"monthly\" id=\"f-how-monthly\" checked"));
		if (want.count > 0)
			assert_int_equal(count("occurrence"), want.count);
	}
}

static void
test_what_is_checked(void **state)
{
	static const struct { const char *body, *field; } wrong[] = {
		{ WHEN "title_en=+", "title_en" },
		{ WHEN "title_en=a%0Ab", "title_en" },
		{ WHEN "title_en=a&body_es=b", "title_es" },
		{ WHEN "title_en=a&unit=nowhere", "unit" },
		{ WHEN "title_en=a&area=nowhere", "area" },
		{ WHEN "title_en=a&link=javascript:alert(1)", "link" },
		{ WHEN "title_en=a&link=http://a%22b", "link" },
		{ WHEN "title_en=a&capacity=0", "capacity" },
		{ WHEN "title_en=a&capacity=-1", "capacity" },
		{ WHEN "title_en=a&capacity=100001", "capacity" },
		{ WHEN "title_en=a&hours=721", "hours" },
		{ WHEN "title_en=a&contact=a%0Ab", "contact" },
		{ "title_en=a&how=not&day=2025-02-30&from=10:00&to=11:00", "day" },
		{ "title_en=a&how=not&day=2025-12-02&from=25:00&to=11:00", "from" },
		{ "title_en=a&how=not&day=2025-12-02&from=10:00&to=", "to" },
		{ "title_en=a&how=daily&day=2025-12-02&from=10:00&to=11:00", "how" },
		{ "title_en=a&how=weekly&step_by=13&day=2025-12-02&from=10:00&to=11:00",
		    "step_by" },
		{ "title_en=a&how=weekly&count=501&day=2025-12-02&from=10:00&to=11:00", "count" },
	};
	char link[64];

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct reply got;

		print_message("# %s\n", wrong[i].body);
		got = save(ANA, "new", wrong[i].body);
		assert_int_equal(got.status, 422);
		snprintf(link, sizeof(link), "href=\"#f-%s\"", wrong[i].field);
		assert_non_null(strstr(got.page, link));
		snprintf(link, sizeof(link), "id=\"e-%s\"", wrong[i].field);
		assert_non_null(strstr(got.page, link));
	}
	assert_int_equal(count("event"), 0);
}

/* Escaped wherever it is shown; sealed where it says where. */
static void
test_what_is_stored(void **state)
{
	struct reply got;

	(void)state;
	got = save(ANA, "new", WHEN "title_en=%3Cb%3E&body_en=%3Cscript%3Ealert(1)%3C/script%3E"
	    "&title_es=Hola&address=Secret+street+%221%22&link=https://a.example/%3Cx"
	    "&wheelchair=A+ramp+%26+a+lift&masks=Please");
	assert_int_equal(got.status, 422);	/* an address of a page holds no < */
	assert_null(strstr(got.page, "<script"));
	assert_non_null(strstr(got.page, "value=\"&lt;b&gt;\""));
	got = save(ANA, "new", WHEN "title_en=%3Cb%3E&body_en=We+**meet**."
	    "&title_es=Hola&address=Secret+street+%221%22&link=https://a.example/x"
	    "&wheelchair=A+ramp+%26+a+lift&masks=Please");
	assert_int_equal(got.status, 303);
	assert_int_equal(count("event WHERE online = 1 AND whereabouts NOT LIKE '%Secret%'"
	    " AND whereabouts NOT LIKE '%example%' AND LENGTH(whereabouts) > 40"), 1);
	assert_int_equal(count("event WHERE access ="
	    " 'wheelchair=A+ramp+%26+a+lift&masks=Please'"), 1);
	assert_int_equal(count("event_words"), 2);
	assert_int_equal(count("event_words WHERE lang = 'en'"
	    " AND html LIKE '%<strong>meet</strong>%'"), 1);
	got = call(event_edit_show, ANA, AT, FRESH, NULL);
	assert_non_null(strstr(got.page, "Secret street &quot;1&quot;"));
	assert_non_null(strstr(got.page, "value=\"A ramp &amp; a lift\""));
	assert_null(strstr(got.page, "<b>"));
	/* put into another event, what is sealed does not open */
	store_sql("INSERT INTO event (id, slug, kind, lang, zone, starts_wall, minutes,"
	    " whereabouts, created_at, changed_at, changed_by) SELECT X'" OTHER "', 'x', kind,"
	    " lang, zone, starts_wall, minutes, whereabouts, 0, 0, changed_by FROM event");
	assert_int_equal(call(event_edit_show, ANA, AT, OTHER, NULL).got, OUT_FAULT);
	/* a language that nobody writes any more is gone */
	assert_int_equal(save(ANA, FRESH, "version=1&title_en=Only&" WHEN).status, 303);
	assert_int_equal(count("event_words WHERE event = X'" FRESH "'"), 1);
	assert_int_equal(count("event WHERE online = 0 AND version = 2"), 1);
}

/* ---- who is told ---- */

/* Who gets a seat by what is changed is told of the seat: that letter says the rest, too. */
static void
test_seated_while_changed(void **state)
{
	static const char *const how[] = {
		"capacity=2&address=Elsewhere&" WHEN,
		"capacity=2&day=2025-12-03&from=18:30&to=20:30&how=not&",
	};
	char body[256];

	(void)state;
	for (size_t i = 0; i < COUNT(how); i++) {
		print_message("# %s\n", how[i]);
		store_sql("DELETE FROM event");
		assert_int_equal(save(ANA, "new", "title_en=a&capacity=1&"
		    WHEN).status, 303);
		assert_int_equal(call(event_publish, ANA, AT, FRESH, "version=1").status, 303);
		for (int n = 1; n <= 3; n++)
			store_sql("INSERT INTO rsvp (id, occurrence, number, answer, state, people,"
			    " lang, receipt, desk_key, receipt_key, body, address) SELECT"
			    " REPEAT('%d', 16), id, %d, 'coming', IF(%d = 1, 'seated', 'waiting'),"
			    " 1, 'en', '%d', '', '', '', 'a' FROM occurrence", n, n, n, n);
		store_sql("UPDATE occurrence SET taken = 1, waiting = 2, numbers = 3");
		snprintf(body, sizeof(body), "version=2&title_en=a&%s", how[i]);
		assert_int_equal(save(ANA, FRESH, body).status, 303);
		assert_int_equal(count("rsvp WHERE number <> 2 AND tell = 'changed'"), 2);
		assert_int_equal(count("rsvp WHERE number = 2 AND state = 'seated'"
		    " AND tell = 'seated'"), 1);
		/* before that letter goes out, the date is moved once more; then called off */
		store_sql("UPDATE event SET starts_wall = starts_wall + 3600");
		assert_int_equal(save(ANA, FRESH, "version=3&title_en=a&capacity=2&"
		    "day=2025-12-04&from=19:30&to=20:30&how=not").status, 303);
		assert_int_equal(count("rsvp WHERE number = 2 AND tell = 'seated'"), 1);
		assert_int_equal(call(event_cancel, ANA, AT, FRESH, "version=4&note=").status, 303);
		assert_int_equal(count("rsvp WHERE tell = 'cancelled'"), 3);
	}
}

/* ---- one after the other ---- */

static void
test_states(void **state)
{
	(void)state;
	write_one();
	/* what cannot be done to a draft */
	assert_int_equal(call(event_draft, ANA, AT, FRESH, "version=1").status, 409);
	assert_int_equal(call(event_cancel, ANA, AT, FRESH, "version=1").status, 409);
	assert_int_equal(call(event_revive, ANA, AT, FRESH, "version=1").status, 409);
	assert_int_equal(count("event WHERE version = 1 AND state = 'draft'"), 1);
	assert_int_equal(call(event_publish, ANA, AT, FRESH, "").status, 409);
	assert_int_equal(call(event_publish, ANA, AT, FRESH, "version=2").status, 409);
	assert_int_equal(call(event_publish, ANA, AT, FRESH, "version=1").status, 303);
	assert_int_equal(count("occurrence WHERE shown = 1"), 1);
	/* nor to what is public */
	assert_int_equal(call(event_publish, ANA, AT, FRESH, "version=2").status, 409);
	assert_int_equal(call(event_edit_take, ANA, AT, FRESH, "version=2&step=remove").status,
	    409);
	assert_int_equal(call(event_cancel, ANA, AT, FRESH, "version=2&note=Closed.").status,
	    303);
	assert_int_equal(count("occurrence WHERE shown = 1 AND state = 'cancelled'"
	    " AND note = 'Closed.' AND sequence = 1"), 1);
	assert_int_equal(call(event_draft, ANA, AT, FRESH, "version=3").status, 409);
	assert_int_equal(call(event_revive, ANA, AT, FRESH, "version=3").status, 303);
	assert_int_equal(count("occurrence WHERE shown = 1 AND state = 'planned'"), 1);
	assert_int_equal(call(event_draft, ANA, AT, FRESH, "version=4").status, 303);
	assert_int_equal(count("occurrence WHERE shown = 0"), 1);
	assert_int_equal(call(event_edit_take, ANA, AT, FRESH, "version=5&step=remove").status,
	    303);
	assert_int_equal(count("event"), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit WHERE action IN"
	    " ('event.added', 'event.published', 'event.cancelled', 'event.revived',"
	    " 'event.drafted', 'event.removed')"), 6);
}

/* All of it or nothing. */
static void
test_failure(void **state)
{
	(void)state;
	write_one();
	store_sql("RENAME TABLE audit TO gone");
	assert_int_equal(call(event_publish, ANA, AT, FRESH, "version=1").got, OUT_FAULT);
	assert_int_equal(save(ANA, FRESH, "version=1&title_en=Other&" WHEN).got, OUT_FAULT);
	store_sql("RENAME TABLE gone TO audit");
	assert_int_equal(count("event WHERE state = 'draft' AND version = 1"), 1);
	assert_int_equal(count("occurrence WHERE shown = 1"), 0);
	assert_int_equal(count("event_words WHERE title = 'A talk'"), 1);
}

#define HERE(test)	cmocka_unit_test_setup_teardown(test, handler_set_up, handler_tear_down)

const struct CMUnitTest store_events_admin_tests[] = {
	HERE(test_other_desks),
	HERE(test_slugs),
	HERE(test_secret_slugs),
	HERE(test_minutes),
	HERE(test_rules),
	HERE(test_what_is_checked),
	HERE(test_what_is_stored),
	HERE(test_seated_while_changed),
	HERE(test_states),
	HERE(test_failure),
};
const size_t store_events_admin_n = COUNT(store_events_admin_tests);
