/*
 * store_statement_editor.c: a statement from its first draft to its withdrawal, and who may do
 * what to it on the way.
 */
#include "handler.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "../../cgi/admin/draft.h"

#define FRESH	"0123456789abcdef0123456789abcdef"
#define OTHER	"fedcba9876543210fedcba9876543210"
#define AT	"/admin/statements/x"

static const struct rule	alone = { 1, 1, 1, 1, 1 };

static struct reply
save(int who, const char *rest, const char *body)
{
	return call(edit_take, who, AT, rest, body);
}

static long
count(const char *what)
{
	return store_number("SELECT COUNT(*) FROM %s", what);
}

static long
press(void)
{
	return store_number("SELECT number FROM press");
}

/* Ana writes one, `FRESH`. */
static void
write_one(void)
{
	assert_int_equal(save(ANA, "new", "id=" FRESH "&version=0&lang=en&slug="
	    "&title=We+strike&summary=On+Monday&body=We+**strike**.&step=save").status, 303);
}

/* ---- differences ---- */

static const struct { const char *from, *to, *want; } changes[] = {
	{ "", "", "" },
	{ "a", "a", "a" },
	{ "a", "", "[a]" },
	{ "", "b c", "{b c}" },
	{ "One two three.\nFour.\n", "One 2 three.\nFour.\n", "One [two]{2} three.\nFour.\n" },
	{ "One.\nTwo.\n", "One.\nNew.\nTwo.\n", "One.\n{New.\n}Two.\n" },
	{ "a strike on Monday", "two strikes on Friday",
	    "[a strike]{two strikes} on [Monday]{Friday}" },
	{ "all other words", "nothing alike there", "[all other words]{nothing alike there}" },
	{ "\303\261and\303\272", "\303\261and\303\272 \302\241ya!",
	    "\303\261and\303\272{ \302\241ya!}" },
};

static void
test_differences(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		void		*ctx = talloc_new(NULL);
		struct diff	 diff;
		char		*got = talloc_strdup(ctx, "");

		assert_int_equal(diff_texts(ctx, changes[i].from, changes[i].to, &diff),
		    OUT_OK);
		for (size_t k = 0; k < diff.n; k++)
			got = talloc_asprintf_append(got,
			    diff.at[k].kind == DIFF_GONE ? "[%s]" :
			    diff.at[k].kind == DIFF_NEW ? "{%s}" : "%s", diff.at[k].text);
		assert_string_equal(got, changes[i].want);
		assert_int_equal(diff_alike(&diff),
		    strcmp(changes[i].from, changes[i].to) == 0);
		talloc_free(ctx);
	}
}

/* Whatever they are, both texts can be read out of the difference; also when it is given up. */
static void
test_difference_is_whole(void **state)
{
	enum { MOST = 20000 };
	static char	from[MOST + 1], to[MOST + 1], old[MOST + 1], new[MOST + 1];
	unsigned	seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		size_t		 n = round < 299 ? (size_t)(round % 40) : MOST;
		void		*ctx = talloc_new(NULL);
		struct diff	 diff;

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245 + 12345;
			from[i] = "ab \n."[(seed >> 16) % 5];
			seed = seed * 1103515245 + 12345;
			to[i] = "ab \n."[(seed >> 16) % 5];
		}
		from[n] = to[n] = old[0] = new[0] = '\0';
		assert_int_equal(diff_texts(ctx, from, to, &diff), OUT_OK);
		for (size_t k = 0, x = 0, y = 0; k < diff.n; k++) {
			size_t len = strlen(diff.at[k].text);

			assert_true(len > 0);
			if (diff.at[k].kind != DIFF_NEW) {
				assert_true(x + len <= n);
				memcpy(old + x, diff.at[k].text, len + 1);
				x += len;
			}
			if (diff.at[k].kind != DIFF_GONE) {
				assert_true(y + len <= n);
				memcpy(new + y, diff.at[k].text, len + 1);
				y += len;
			}
		}
		assert_string_equal(old, from);
		assert_string_equal(new, to);
		talloc_free(ctx);
	}
}

/* ---- who may ---- */

