/*
 * hello.c: the least that a program behind FastCGI costs.  A floor for `make bench`,
 * written by hand over libfcgi; not installed.
 */
#include <fcgiapp.h>
#include <stdlib.h>

int
main(void)
{
	static const char	answer[] = "Content-Type: text/plain\r\n"
	    "Content-Length: 6\r\nCache-Control: no-store\r\n\r\nhello\n";
	FCGX_Request		rq;

	if (FCGX_Init() != 0 || FCGX_InitRequest(&rq, 0, 0) != 0)
		return EXIT_FAILURE;
	while (FCGX_Accept_r(&rq) == 0) {
		FCGX_PutStr(answer, sizeof(answer) - 1, rq.out);
		FCGX_Finish_r(&rq);
	}
	return EXIT_SUCCESS;
}
