/*
 * mail.c: the same mail, sent again and again over one connection by libcurl alone: a floor
 * for `make bench`, written by hand.  Not installed.
 *
 *	mail PORT MAILS FILE
 *
 * Prints the seconds that it took.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAIL_MOST = 256 * 1024 };

struct mail {
	size_t	len, sent;
	char	data[MAIL_MOST];
};

static size_t
more(char *to, size_t size, size_t n, void *arg)
{
	struct mail	*mail = arg;
	size_t		 len = mail->len - mail->sent;

	len = len < size * n ? len : size * n;
	memcpy(to, mail->data + mail->sent, len);
	mail->sent += len;
	return len;
}

static double
now(void)
{
	struct timespec	at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static CURLcode
send_all(CURL *easy, struct mail *mail, unsigned long n)
{
	CURLcode	got = CURLE_OK;
	char		to[64];

	for (unsigned long i = 0; got == CURLE_OK && i < n; i++) {
		struct curl_slist	*list;

		snprintf(to, sizeof(to), "reader.%lu@example.net", i);
		if ((list = curl_slist_append(NULL, to)) == NULL)
			return CURLE_OUT_OF_MEMORY;
		mail->sent = 0;
		curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, list);
		got = curl_easy_perform(easy);
		curl_slist_free_all(list);
	}
	return got;
}

int
main(int argc, char *argv[])
{
	static struct mail	 mail;
	CURL			*easy = curl_easy_init();
	FILE			*file;
	char			 url[64];
	CURLcode		 got;
	double			 since;

	if (argc != 4 || easy == NULL || (file = fopen(argv[3], "r")) == NULL) {
		fprintf(stderr, "usage: mail PORT MAILS FILE\n");
		return EXIT_FAILURE;
	}
	mail.len = fread(mail.data, 1, sizeof(mail.data), file);
	fclose(file);
	snprintf(url, sizeof(url), "smtp://127.0.0.1:%s", argv[1]);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_MAIL_FROM, "news@example.org");
	curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(easy, CURLOPT_READFUNCTION, more);
	curl_easy_setopt(easy, CURLOPT_READDATA, &mail);
	since = now();
	if ((got = send_all(easy, &mail, strtoul(argv[2], NULL, 10))) != CURLE_OK) {
		fprintf(stderr, "mail: %s\n", curl_easy_strerror(got));
		return EXIT_FAILURE;
	}
	printf("%.6f\n", now() - since);
	curl_easy_cleanup(easy);
	return EXIT_SUCCESS;
}