static void
test_other_desks(void **state)
{
	static const struct {
		enum outcome	(*run)(struct request *);
		const char	*path, *rest, *body;
	} all[] = {
		{ statements_show, "/admin/statements", "", NULL },
		{ edit_show, AT, "new", NULL },
		{ edit_show, AT, FRESH, NULL },
		{ editions_difference, AT "?from=1", FRESH, NULL },
		{ publish_withdraw_ask, AT, FRESH, NULL },
		{ edit_take, AT, "new", "id=" OTHER "&lang=en&title=a&body=b&step=save" },
		{ edit_take, AT, "new", "id=" OTHER "&lang=en&title=a&body=b&step=preview" },
		{ edit_take, AT, FRESH, "version=1&lang=en&title=a&body=b&step=save" },
		{ edit_take, AT, FRESH, "version=1&step=remove" },
		{ approve_ask, AT, FRESH, "version=1" },
		{ approve_vote, AT, FRESH, "version=1&vote=favour&reason=x" },
		{ approve_recuse, AT, FRESH, "version=1" },
		{ publish_take, AT, FRESH, "version=1" },
		{ publish_withdraw, AT, FRESH, "" },
		{ publish_announce, AT, FRESH, "" },
	};

	(void)state;
	desk_settings.statements = alone;
	write_one();
	assert_int_equal(call(publish_take, ANA, AT, FRESH, "version=1").status, 303);
	for (size_t i = 0; i < COUNT(all); i++) {
		print_message("# %zu\n", i);
		assert_int_equal(call(all[i].run, BEN, all[i].path, all[i].rest,
		    all[i].body).got, OUT_MISSING);
		assert_int_equal(call(all[i].run, CARLA, all[i].path, all[i].rest,
		    all[i].body).got, OUT_MISSING);
	}
	assert_int_equal(count("statement"), 1);
	assert_int_equal(count("published"), 1);
	assert_int_equal(count("mailing"), 0);
	assert_int_equal(store_number("SELECT version FROM statement"), 1);
	assert_int_equal(call(edit_show, DORA, AT, FRESH, NULL).status, 200);
	assert_int_equal(call(edit_show, DORA, AT, OTHER, NULL).got, OUT_MISSING);
	assert_int_equal(call(edit_show, DORA, AT, "nonsense", NULL).got, OUT_MISSING);
}

/* ---- writing ---- */

static void
test_slugs(void **state)
{
	static const char *const wrong[] = { "2026", "0000", "new", "rss", "recent", "subscribe",
	    "confirm", "leave", "-a", "a-", "A", "a_b", "a/b", "%C3%B1", "a+b", ".",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	static const struct { const char *title, *want; } made[] = {
		{ "We+strike", "we-strike" },
		{ "We+strike", "we-strike-2" },
		{ "2026", "statement-2026" },
		{ "2026", "statement-2026-2" },
		{ "Recent", "statement-recent" },
		{ "2026+is+ours", "2026-is-ours" },
		{ "%D9%88%D8%AD%D8%AF%D8%A9", "statement" },
		{ "%C2%A1Ma%C3%B1ana%21", "manana" },
		{ "A+title+that+says+in+a+great+many+words+what+could+be+said+in+few+of+them",
		    "a-title-that-says-in-a-great-many-words-what-could-be" },
	};
	char		body[1024];
	struct reply	got;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		print_message("# %s\n", wrong[i]);
		snprintf(body, sizeof(body),
		    "lang=en&title=a&body=b&step=save&slug=%s", wrong[i]);
		got = save(ANA, "new", body);
		assert_int_equal(got.status, 422);
		assert_non_null(strstr(got.page, "Use small letters"));
	}
	assert_int_equal(count("statement"), 0);
	for (size_t i = 0; i < COUNT(made); i++) {
		print_message("# %s\n", made[i].want);
		snprintf(body, sizeof(body), "lang=en&title=%s&body=b&step=save&slug=",
		    made[i].title);
		assert_int_equal(save(ANA, "new", body).status, 303);
		assert_int_equal(store_number("SELECT COUNT(*) FROM statement"
		    " WHERE slug = '%s'", made[i].want), 1);
	}
	/* one that is taken; in another language it is not */
	got = save(ANA, "new", "lang=en&title=a&body=b&step=save&slug=we-strike");
	assert_int_equal(got.status, 422);
	assert_non_null(strstr(got.page, "Another statement has this address"));
	assert_int_equal(save(ANA, "new",
	    "lang=es&title=a&body=b&step=save&slug=we-strike").status, 303);
	assert_int_equal(count("statement"), COUNT(made) + 1);
}

