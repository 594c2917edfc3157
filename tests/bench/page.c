/*
 * page.c: a page of as many bytes as its argument says, always the same.  A floor for
 * `make bench`, written by hand over libfcgi; not installed.
 */
#include <fcgiapp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
main(int argc, char *argv[])
{
	static const char	line[] = "<p>Nothing here changes, ever.</p>\n";
	size_t			size = argc == 2 ? strtoul(argv[1], NULL, 10) : 0;
	char			head[128], *page = malloc(size);
	int			len;
	FCGX_Request		rq;

	if (size == 0 || size > 1 << 20 || page == NULL ||
	    FCGX_Init() != 0 || FCGX_InitRequest(&rq, 0, 0) != 0)
		return EXIT_FAILURE;
	for (size_t i = 0; i < size; i++)
		page[i] = line[i % (sizeof(line) - 1)];
	len = snprintf(head, sizeof(head),
	    "Content-Type: text/html; charset=utf-8\r\nContent-Length: %zu\r\n"
	    "Cache-Control: no-store\r\n\r\n", size);
	while (FCGX_Accept_r(&rq) == 0) {
		FCGX_PutStr(head, len, rq.out);
		FCGX_PutStr(page, (int)size, rq.out);
		FCGX_Finish_r(&rq);
	}
	return EXIT_SUCCESS;
}
