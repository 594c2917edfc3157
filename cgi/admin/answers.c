/*
 * answers.c: opening what was sealed to a desk.
 */
#include <string.h>

#include "admin.h"

enum outcome
answers_key(const struct key *desk_secret, const struct id *id,
    struct bytes sealed, struct key *content)
{
	return sealed.len == 0 ? OUT_MISSING :
	    seal_from(content, desk_secret, id, sealed);
}

const struct form *
answers_form(struct request *rq, const struct desk *desk)
{
	const struct office *office = rq->app->own;

	return intake_form(rq, office->intakes[desk - desks]);
}

enum outcome
answers_open(struct request *rq, const struct desk *desk,
    const struct key *content, const struct id *id, struct bytes body,
    struct form_answers **answers, struct pairs *strays)
{
	return answers_open_as(rq, desk, content, id, "answers", body, answers,
	    strays);
}

enum outcome
answers_open_as(struct request *rq, const struct desk *desk,
    const struct key *content, const struct id *id, const char *word,
    struct bytes body, struct form_answers **answers, struct pairs *strays)
{
	struct bytes	text;
	enum outcome	got;

	if (body.len == 0)
		return OUT_MISSING;
	if ((got = seal_open(rq, content, id, word, body, &text)) != OUT_OK)
		return got;
	return form_load(rq, answers_form(rq, desk), text.data, text.len,
	    answers, strays);
}

const char *
answers_value(const struct form_answers *answers, const char *name)
{
	for (size_t i = 0; i < answers->form->n_fields; i++) {
		if (strcmp(answers->form->fields[i].name, name) == 0)
			return answers->values[i][0];
	}
	return NULL;
}

const char *
answers_name(const struct form_answers *answers)
{
	const char *name = answers_value(answers, "name");

	return name != NULL && *name != '\0' ? name : NULL;
}