static void
test_what_is_checked(void **state)
{
	static const struct { const char *body, *says; } wrong[] = {
		{ "lang=en&title=+&body=Kept", "Give it a title" },
		{ "lang=en&title=a%0Ab&body=Kept", "Give it a title" },
		{ "lang=xx&title=a&body=Kept", "Choose the language" },
		{ "title=a&body=Kept", "Choose the language" },
		{ "lang=en&title=Kept&body=+%0A+", "Write the text" },
	};

	(void)state;
	write_one();
	for (size_t i = 0; i < COUNT(wrong); i++) {
		static const char *const rests[] = { "new", FRESH };

		for (size_t k = 0; k < COUNT(rests); k++) {
			struct reply got = save(ANA, rests[k], wrong[i].body);

			print_message("# %s\n", wrong[i].body);
			assert_int_equal(got.status, 422);
			assert_non_null(strstr(got.page, wrong[i].says));
			assert_non_null(strstr(got.page, "Kept"));
		}
	}
	assert_int_equal(count("statement WHERE title = 'We strike' AND version = 1"), 1);
}

static void
test_preview(void **state)
{
	struct reply got = save(ANA, "new", "id=" FRESH "&lang=en&title=%3Cb%3E"
	    "&body=We+**strike**.%0A%0A%3Cscript%3Ealert(1)%3C/script%3E&step=preview");

	(void)state;
	assert_int_equal(got.status, 200);
	assert_non_null(strstr(got.page, "<strong>strike</strong>"));
	assert_non_null(strstr(got.page, "<h2>&lt;b&gt;</h2>"));
	assert_null(strstr(got.page, "<script"));
	assert_non_null(strstr(got.page, "value=\"" FRESH "\""));
	assert_int_equal(count("statement"), 0);
}

/* Somebody saved meanwhile: both texts are there, and neither is lost. */
static void
test_conflict(void **state)
{
	struct reply got;

	(void)state;
	write_one();
	assert_int_equal(save(DORA, FRESH, "version=1&lang=en&slug=we-strike&title=We+strike"
	    "&summary=On+Monday&body=Dora+has+written+this.&step=save").status, 303);
	got = save(ANA, FRESH, "version=1&lang=en&slug=we-strike&title=We+strike"
	    "&summary=On+Monday&body=Ana+has+written+this.&step=save");
	assert_int_equal(got.status, 409);
	assert_non_null(strstr(got.page, "Dora saved it"));
	assert_non_null(strstr(got.page, "<del>Dora</del><ins>Ana</ins> has written this."));
	assert_non_null(strstr(got.page, "\nAna has written this.</textarea>"));
	assert_non_null(strstr(got.page, "name=\"version\" value=\"2\""));
	assert_int_equal(count("statement WHERE body = 'Dora has written this.'"
	    " AND version = 2"), 1);
	/* sent again, it is saved */
	assert_int_equal(save(ANA, FRESH, "version=2&lang=en&slug=we-strike&title=We+strike"
	    "&summary=On+Monday&body=Ana+has+written+this.&step=save").status, 303);
	assert_int_equal(count("statement WHERE body = 'Ana has written this.'"
	    " AND version = 3"), 1);
	/* a preview and a mistake carry the version on that was seen */
	got = save(DORA, FRESH, "version=2&lang=en&title=a&body=b&step=preview");
	assert_non_null(strstr(got.page, "name=\"version\" value=\"2\""));
	got = save(DORA, FRESH, "version=2&lang=en&title=&body=b&step=save");
	assert_non_null(strstr(got.page, "name=\"version\" value=\"2\""));
	assert_int_equal(save(DORA, FRESH, "lang=en&title=a&body=b&step=save").status, 409);
	assert_int_equal(save(DORA, FRESH, "step=remove").status, 409);
	/* what was pressed twice is there once, and changes nothing */
	assert_int_equal(save(ANA, FRESH, "version=2&lang=en&slug=we-strike&title=We+strike"
	    "&summary=On+Monday&body=Ana+has+written+this.&step=save").status, 303);
	assert_int_equal(save(ANA, FRESH, "version=3&lang=en&slug=we-strike&title=We+strike"
	    "&summary=On+Monday&body=Ana+has+written+this.&step=save").status, 303);
	assert_int_equal(count("statement WHERE version = 3"), 1);
}

