/* plot.c: see openhall/plot.h. */
#include "openhall/plot.h"

#include "openhall/when.h"

int64_t
plot_week(int64_t at)
{
	int64_t day = when_day_of(at);
	int64_t into = (day / DAY + 3) % 7;	/* 1970 began with a Thursday */

	return day - (into < 0 ? into + 7 : into) * DAY;
}

int64_t
plot_top(const int64_t *values, size_t n)
{
	static const int64_t	round[] = { 4, 6, 8, 10, 20 };
	int64_t			most = 0, unit = 1;
	size_t			i = 0;

	for (size_t at = 0; at < n; at++) {
		if (values[at] > most)
			most = values[at];
	}
	/* Not beyond what the first of them times the unit can say. */
	while (unit < INT64_MAX / 200 && most > 20 * unit)
		unit *= 10;
	while (i < sizeof(round) / sizeof(round[0]) - 1 && round[i] * unit < most)
		i++;
	return round[i] * unit < most ? most : round[i] * unit;
}

struct plot_bar
plot_bar(size_t i, int64_t value, int64_t top)
{
	int height = (int)((double)value / (double)top * (PLOT_FLOOR - PLOT_CEILING) + .5);

	if (value > 0 && height < PLOT_LEAST)
		height = PLOT_LEAST;
	return (struct plot_bar){
		.x = (int)i * PLOT_STEP, .y = PLOT_FLOOR - height,
		.width = PLOT_BAR, .height = height,
	};
}
