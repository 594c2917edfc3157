/*
 * test_person.c: what counts as the same address or number, and what does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "openhall/person.h"

#define COUNT(a)	(sizeof(a) / sizeof((a)[0]))

static const struct key	people = { { 1 } }, aid = { { 2 } };

static int
start(void **state)
{
	(void)state;
	return sodium_init() < 0;
}

static struct key
hash(const struct key *match, const char *typed)
{
	struct key	out;

	if (person_hash(match, typed, &out) != OUT_OK)
		fail_msg("refused: %s", typed);
	return out;
}

static const struct { const char *one, *other; bool same; } pairs[] = {
	{ "ana@example.org", "ana@example.org", true },
	{ "ana@example.org", "Ana@Example.ORG", true },
	{ "ana@example.org", " \tana@example.org\r\n", true },
	{ "ana@example.org", "ana+list@example.org", false },
	{ "ana@example.org", "a.na@example.org", false },
	{ "ana@example.org", "ana@example.com", false },
	{ "ana@example.org", "ana@example.org.", false },
	{ "josé@example.org", "josé@EXAMPLE.org", true },
	{ "josé@example.org", "jose@example.org", false },
	{ "2125550100@example.org", "212 555 0100", false },

	{ "212 555 0100", "(212) 555-0100", true },
	{ "212 555 0100", "212.555.0100", true },
	{ "212 555 0100", "212/555/0100", true },
	{ "212 555 0100", "2125550100", true },
	{ "212 555 0100", "+12125550100", true },
	{ "212 555 0100", "1 212 555 0100", true },
	{ "212 555 0100", "001 212 555 0100", true },
	{ "212 555 0100", "+1 (0)212 555 0100", true },
	{ "212 555 0100", "212 555 0101", false },
	{ "212 555 0100", "312 555 0100", false },
	{ "212 555 0100", "555 0100", false },
	{ "212 555 0100", "2 125 550 1000", false },
	{ "020 7946 0018", "+44 20 7946 0018", true },
	{ "020 7946 0018", "+44 (0)20 7946 0018", true },
	{ "020 7946 0018", "0044 (0) 20 7946 0018", true },
	{ "+34 612 345 678", "0034 612-345-678", true },
	{ "+34 612 345 678", "612 345 678", false },	/* nine digits: cannot be completed */
	{ "+45 12 34 56 78", "12345678", false },
	{ "+43 (0)1 234567", "+43 1 234567", true },
	{ "+43 (0)1 234567", "0043 (0)1 234567", true },
	{ "(01) 234 5678", "012345678", true },
};

static void
test_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct key	one = hash(&people, pairs[i].one),
				other = hash(&people, pairs[i].other);

		if ((memcmp(&one, &other, sizeof(one)) == 0) != pairs[i].same)
			fail_msg("%s, %s", pairs[i].one, pairs[i].other);
		/* another circle cannot even ask */
		other = hash(&aid, pairs[i].one);
		assert_memory_not_equal(&one, &other, sizeof(one));
	}
}

#define A64	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const char *const garbage[] = {
	"", " ", "@", "ana", "ana@", "@example.org", "ana@b@example.org",
	"ana maria@example.org", "ana@exam ple.org", "ana@example.org\x01", "ana\x7f@b.org",
	A64 A64 A64 A64 "@example.org",
	"+", "123456", "+123456", "00123456", "12 34-5/6", "1234567890123456",
	"+1234567890123456", "001234567890123456", "123456789012345678901234567890",
	"212 555 0100 x5", "call 212 555 0100", "212+5550100", "++12125550100",
	"212,555,0100", "\xd9\xa2\xd9\xa1\xd9\xa2\xd9\xa5\xd9\xa5\xd9\xa5\xd9\xa0",
};

static void
test_garbage(void **state)
{
	struct key	out;

	(void)state;
	for (size_t i = 0; i < COUNT(garbage); i++) {
		if (person_hash(&people, garbage[i], &out) != OUT_INVALID)
			fail_msg("taken: %s", garbage[i]);
	}
}

/* ---- of a form ---- */

enum { NAME, MAIL, TEL, OTHER, FIELDS };

static const struct form_field	fields[FIELDS] = {
	[NAME] = { .name = "name", .kind = FIELD_LINE },
	[MAIL] = { .name = "email", .kind = FIELD_EMAIL },
	[TEL] = { .name = "phone", .kind = FIELD_TEL },
	[OTHER] = { .name = "other", .kind = FIELD_EMAIL },
};
static const struct form	form = { .n_fields = FIELDS, .fields = fields };

static const struct {
	const char *values[FIELDS];
	size_t n;
	const char *hashes[FIELDS];
} answered[] = {
	{ { NULL }, 0, { NULL } },
	{ { "ana@example.org" }, 0, { NULL } },		/* a name is none */
	{ { "Ana", "ana@example.org" }, 1, { "ana@example.org" } },
	{ { NULL, NULL, "+12125550100" }, 1, { "212 555 0100" } },
	{ { NULL, "ana@example.org", "212 555 0100", "b@example.org" }, 3,
	  { "ana@example.org", "212 555 0100", "b@example.org" } },
	{ { NULL, "ana@example.org", NULL, "ANA@example.org" }, 1, { "ana@example.org" } },
	{ { NULL, "nonsense", "212 555 0100", NULL }, 1, { "212 555 0100" } },
	{ { NULL, "", "", "" }, 0, { NULL } },
};

static void
test_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(answered); i++) {
		const char		*lists[FIELDS][2] = { { NULL } };
		const char		**values[FIELDS];
		struct form_answers	 answers = { .form = &form, .values = values };
		struct key		 out[PERSON_HASHES_MAX], want;

		for (size_t j = 0; j < FIELDS; j++) {
			lists[j][0] = answered[i].values[j];
			values[j] = lists[j];
		}
		assert_int_equal(person_hashes(&people, &answers, out), answered[i].n);
		for (size_t j = 0; j < answered[i].n; j++) {
			want = hash(&people, answered[i].hashes[j]);
			assert_memory_equal(&out[j], &want, sizeof(want));
		}
	}
}

/* However many questions a form asks. */
static void
test_many(void **state)
{
	enum { MANY = PERSON_HASHES_MAX + 3 };
	struct form_field	 asked[MANY];
	struct form		 long_form = { .n_fields = MANY, .fields = asked };
	char			 typed[MANY][20];
	const char		*lists[MANY][2] = { { NULL } }, **values[MANY];
	struct form_answers	 answers = { .form = &long_form, .values = values };
	struct key		 out[PERSON_HASHES_MAX];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		asked[i] = (struct form_field){ .kind = FIELD_EMAIL };
		memcpy(typed[i], "a@example.org", 14);
		typed[i][0] = (char)('a' + i);
		lists[i][0] = typed[i];
		values[i] = lists[i];
	}
	assert_int_equal(person_hashes(&people, &answers, out), PERSON_HASHES_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