static void
test_twice_and_away(void **state)
{
	(void)state;
	write_one();
	write_one();
	assert_int_equal(count("statement"), 1);
	/* gone back to, and another text sent */
	assert_int_equal(save(ANA, "new", "id=" FRESH "&version=0&lang=en&slug=&title=We+strike"
	    "&body=Other&step=save").status, 409);
	assert_int_equal(count("statement WHERE body LIKE 'We%'"), 1);
	assert_int_equal(save(ANA, FRESH, "version=1&step=remove").status, 303);
	assert_int_equal(count("statement"), 0);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit"
	    " WHERE action = 'statement.removed'"), 1);
}

static void
test_translations(void **state)
{
	struct reply got;

	(void)state;
	write_one();
	got = call(edit_show, ANA, AT "?of=" FRESH "&lang=es", "new", NULL);
	assert_non_null(strstr(got.page, "We **strike**."));
	assert_non_null(strstr(got.page, "<option value=\"es\" selected>"));
	assert_int_equal(save(ANA, "new", "id=" OTHER "&of=" FRESH "&lang=es&title=Huelga&body=b"
	    "&step=save").status, 303);
	assert_int_equal(count("statement a JOIN statement b ON a.work = b.work"
	    " AND a.lang = 'en' AND b.lang = 'es'"), 1);
	got = save(ANA, "new", "of=" FRESH "&lang=es&title=Otra&body=b&step=save");
	assert_int_equal(got.status, 422);
	assert_non_null(strstr(got.page, "There is a translation into this language"));
	got = save(ANA, OTHER, "version=1&lang=en&slug=huelga&title=Huelga&body=b&step=save");
	assert_int_equal(got.status, 422);
	assert_int_equal(save(ANA, "new", "of=" OTHER "1&lang=es&title=x&body=b&step=save").got,
	    OUT_MISSING);
	assert_int_equal(count("statement"), 2);
}

/* ---- approval ---- */

static void
test_approval(void **state)
{
	struct admin	eve;
	struct reply	got;

	(void)state;
	desk_settings.statements = (struct rule){ 2, 2, 2, 1, 7 };
	write_one();
	/* not by oneself, whatever is sent */
	assert_int_equal(call(publish_take, ANA, AT, FRESH, "version=1").status, 409);
	assert_int_equal(call(approve_vote, ANA, AT, FRESH,
	    "version=1&vote=favour&reason=x").status, 409);
	/* not about a version that was not seen */
	assert_int_equal(call(approve_ask, ANA, AT, FRESH, "version=2").status, 409);
	assert_int_equal(call(approve_ask, ANA, AT, FRESH, "").status, 409);
	assert_int_equal(call(approve_ask, ANA, AT, FRESH, "version=0").status, 409);
	assert_int_equal(call(approve_ask, ANA, AT, FRESH, "version=1").status, 303);
	assert_int_equal(count("statement WHERE state = 'review' AND quorum = 2 AND favour = 2"
	    " AND block = 1 AND version = 1"), 1);
	assert_int_equal(store_number("SELECT (closes_at - asked_at) DIV 86400 FROM statement"),
	    7);
	/* frozen: Ana and Dora, not who comes later; nor does another rule reach it */
	invite(&people[ANA], T, &eve, "Eve");
	desk_settings.statements.favour = 3;
	assert_int_equal(count("approval WHERE version = 1"), 2);
	assert_int_equal(call(publish_take, ANA, AT, FRESH, "version=1").status, 409);
	got = call(approve_vote, ANA, AT, FRESH, "version=1&vote=favour&reason=+");
	assert_int_equal(got.status, 422);
	assert_non_null(strstr(got.page, "Give the others a reason"));
	got = call(approve_vote, ANA, AT, FRESH, "version=1&vote=recused&reason=x");
	assert_int_equal(got.status, 422);
	assert_int_equal(call(approve_vote, ANA, AT, FRESH,
	    "version=1&vote=favour&reason=Good").status, 303);
	assert_int_equal(count("statement WHERE state = 'review'"), 1);
	assert_int_equal(call(approve_vote, DORA, AT, FRESH,
	    "version=1&vote=favour&reason=Fine").status, 303);
	assert_int_equal(count("statement WHERE state = 'ready'"), 1);
	/* too late for another vote */
	assert_int_equal(call(approve_vote, DORA, AT, FRESH,
	    "version=1&vote=against&reason=No").status, 409);
	/* another text needs another approval */
	assert_int_equal(save(ANA, FRESH, "version=1&lang=en&slug=we-strike&title=We+strike"
	    "&body=Other&step=save").status, 303);
	assert_int_equal(call(publish_take, ANA, AT, FRESH, "version=2").status, 409);
	assert_int_equal(count("published"), 0);
	assert_int_equal(count("approval WHERE vote = 'favour'"), 2);
}

