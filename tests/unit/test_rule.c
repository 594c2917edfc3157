/*
 * test_rule.c: how a committee decides: a table of rounds, and every round that small
 * committees can come to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#include <cmocka.h>

#include "openhall/rule.h"

enum { CLOSES = 1000 };

static const char *const words[] = { "none", "open", "accepted", "declined", "stuck", "lapsed" };

/* ---- a round a line ---- */

static const struct {
	unsigned	quorum, favour, block, electors;
	unsigned	in_favour, against, abstained, recused;
	int64_t		now;
	enum verdict	want;
	unsigned	votes_missing, favour_missing;
} rounds[] = {
	/* the rule, electors; favour against abstained recused; when */
	/* two of two, nobody against */
	{ 2, 2, 1, 2,	0, 0, 0, 0,	0,	VERDICT_OPEN,		2, 2 },
	{ 2, 2, 1, 2,	1, 0, 0, 0,	0,	VERDICT_OPEN,		1, 1 },
	{ 2, 2, 1, 2,	2, 0, 0, 0,	0,	VERDICT_ACCEPTED,	0, 0 },
	{ 2, 2, 1, 2,	0, 1, 0, 0,	0,	VERDICT_DECLINED,	1, 2 },
	{ 2, 2, 1, 2,	1, 1, 0, 0,	0,	VERDICT_DECLINED,	0, 1 },
	{ 2, 2, 1, 2,	0, 0, 1, 0,	0,	VERDICT_DECLINED,	1, 2 },
	{ 2, 2, 1, 2,	1, 0, 1, 0,	0,	VERDICT_DECLINED,	0, 1 },
	{ 2, 2, 1, 2,	0, 0, 0, 1,	0,	VERDICT_STUCK,		2, 2 },
	{ 2, 2, 1, 2,	1, 0, 0, 1,	0,	VERDICT_STUCK,		1, 1 },
	{ 2, 2, 1, 2,	0, 1, 0, 1,	0,	VERDICT_DECLINED,	1, 2 },
	/* one is enough */
	{ 1, 1, 1, 1,	0, 0, 0, 0,	0,	VERDICT_OPEN,		1, 1 },
	{ 1, 1, 1, 1,	1, 0, 0, 0,	0,	VERDICT_ACCEPTED,	0, 0 },
	{ 1, 1, 1, 1,	0, 0, 0, 1,	0,	VERDICT_STUCK,		1, 1 },
	{ 1, 1, 1, 1,	0, 0, 1, 0,	0,	VERDICT_DECLINED,	0, 1 },
	{ 1, 1, 1, 3,	0, 0, 2, 0,	0,	VERDICT_OPEN,		0, 1 },
	/* the quorum waits, though there are votes enough in favour */
	{ 4, 2, 2, 5,	3, 0, 0, 0,	0,	VERDICT_OPEN,		1, 0 },
	{ 4, 2, 2, 5,	3, 1, 0, 0,	0,	VERDICT_ACCEPTED,	0, 0 },
	{ 4, 2, 2, 5,	3, 0, 1, 0,	0,	VERDICT_ACCEPTED,	0, 0 },
	{ 4, 2, 2, 5,	3, 2, 0, 0,	0,	VERDICT_DECLINED,	0, 0 },
	/* votes enough, and too few in favour so far */
	{ 3, 3, 3, 5,	2, 1, 0, 0,	0,	VERDICT_OPEN,		0, 1 },
	{ 3, 3, 3, 5,	2, 2, 0, 0,	0,	VERDICT_OPEN,		0, 1 },
	{ 3, 3, 3, 5,	2, 2, 1, 0,	0,	VERDICT_DECLINED,	0, 1 },
	{ 3, 3, 3, 5,	0, 1, 2, 0,	0,	VERDICT_DECLINED,	0, 3 },
	{ 3, 3, 3, 5,	0, 0, 3, 0,	0,	VERDICT_DECLINED,	0, 3 },
	{ 3, 3, 3, 5,	0, 0, 2, 0,	0,	VERDICT_OPEN,		1, 3 },
	/* recusals make the committee smaller, until it is too small */
	{ 3, 2, 2, 5,	0, 0, 0, 2,	0,	VERDICT_OPEN,		3, 2 },
	{ 3, 2, 2, 5,	0, 0, 0, 3,	0,	VERDICT_STUCK,		3, 2 },
	{ 3, 2, 2, 5,	2, 0, 0, 3,	0,	VERDICT_STUCK,		1, 0 },
	{ 2, 3, 2, 5,	2, 0, 0, 3,	0,	VERDICT_STUCK,		0, 1 },
	{ 3, 2, 2, 5,	1, 0, 1, 2,	0,	VERDICT_OPEN,		1, 1 },
	{ 3, 2, 2, 5,	1, 1, 1, 2,	0,	VERDICT_DECLINED,	0, 1 },
	{ 3, 2, 2, 5,	2, 0, 1, 2,	0,	VERDICT_ACCEPTED,	0, 0 },
	{ 3, 2, 2, 5,	0, 2, 0, 3,	0,	VERDICT_DECLINED,	1, 2 },
	{ 3, 2, 2, 5,	0, 0, 0, 5,	0,	VERDICT_STUCK,		3, 2 },
	/* a block that nobody can reach any more does not matter */
	{ 2, 2, 9, 3,	2, 1, 0, 0,	0,	VERDICT_ACCEPTED,	0, 0 },
	{ 2, 2, 9, 3,	0, 2, 0, 0,	0,	VERDICT_DECLINED,	0, 2 },
	/* time */
	{ 2, 2, 1, 3,	1, 0, 0, 0,	CLOSES - 1,	VERDICT_OPEN,		1, 1 },
	{ 2, 2, 1, 3,	1, 0, 0, 0,	CLOSES,		VERDICT_LAPSED,		1, 1 },
	{ 2, 2, 1, 3,	1, 0, 0, 0,	CLOSES + 1,	VERDICT_LAPSED,		1, 1 },
	{ 2, 2, 1, 3,	0, 0, 0, 0,	CLOSES,		VERDICT_LAPSED,		2, 2 },
	{ 2, 2, 1, 3,	2, 0, 0, 0,	CLOSES,		VERDICT_ACCEPTED,	0, 0 },
	{ 2, 2, 1, 3,	1, 1, 0, 0,	CLOSES,		VERDICT_DECLINED,	0, 1 },
	{ 2, 2, 1, 3,	0, 0, 2, 0,	CLOSES,		VERDICT_DECLINED,	0, 2 },
	{ 2, 2, 1, 3,	0, 0, 0, 2,	CLOSES,		VERDICT_STUCK,		2, 2 },
};

