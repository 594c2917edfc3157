/*
 * answers.c: opening what was sealed to a desk.
 */
#include "admin.h"

enum outcome
answers_key(const struct key *desk_secret, const struct id *id,
    struct bytes sealed, struct key *content)
{
	return sealed.len == 0 ? OUT_MISSING :
	    seal_from(content, desk_secret, id, sealed);
}

enum outcome
answers_open(struct request *rq, const struct key *content,
    const struct id *id, struct bytes body, struct form_answers **answers,
    struct pairs *strays)
{
	const struct office	*office = rq->app->own;
	struct bytes		 text;
	enum outcome		 got;

	if (body.len == 0)
		return OUT_MISSING;
	if ((got = seal_open(rq, content, id, "answers", body, &text)) != OUT_OK)
		return got;
	return form_load(rq, office->join, text.data, text.len, answers, strays);
}