static void
test_declined(void **state)
{
	(void)state;
	desk_settings.statements = (struct rule){ 2, 2, 2, 1, 7 };
	write_one();
	assert_int_equal(call(approve_ask, ANA, AT, FRESH, "version=1").status, 303);
	assert_int_equal(call(approve_vote, DORA, AT, FRESH,
	    "version=1&vote=against&reason=No").status, 303);
	assert_int_equal(count("statement WHERE state = 'draft'"), 1);
	assert_int_equal(call(publish_take, ANA, AT, FRESH, "version=1").status, 409);
	/* asked again it is another version: the votes of the former stay */
	assert_int_equal(call(approve_ask, ANA, AT, FRESH, "version=1").status, 303);
	assert_int_equal(count("approval WHERE version = 2 AND vote IS NULL"), 2);
	assert_int_equal(count("approval WHERE version = 1 AND vote = 'against'"), 1);
	/* a vote about what is not asked any more */
	assert_int_equal(call(approve_vote, DORA, AT, FRESH,
	    "version=1&vote=favour&reason=x").status, 409);
	/* saving ends the asking */
	assert_int_equal(save(DORA, FRESH, "version=2&lang=en&slug=we-strike&title=We+strike"
	    "&body=Other&step=save").status, 303);
	assert_int_equal(call(approve_vote, DORA, AT, FRESH,
	    "version=3&vote=favour&reason=x").status, 409);
	assert_int_equal(count("statement WHERE state = 'draft' AND version = 3"), 1);
	/* too few serve */
	desk_settings.statements.reviewers = 3;
	assert_int_equal(call(approve_ask, ANA, AT, FRESH, "version=3").status, 409);
	/* who recuses themself cannot vote, and without them it cannot be met */
	desk_settings.statements.reviewers = 2;
	assert_int_equal(call(approve_ask, ANA, AT, FRESH, "version=3").status, 303);
	assert_int_equal(call(approve_recuse, DORA, AT, FRESH, "version=3").status, 303);
	assert_int_equal(call(approve_vote, DORA, AT, FRESH,
	    "version=3&vote=favour&reason=x").status, 409);
	assert_int_equal(call(approve_ask, ANA, AT, FRESH, "version=3").status, 303);
	assert_int_equal(count("approval WHERE version = 4 AND vote IS NULL"), 2);
}

/* Who leaves the desk is not waited for. */
static void
test_leaving(void **state)
{
	struct admin eve;

	(void)state;
	desk_settings.statements = (struct rule){ 2, 2, 2, 1, 7 };
	invite(&people[ANA], T, &eve, "Eve");
	write_one();
	assert_int_equal(call(approve_ask, ANA, AT, FRESH, "version=1").status, 303);
	assert_int_equal(call(approve_vote, DORA, AT, FRESH,
	    "version=1&vote=favour&reason=x").status, 303);
	assert_int_equal(desk_leave(office, &audit, NOW, &people[DORA].id,
	    &desks[DESK_STATEMENTS]), OUT_OK);
	assert_int_equal(desk_remove(office, &audit, NOW, &people[ANA], &eve.id), OUT_OK);
	assert_int_equal(count("approval WHERE vote = 'favour'"), 1);
	assert_int_equal(count("approval WHERE vote = 'recused'"), 1);
	assert_int_equal(call(approve_vote, ANA, AT, FRESH,
	    "version=1&vote=favour&reason=x").status, 303);
	assert_int_equal(count("statement WHERE state = 'ready'"), 1);
}

/* ---- what the public gets ---- */

