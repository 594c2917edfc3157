/*
 * plot: numbers, week by week, as bars.  Only where the bars stand is worked out here; a template
 * draws them as SVG.
 */
#ifndef OPENHALL_PLOT_H
#define OPENHALL_PLOT_H

#include <stddef.h>
#include <stdint.h>

/* In units of the drawing, down from its upper edge and along from its left. */
enum {
	PLOT_CEILING = 8,	/* where a bar as high as the top ends */
	PLOT_FLOOR = 96,	/* where all begin */
	PLOT_STEP = 11,		/* from one to the next */
	PLOT_BAR = 8,
	PLOT_LEAST = 2		/* the height of one, however much higher others are */
};

enum { WEEK = 7 * 86400 };	/* seconds */

struct plot_bar { int x, y, width, height; };

/* The midnight (UTC) of the Monday on or before `at`. */
int64_t		 plot_week(int64_t at);

/* The round number up to which a plot of these goes: at least 4, even, and not less than any
 * of them.  `values` are not negative. */
int64_t		 plot_top(const int64_t *values, size_t n);

/* Bar `i`, of this value; no height when it is zero.  `top` is not less than it. */
struct plot_bar	 plot_bar(size_t i, int64_t value, int64_t top);

#endif
