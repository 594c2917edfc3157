/* notice.c: see openhall/notice.h. */
#include "openhall/notice.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

bool
notice_start(struct sealer *sealer, const struct settings *settings)
{
	if (!mail_goes(settings))
		return false;
	mail_start(sealer, settings);
	return true;
}

/* What was chosen at the question `name`, or NULL. */
static const char *
choice(const struct form_answers *answers, const char *name)
{
	const struct form	*form = answers->form;

	for (size_t i = 0; i < form->n_fields; i++)
		if (form->fields[i].kind == FIELD_ONE &&
		    strcmp(form->fields[i].name, name) == 0)
			return answers->values[i][0];
	return NULL;
}

const char *
notice_address(const struct form_answers *answers)
{
	const struct form	*form = answers->form;
	const char		*reach = choice(answers, "reach");

	if (reach != NULL && strcmp(reach, "email") != 0)
		return NULL;
	for (size_t i = 0; i < form->n_fields; i++) {
		const char	*typed = answers->values[i][0];

		if (form->fields[i].kind == FIELD_EMAIL && typed != NULL &&
		    mail_is_address(typed))
			return typed;
	}
	return NULL;
}

static const char *
language(const struct form_answers *answers, const char *lang)
{
	const struct settings	*settings = answers->form->settings;
	const char		*chosen = choice(answers, "language");

	if (chosen != NULL && settings_words(settings, chosen) != NULL)
		return chosen;
	return answers->lang != NULL && settings_words(settings, answers->lang) != NULL ?
	    answers->lang : lang;
}

enum outcome
notice_add(struct db *db, struct sealer *sealer, int64_t now,
    const struct form_answers *answers, const char *lang, const struct key *own,
    enum mail_kind kind, int64_t number, const char *code)
{
	const char	*address = notice_address(answers);
	char		 what[64];
	struct key	 derived;
	struct id	 id;
	enum outcome	 got;

	if (address == NULL)
		return OUT_OK;
	snprintf(what, sizeof(what), "%s %" PRId64, mail_kind_names[kind], number);
	seal_derive(&derived, own, "notice", what, strlen(what));
	memcpy(id.at, derived.at, ID_LEN);
	sodium_memzero(&derived, sizeof(derived));
	got = mail_add(db, sealer, now, &id, kind, language(answers, lang), address, code);
	return got == OUT_CONFLICT ? OUT_OK : got;
}
