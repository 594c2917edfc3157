/*
 * test_receipt.c: the cookie that carries a receipt's code: for its time, for its site,
 * as it was made, and readable by nobody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>
#include <talloc.h>

#include "openhall/receipt.h"

enum { NOW = 1795305600 };

static const struct key	form_key = { { 1, 2, 3 } }, other_key = { { 1, 2, 4 } };
static const char	base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			    "0123456789-_";
static struct code	code;

static int
start(void **state)
{
	(void)state;
	if (sodium_init() < 0)
		return -1;
	code_new(&code);
	return 0;
}

static struct request *
request(time_t now, const char *cookies, bool secure)
{
	static const struct settings	settings[] = { { .secure = false },
					    { .secure = true } };
	struct request			*rq = talloc_zero(NULL, struct request);

	rq->settings = &settings[secure];
	rq->now = now;
	rq->cookies = cookies;
	rq->status = 200;
	rq->headers = buf_new(rq, 64);
	rq->out = buf_new(rq, 64);
	return rq;
}

/* What the browser sends back, once `code` is remembered; below no context. */
static char *
remember(bool secure, enum receipt_how how)
{
	struct request	*rq = request(NOW, NULL, secure);
	char		*line;

	assert_int_equal(receipt_remember(rq, &form_key, RECEIPT_SUBMISSION, &code, how), OUT_OK);
	assert_int_equal(rq->status, 200);
	line = rq->headers->data;
	assert_memory_equal(line, "Set-Cookie: ", 12);
	/* it is forgotten with the browser, and hidden from scripts and other sites */
	assert_non_null(strstr(line, "; Path=/; HttpOnly; SameSite=Strict"));
	assert_null(strstr(line, "Max-Age"));
	line = talloc_strndup(NULL, line + 12, strcspn(line + 12, ";"));
	talloc_free(rq);
	return line;
}

static enum outcome
recall(const char *cookies, bool secure, const struct key *key, time_t now,
    enum receipt_how *how)
{
	struct request	*rq = request(now, cookies, secure);
	struct code	 got;
	enum outcome	 outcome = receipt_recall(rq, key, RECEIPT_SUBMISSION, &got, how);

	if (outcome == OUT_OK) {
		assert_string_equal(got.text, code.text);
		assert_memory_equal(&got.lookup, &code.lookup, KEY_LEN);
		assert_memory_equal(&got.key, &code.key, KEY_LEN);
	}
	talloc_free(rq);
	return outcome;
}

static void
test_round_trip(void **state)
{
	static const enum receipt_how	hows[] = { RECEIPT_NEW, RECEIPT_REPEATED,
					    RECEIPT_TYPED };

	(void)state;
	for (int secure = 0; secure < 2; secure++)
		for (size_t i = 0; i < sizeof(hows) / sizeof(*hows); i++) {
			char			*cookie = remember(secure, hows[i]);
			enum receipt_how	 how = 0;

			assert_memory_equal(cookie, secure ? "__Host-receipt=" :
			    "receipt=", secure ? 15 : 8);
			assert_int_equal(recall(cookie, secure, &form_key, NOW, &how),
			    OUT_OK);
			assert_int_equal(how, hows[i]);
			/* over TLS no other name will do, nor the other way round */
			assert_int_equal(recall(cookie, !secure, &form_key, NOW, &how),
			    OUT_MISSING);
			talloc_free(cookie);
		}
}

/* A cookie of one name is worth nothing under the other: it is bound to it. */
static void
test_names(void **state)
{
	char			*cookie = remember(false, RECEIPT_TYPED);
	char			*other = talloc_asprintf(cookie, RECEIPT_RSVP "%s",
				    strchr(cookie, '='));
	struct request		*rq = request(NOW, other, false);
	struct code		 got;
	enum receipt_how	 how;

	(void)state;
	assert_int_equal(receipt_recall(rq, &form_key, RECEIPT_RSVP, &got, &how), OUT_MISSING);
	assert_int_equal(receipt_recall(rq, &form_key, RECEIPT_SUBMISSION, &got, &how),
	    OUT_MISSING);
	talloc_free(rq);
	talloc_free(cookie);
}

/* What was sent from the page of another receipt. */
static void
test_mark(void **state)
{
	struct request	*rq = request(NOW, NULL, false);
	struct pair	 sent = { "shown", NULL };
	struct code	 other;

	(void)state;
	assert_int_equal(receipt_mark(rq, &form_key, &code), OUT_OK);
	assert_null(strstr(rq->shown, code.text));
	sent.value = rq->shown;
	rq->body = (struct pairs){ .at = &sent, .n = 1 };
	assert_int_equal(receipt_mark(rq, &form_key, &code), OUT_OK);
	code_new(&other);
	assert_int_equal(receipt_mark(rq, &form_key, &other), OUT_CONFLICT);
	assert_string_not_equal(rq->shown, sent.value);
	talloc_free(rq);
}

static void
test_among_others(void **state)
{
	char			*cookie = remember(false, RECEIPT_NEW);
	char			*all = talloc_asprintf(cookie, "a=b; %s; receipts=c", cookie);
	enum receipt_how	 how;

	(void)state;
	assert_int_equal(recall(all, false, &form_key, NOW, &how), OUT_OK);
	talloc_free(cookie);
}

