/*
 * dashboard.c: the first page of the back office: what waits for the one who is logged in, what
 * came in week by week, and whether the portal is well.
 */
#include <talloc.h>

#include "dashboard.h"
#include "lists.h"

enum { D_SERVES, D_ALARM, D_WAITS, D_WAITING, D_BEGINS, D_STEPS, D_COUNTED, D_WEEKS,
	D_HEALTH, D__COUNT };

static const struct view_name dashboard_names[] = {
	[D_SERVES] = { "serves", NULL },	/* at a desk */
	[D_ALARM] = { "alarm", NULL },		/* what is wrong with the courier */
	[D_WAITS] = { "waits", NULL },
	[D_WAITING] = { "waiting", waiting_names },
	[D_BEGINS] = { "begins", NULL },
	[D_STEPS] = { "steps", step_names },
	[D_COUNTED] = { "counted", NULL },	/* at a desk where something is */
	[D_WEEKS] = { "weeks", weeks_names },
	[D_HEALTH] = { "health", health_names },
	[D__COUNT] = { NULL, NULL }
};

void
dashboard_start(struct app *app)
{
	struct office *office = app->own;

	page_compile(office, app->settings, &office->dashboard, "dashboard.html",
	    dashboard_names);
}

bool
dashboard_serves(const struct request *rq, size_t i)
{
	return (rq->session->desks & 1u << i) != 0;
}

const char *
dashboard_count(struct request *rq, int64_t n)
{
	return n > LIST_COUNTED ? talloc_asprintf(rq, "%d+", LIST_COUNTED) :
	    talloc_asprintf(rq, "%lld", (long long)n);
}

enum outcome
dashboard_show(struct request *rq)
{
	const struct office	*office = rq->app->own;
	const bool		 serves = rq->session->desks != 0;
	bool			 waits = false, begins = false, counted = false;
	const char		*alarm = NULL;
	struct view		*v = view_new(rq, dashboard_names);
	enum outcome		 got;

	if (serves && ((got = waiting_part(rq, v, D_WAITING, &waits)) != OUT_OK ||
	    (got = steps_part(rq, v, D_STEPS, &begins)) != OUT_OK ||
	    (got = weeks_part(rq, v, D_WEEKS, &counted)) != OUT_OK ||
	    (got = health_part(rq, v, D_HEALTH, &alarm)) != OUT_OK))
		return got;
	view_flag(v, D_SERVES, serves);
	view_text(v, D_ALARM, alarm);
	view_flag(v, D_WAITS, waits);
	view_flag(v, D_BEGINS, begins);
	view_flag(v, D_COUNTED, counted);
	return page_send(rq, &office->dashboard, v, 200);
}