static void
test_publishing(void **state)
{
	long		before = press();
	struct reply	got;

	(void)state;
	desk_settings.statements = alone;
	write_one();
	assert_int_equal(press(), before);
	assert_int_equal(call(publish_take, ANA, AT, FRESH, "version=2").status, 409);
	assert_int_equal(call(publish_take, ANA, AT, FRESH, "version=1&at=soon").status, 422);
	assert_int_equal(count("published"), 0);
	assert_int_equal(call(publish_take, ANA, AT, FRESH, "version=1&at=").status, 303);
	assert_int_equal(press(), before + 1);
	assert_int_equal(count("published WHERE slug = 'we-strike' AND lang = 'en'"
	    " AND title = 'We strike' AND html LIKE '%<strong>strike</strong>%'"
	    " AND note = '' AND corrected_at IS NULL"), 1);
	assert_int_equal(store_number("SELECT published_at FROM published"), NOW);
	assert_int_equal(count("edition WHERE number = 1 AND body = 'We **strike**.'"), 1);
	assert_int_equal(count("statement WHERE state = 'published'"), 1);
	/* again: there is nothing to publish */
	assert_int_equal(call(publish_take, ANA, AT, FRESH, "version=1&note=x").status, 409);

	/* a correction is written: the public keeps what it has; the address stays */
	assert_int_equal(save(DORA, FRESH, "version=1&lang=es&slug=other&title=We+all+strike"
	    "&summary=On+Monday&body=We+**all**+strike.&step=save").status, 303);
	assert_int_equal(count("statement WHERE slug = 'we-strike' AND lang = 'en'"
	    " AND state = 'draft'"), 1);
	assert_int_equal(count("published WHERE title = 'We strike'"), 1);
	assert_int_equal(press(), before + 1);
	assert_int_equal(save(DORA, FRESH, "version=2&step=remove").status, 409);
	got = call(publish_take, DORA, AT, FRESH, "version=2&note=+");
	assert_int_equal(got.status, 422);
	assert_non_null(strstr(got.page, "Tell the readers"));
	assert_int_equal(call(publish_take, DORA, AT, FRESH,
	    "version=2&note=Not+some+but+all.").status, 303);
	assert_int_equal(count("published WHERE title = 'We all strike' AND slug = 'we-strike'"
	    " AND note = 'Not some but all.' AND html LIKE '%<strong>all</strong>%'"), 1);
	assert_int_equal(store_number("SELECT corrected_at FROM published"), NOW);
	assert_int_equal(press(), before + 2);
	assert_int_equal(count("edition"), 2);
	got = call(editions_difference, ANA, AT "?from=1&to=2", FRESH, NULL);
	assert_non_null(strstr(got.page, "We <ins>all </ins>strike"));
	assert_int_equal(call(editions_difference, ANA, AT "?from=1&to=3", FRESH, NULL).got,
	    OUT_MISSING);

	/* withdrawn, and published again */
	got = call(publish_withdraw_ask, ANA, AT, FRESH, NULL);
	assert_int_equal(got.status, 200);
	assert_int_equal(count("published"), 1);
	assert_int_equal(call(publish_withdraw, ANA, AT, FRESH, "").status, 303);
	assert_int_equal(count("published"), 0);
	assert_int_equal(count("statement WHERE state = 'withdrawn'"), 1);
	assert_int_equal(press(), before + 3);
	assert_int_equal(call(publish_withdraw, ANA, AT, FRESH, "").status, 409);
	assert_int_equal(press(), before + 3);
	assert_int_equal(call(publish_take, ANA, AT, FRESH, "version=2").status, 303);
	assert_int_equal(count("published"), 1);
	assert_int_equal(count("edition"), 3);
	assert_int_equal(press(), before + 4);
	assert_int_equal(store_number("SELECT COUNT(*) FROM audit WHERE action IN"
	    " ('statement.published', 'statement.corrected', 'statement.withdrawn')"), 4);
}

static const struct { const char *typed; long at; } moments[] = {
	{ "2025-11-24+16:00",	1764000000 },
	{ "2025-11-24T16:01",	1764000060 },
	{ "2024-02-29+00:00",	1709164800 },
	{ "2025-02-29+00:00",	-1 },
	{ "2025-11-24",		-1 },
	{ "2025-11-24+16",	-1 },
	{ "2025-11-24+16:00+CET", -1 },
	{ "24.11.2025+16:00",	-1 },
	{ "2025-13-01+16:00",	-1 },
	{ "1969-01-01+16:00",	-1 },
	{ "9999-01-01+16:00",	-1 },
	{ "2025-11-24+25:00",	-1 },
};

static void
test_moments(void **state)
{
	char body[100];

	(void)state;
	desk_settings.statements = alone;
	write_one();
	for (size_t i = 0; i < COUNT(moments); i++) {
		print_message("# %s\n", moments[i].typed);
		snprintf(body, sizeof(body), "version=1&at=%s", moments[i].typed);
		assert_int_equal(call(publish_take, ANA, AT, FRESH, body).status,
		    moments[i].at < 0 ? 422 : 303);
		if (moments[i].at < 0)
			continue;
		assert_int_equal(store_number("SELECT published_at FROM published"),
		    moments[i].at);
		assert_int_equal(call(publish_withdraw, ANA, AT, FRESH, "").status, 303);
	}
}