static void
test_rounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rounds) / sizeof(*rounds); i++) {
		struct tally	t = {
			.quorum = rounds[i].quorum, .favour = rounds[i].favour,
			.block = rounds[i].block, .electors = rounds[i].electors,
			.in_favour = rounds[i].in_favour, .against = rounds[i].against,
			.abstained = rounds[i].abstained, .recused = rounds[i].recused,
			.closes_at = CLOSES,
		};
		enum verdict	got = rule_verdict(&t, rounds[i].now);

		if (got != rounds[i].want)
			fail_msg("row %zu: %s, not %s", i, words[got],
			    words[rounds[i].want]);
		assert_int_equal(rule_votes_missing(&t), rounds[i].votes_missing);
		assert_int_equal(rule_favour_missing(&t), rounds[i].favour_missing);
	}
}

/* ---- every round ---- */

enum { MOST = 5 };	/* electors of the largest committee tried */

static unsigned
waiting(const struct tally *t)
{
	return t->electors - t->in_favour - t->against - t->abstained - t->recused;
}

/* In the words of the header, and nothing worked out ahead. */
static bool
blocked(const struct tally *t)
{
	return t->against >= t->block;
}

static bool
met(const struct tally *t)
{
	return t->in_favour >= t->favour &&
	    t->in_favour + t->against + t->abstained >= t->quorum;
}

/* The four things that somebody who has not voted can do, on `t`. */
static bool
step(struct tally *t, int what)
{
	unsigned	*const counts[] = { &t->in_favour, &t->against, &t->abstained,
			    &t->recused };

	if (what == 4 || waiting(t) == 0)
		return false;
	++*counts[what];
	return true;
}

/* Whether any course of events leads to acceptance. */
static bool
can_be_met(const struct tally *t)
{
	if (blocked(t))
		return false;
	if (met(t))
		return true;
	for (int what = 0;; what++) {
		struct tally	next = *t;

		if (!step(&next, what))
			return false;
		if (can_be_met(&next))
			return true;
	}
}

static void
check(const struct tally *t)
{
	enum verdict	before = rule_verdict(t, CLOSES - 1), after = rule_verdict(t, CLOSES);
	struct tally	nobody = *t;

	nobody.in_favour = nobody.against = nobody.abstained = 0;
	if (blocked(t))
		assert_int_equal(before, VERDICT_DECLINED);
	else if (met(t))
		assert_int_equal(before, VERDICT_ACCEPTED);
	else if (can_be_met(t))
		assert_int_equal(before, VERDICT_OPEN);
	else if (can_be_met(&nobody))
		assert_int_equal(before, VERDICT_DECLINED);
	else	/* not even if those who are left began again */
		assert_int_equal(before, VERDICT_STUCK);

	/* Time takes what is open, and nothing else. */
	assert_int_equal(after, before == VERDICT_OPEN ? VERDICT_LAPSED : before);

	/* A round in which nobody is left to vote is decided. */
	if (waiting(t) == 0)
		assert_int_not_equal(before, VERDICT_OPEN);

	/* What is decided stays so, but for a block; nothing opens again. */
	for (int what = 0;; what++) {
		struct tally	next = *t;
		enum verdict	then;

		if (!step(&next, what))
			return;
		then = rule_verdict(&next, CLOSES - 1);
		if (before == VERDICT_ACCEPTED)
			assert_int_equal(then, blocked(&next) ? VERDICT_DECLINED :
			    VERDICT_ACCEPTED);
		if (before == VERDICT_DECLINED)
			assert_true(then == VERDICT_DECLINED || then == VERDICT_STUCK);
		if (before == VERDICT_STUCK)
			assert_true(then == VERDICT_STUCK || blocked(&next));
	}
}

/* Every split of the electors among the five things they may have done. */
static unsigned
check_splits(struct tally t)
{
	unsigned	n = t.electors, checked = 0;

	for (t.in_favour = 0; t.in_favour <= n; t.in_favour++)
		for (t.against = 0; t.in_favour + t.against <= n; t.against++)
			for (t.abstained = 0; t.in_favour + t.against + t.abstained <= n;
			    t.abstained++)
				for (t.recused = 0; t.in_favour + t.against + t.abstained +
				    t.recused <= n; t.recused++) {
					check(&t);
					checked++;
				}
	return checked;
}

static void
test_every_round(void **state)
{
	unsigned	checked = 0;

	(void)state;
	for (unsigned n = 1; n <= MOST; n++)
		for (unsigned quorum = 1; quorum <= n; quorum++)
			for (unsigned favour = 1; favour <= n; favour++)
				for (unsigned block = 1; block <= n + 1; block++)
					checked += check_splits((struct tally){
					    .quorum = quorum, .favour = favour,
					    .block = block, .electors = n,
					    .closes_at = CLOSES });
	assert_int_equal(checked, 25950);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_every_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
