/*
 * sitemap: a list of pages for search engines (sitemaps.org, 0.9).  `openhall build` writes
 * /sitemap.xml, which leads to one of the site's own pages and to those that programs make:
 * each of them of one language, below whose address everything in it must stand.
 */
#ifndef OPENHALL_SITEMAP_H
#define OPENHALL_SITEMAP_H

#include <stdint.h>

#include "openhall/buf.h"
#include "openhall/settings.h"

/* The namespace of both kinds of files. */
#define SITEMAP_NS	"http://www.sitemaps.org/schemas/sitemap/0.9"
#define SITEMAP_TYPE	"application/xml; charset=utf-8"

/* Pages in a file that a program makes, the newest of all there are: the protocol lets one have
 * 50,000 and 50 MB, in which these fit in LANGUAGES_MAX languages. */
enum { SITEMAP_MOST = 5000 };

void		 sitemap_begin(struct buf *);
void		 sitemap_end(struct buf *);

/*
 * One page, in the language number `lang`.  `paths`: where it stands in each language of the
 * site, without its prefix; NULL: not in that one.  `changed_at`: when it last changed; 0:
 * nobody knows.
 */
void		 sitemap_page(struct buf *, const struct settings *, size_t lang,
		    const char *const paths[LANGUAGES_MAX], int64_t changed_at);

/* The same where the path is one in all of them. */
void		 sitemap_same(struct buf *, const struct settings *, size_t lang,
		    const char *path, int64_t changed_at);

#endif