/* Before its time it can be replaced without a note, and nobody is told of a correction. */
static void
test_scheduled(void **state)
{
	struct reply got;

	(void)state;
	desk_settings.statements = alone;
	write_one();
	assert_int_equal(call(publish_take, ANA, AT, FRESH,
	    "version=1&at=2030-01-01+12:00").status, 303);
	got = call(edit_show, ANA, AT, FRESH, NULL);
	assert_non_null(strstr(got.page, "Will be public on 1 January 2030, 12:00 UTC"));
	assert_int_equal(save(ANA, FRESH, "version=1&title=Other&body=Other&step=save").status,
	    303);
	assert_int_equal(call(publish_take, ANA, AT, FRESH,
	    "version=2&at=2030-01-02+12:00").status, 303);
	assert_int_equal(count("published WHERE title = 'Other' AND corrected_at IS NULL"
	    " AND published_at = 1893585600"), 1);
}

static void
test_announcing(void **state)
{
	struct reply got;

	(void)state;
	desk_settings.statements = alone;
	write_one();
	assert_int_equal(call(publish_announce, ANA, AT, FRESH, "").status, 409);
	assert_int_equal(count("mailing"), 0);
	assert_int_equal(call(publish_take, ANA, AT, FRESH,
	    "version=1&at=2030-01-01+12:00").status, 303);
	assert_int_equal(call(publish_announce, ANA, AT, FRESH, "").status, 303);
	assert_int_equal(count("mailing WHERE due_at = 1893499200 AND lang = 'en'"
	    " AND expanded_at IS NULL"), 1);
	assert_int_equal(call(publish_announce, DORA, AT, FRESH, "").status, 409);
	assert_int_equal(count("mailing"), 1);
	for (int i = 0; i < 6; i++)
		store_sql("INSERT INTO outbox (id, kind, lang, address, mailing, subscriber,"
		    " state, due_at) VALUES (REPEAT('%d', 16), 'statement', 'en', 'x',"
		    " UNHEX('" FRESH "'), REPEAT('%d', 16), '%s', 0)", i, i,
		    i < 3 ? "sent" : i < 5 ? "waiting" : "failed");
	got = call(edit_show, ANA, AT, FRESH, NULL);
	assert_non_null(strstr(got.page, "<dt>Sent</dt><dd>3</dd>"));
	assert_non_null(strstr(got.page, "<dt>Waiting</dt><dd>2</dd>"));
	assert_non_null(strstr(got.page, "<dt>Failed</dt><dd>1</dd>"));
	assert_null(strstr(got.page, "Left the list"));
}

/* `n` mails of the announcement of `FRESH`. */
static void
add_mails(int n, const char *state, int code)
{
	store_sql("INSERT INTO outbox (id, kind, lang, address, mailing, subscriber, state,"
	    " due_at, code) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	    " WHERE i < %d) SELECT " STORE_ID("CONCAT(i, '%s %d')") ", 'statement', 'en', '',"
	    " UNHEX('" FRESH "'), " STORE_ID("CONCAT(i, '%s %d')") ", '%s', 0, %d FROM n", n, state,
	    code, state, code, state, code);
}