/* Seconds after it was given. */
static const struct { time_t after; enum outcome want; } times[] = {
	{ 0,			OUT_OK },
	{ RECEIPT_SECONDS - 1,	OUT_OK },
	{ RECEIPT_SECONDS,	OUT_MISSING },
	{ RECEIPT_SECONDS + 1,	OUT_MISSING },
	{ 1000000000,		OUT_MISSING },
};

static void
test_times(void **state)
{
	char			*cookie = remember(false, RECEIPT_NEW);
	enum receipt_how	 how;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
		assert_int_equal(recall(cookie, false, &form_key, NOW + times[i].after,
		    &how), times[i].want);
	talloc_free(cookie);
}

static void
test_not_ours(void **state)
{
	static const char *const	strange[] = { NULL, "", "receipt", "receipt=",
					    "receipt=x", "receipt=AAAA",
					    "receipt=0000-0000-0000-0000-0000-0000",
					    "receipt=%41", "other=x" };
	char				*cookie = remember(false, RECEIPT_NEW);
	enum receipt_how		 how;

	(void)state;
	assert_int_equal(recall(cookie, false, &other_key, NOW, &how), OUT_MISSING);
	for (size_t i = 0; i < sizeof(strange) / sizeof(*strange); i++)
		assert_int_equal(recall(strange[i], false, &form_key, NOW, &how),
		    OUT_MISSING);
	talloc_free(cookie);
}

/*
 * Every character of the value turned into every other byte, cut off, and added to.
 * (libsodium takes any byte above ASCII for a "_": that is another spelling, no other
 * value.)
 */
static void
test_changed(void **state)
{
	char			*cookie = remember(false, RECEIPT_NEW);
	size_t			 len = strlen(cookie);
	char			*changed = talloc_size(cookie, len + 2);
	enum receipt_how	 how;

	(void)state;
	assert_int_equal(strspn(cookie + 8, base64url), len - 8);
	for (size_t at = 8; at < len; at++)
		for (int byte = 0; byte < 256; byte++) {
			if ((char)byte == cookie[at] ||
			    (cookie[at] == '_' && byte >= 0x80))
				continue;
			memcpy(changed, cookie, len + 1);
			changed[at] = (char)byte;
			if (recall(changed, false, &form_key, NOW, &how) != OUT_MISSING)
				fail_msg("byte %zu as \\x%02x", at, (unsigned)byte);
		}
	for (size_t at = 8; at < len; at++) {
		memcpy(changed, cookie, at);
		changed[at] = '\0';
		assert_int_equal(recall(changed, false, &form_key, NOW, &how),
		    OUT_MISSING);
	}
	for (const char *more = base64url; *more != '\0'; more++) {
		snprintf(changed, len + 2, "%s%c", cookie, *more);
		assert_int_equal(recall(changed, false, &form_key, NOW, &how),
		    OUT_MISSING);
	}
	talloc_free(cookie);
}

/* A key wrapped under the form key for another purpose is no receipt. */
static void
test_other_purpose(void **state)
{
	static const struct id	nobody;
	const struct key	*unders[] = { &form_key, &other_key };
	unsigned char		 wrapped[WRAP_LEN];
	struct key		 says = { { 0 } };
	char			 text[8 + 2 * WRAP_LEN] = "receipt=";
	enum receipt_how	 how;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		seal_wrap(wrapped, unders[i], &nobody, "receipt", &says);
		sodium_bin2base64(text + 8, sizeof(text) - 8, wrapped, WRAP_LEN,
		    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
		assert_int_equal(recall(text, false, &form_key, NOW, &how), OUT_MISSING);
	}
}

static void
test_says_nothing(void **state)
{
	char		*first = remember(false, RECEIPT_NEW);
	char		*second = remember(false, RECEIPT_NEW);
	unsigned char	 bytes[WRAP_LEN];
	size_t		 len;
	char		 plain[CODE_SYMBOLS + 1];
	size_t		 n = 0;

	(void)state;
	assert_string_not_equal(first, second);
	for (const char *at = code.text; *at != '\0'; at++)
		if (*at != '-')
			plain[n++] = *at;
	assert_int_equal(sodium_base642bin(bytes, sizeof(bytes), first + 8,
	    strlen(first + 8), NULL, &len, NULL,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING), 0);
	assert_int_equal(len, WRAP_LEN);
	for (size_t i = 0; i + 4 <= CODE_SYMBOLS; i += 4)
		assert_null(memmem(bytes, len, plain + i, 4));
	talloc_free(first);
	talloc_free(second);
}

static void
test_forget(void **state)
{
	struct request *rq = request(NOW, NULL, true);

	(void)state;
	receipt_forget(rq, RECEIPT_SUBMISSION);
	assert_string_equal(rq->headers->data, "Set-Cookie: __Host-receipt=; Path=/; "
	    "HttpOnly; SameSite=Strict; Max-Age=0; Secure\r\n");
	talloc_free(rq);
}

int
main(void)
{
	static const struct CMUnitTest	tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_among_others),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_other_purpose),
		cmocka_unit_test(test_says_nothing),
		cmocka_unit_test(test_forget),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