/* Why mails failed: by the last answer, the most frequent first; nothing of whom it was. */
static void
test_failures(void **state)
{
	static const struct { int code, n; const char *says; } rows[] = {
		{ 550, 30, "<strong>30</strong> <span class=\"tag\">SMTP 550</span>"
		    "<p class=\"hint\">There is no such mailbox" },
		{ 552, 29, "SMTP 552</span><p class=\"hint\">The mailbox is full" },
		{ 451, 28, "SMTP 451</span><p class=\"hint\">A mail server put it off" },
		{ 535, 27, "SMTP 535</span><p class=\"hint\">Our own mail server" },
		{ 571, 26, "SMTP 571</span><p class=\"hint\">A mail server refused it for" },
		{ 0, 25, "<strong>25</strong><p class=\"hint\">No mail server answered" },
		{ 354, 24, "SMTP 354</span><p class=\"hint\">No mail server answered" },
		{ -1, 23, "<strong>23</strong><p class=\"hint\">No mail server answered" },
		{ 999, 22, "SMTP 999</span><p class=\"hint\">No mail server answered" },
	};
	const char	*before;
	struct reply	 got;

	(void)state;
	desk_settings.statements = alone;
	write_one();
	assert_int_equal(call(publish_take, ANA, AT, FRESH, "version=1").status, 303);
	assert_int_equal(call(publish_announce, ANA, AT, FRESH, "").status, 303);
	add_mails(40, "waiting", 450);
	add_mails(41, "sent", 250);
	assert_null(strstr(call(edit_show, ANA, AT, FRESH, NULL).page, "Why mails failed"));
	add_mails(7, "dropped", 0);
	for (size_t i = 0; i < COUNT(rows); i++)
		add_mails(rows[i].n, "failed", rows[i].code);
	before = (got = call(edit_show, ANA, AT, FRESH, NULL)).page;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *at = strstr(got.page, rows[i].says);

		print_message("# %d\n", rows[i].code);
		assert_non_null(at);
		assert_true(at > before);
		before = at;
	}
	assert_non_null(strstr(got.page, "<dt>Failed</dt><dd>234</dd>"));
	assert_non_null(strstr(got.page, "Left the list before their mail went: 7."));
	assert_null(strstr(got.page, "SMTP 450"));
	assert_null(strstr(got.page, "In rarer ways"));
	/* more ways than a page should name */
	for (int i = 0; i < 20; i++)
		add_mails(2, "failed", 400 + i);
	got = call(edit_show, ANA, AT, FRESH, NULL);
	assert_non_null(strstr(got.page, "SMTP 410"));
	assert_null(strstr(got.page, "SMTP 411"));
	assert_non_null(strstr(got.page,
	    "<li><strong>18</strong><p class=\"hint\">In rarer ways</p></li>\n</ul>"));
}

/* ---- the list ---- */

static void
test_list(void **state)
{
	struct reply	 got;
	const char	*next;
	char		 path[200];
	int		 seen = 0;

	(void)state;
	got = call(statements_show, ANA, "/admin/statements", "", NULL);
	assert_non_null(strstr(got.page, "Nothing has been written yet"));
	assert_int_equal(call(statements_show, ANA, "/admin/statements?list=nowhere", "",
	    NULL).got, OUT_MISSING);
	assert_int_equal(call(statements_show, ANA, "/admin/statements?after=x", "", NULL).got,
	    OUT_MISSING);
	write_one();
	for (int i = 0; i < 60; i++)
		store_sql("INSERT INTO statement (id, work, lang, slug, title, body, created_at,"
		    " changed_at, changed_by) SELECT LPAD('%d', 16, 'x'), LPAD('%d', 16, 'x'),"
		    " 'en', 's%d', 'Numbered', 'b', 0, %d, changed_by FROM statement"
		    " WHERE title = 'We strike'", i, i, i, 1 + i / 20);
	snprintf(path, sizeof(path), "/admin/statements?list=draft");
	for (int page = 0; page < 3; page++) {
		got = call(statements_show, ANA, path, "", NULL);
		assert_int_equal(got.got, OUT_OK);
		for (next = got.page; (next = strstr(next, ">Numbered<")) != NULL; next++)
			seen++;
		next = strstr(got.page, "&amp;after=");
		assert_int_equal(next != NULL, page < 2);
		if (next != NULL)
			snprintf(path, sizeof(path), "/admin/statements?list=draft&after=%.*s",
			    (int)strcspn(next + 11, "\""), next + 11);
	}
	assert_int_equal(seen, 60);
}

#define HERE(test)	cmocka_unit_test_setup_teardown(test, handler_set_up, handler_tear_down)

const struct CMUnitTest store_statement_editor_tests[] = {
	cmocka_unit_test(test_differences),
	cmocka_unit_test(test_difference_is_whole),
	HERE(test_other_desks),
	HERE(test_slugs),
	HERE(test_what_is_checked),
	HERE(test_preview),
	HERE(test_conflict),
	HERE(test_twice_and_away),
	HERE(test_translations),
	HERE(test_approval),
	HERE(test_declined),
	HERE(test_leaving),
	HERE(test_publishing),
	HERE(test_moments),
	HERE(test_scheduled),
	HERE(test_announcing),
	HERE(test_failures),
	HERE(test_list),
};
const size_t store_statement_editor_n = COUNT(store_statement_editor_tests);
