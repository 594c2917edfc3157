/*
 * words.c: what a state means to who holds the receipt.  It says what is known and
 * promises nothing.
 */
#include <string.h>

#include "holder.h"
#include "openhall/text.h"

/* The first that fits counts.  `kind` NULL: any. */
static const struct {
	int		 desk;
	const char	*kind, *state, *said, *more;
	bool		 good;
} table[] = {
	{ DESK_MEMBERSHIP, NULL, "accepted",
	    N_("You are welcome with us: your application was accepted."),
	    N_("Somebody will write or call in the way you asked for."), true },
	{ DESK_MEMBERSHIP, NULL, "declined",
	    N_("Your application was not accepted this time."),
	    N_("That is not a judgement of you. You may apply again, and "
	    "supporters are always needed."), false },

	{ DESK_SUPPORTERS, NULL, "accepted",
	    N_("Thank you: you are one of our supporters now."),
	    N_("We write to you only about what you chose."), true },
	{ DESK_SUPPORTERS, NULL, "declined",
	    N_("Your sign-up was not accepted this time."),
	    N_("That is not a judgement of you. You may sign up again."), false },

	{ DESK_AID, "offer", "offered",
	    N_("Received, and thank you. A coordinator will look at it."),
	    N_("You hear from us here when somebody needs what you offer."), false },
	{ DESK_AID, NULL, "needed",
	    N_("Received. A coordinator will look at it."),
	    N_("What they answer stands on this page. If something changes, write "
	    "to them below."), false },
	{ DESK_AID, "offer", "started",
	    N_("A coordinator is looking for where your offer is needed."),
	    NULL, false },
	{ DESK_AID, NULL, "started",
	    N_("A coordinator is looking for help."),
	    N_("Nothing is certain yet. If something changes, write to them below."),
	    false },
	{ DESK_AID, NULL, "noanswer",
	    N_("We tried to reach you."),
	    N_("There was no answer. Write below how and when it works best, or "
	    "answer here."), false },
	{ DESK_AID, "offer", "delivery",
	    N_("What you offered is to be brought to somebody."), NULL, false },
	{ DESK_AID, NULL, "delivery",
	    N_("There is something for you, and it still has to be brought."),
	    N_("Write below when somebody can be there, if you have not said so "
	    "yet."), false },
	{ DESK_AID, NULL, "assigned",
	    N_("A coordinator has taken this on."),
	    N_("If something changes, write to them below."), false },
	{ DESK_AID, "offer", "complete",
	    N_("This is settled. Thank you for what you gave."), NULL, true },
	{ DESK_AID, NULL, "complete",
	    N_("This is settled."),
	    N_("If something is still missing, write below or ask again."), true },
	{ DESK_AID, NULL, "duplicate",
	    N_("We had this already, so we go on with the other one."),
	    N_("Its own code shows how it stands. If the two are not the same, "
	    "write below."), false },
	{ DESK_AID, NULL, "outofarea",
	    N_("We are sorry: this is outside the area that we reach."),
	    N_("If you know of another place where it would work, write below."),
	    false },
	{ DESK_AID, "offer", "passedon",
	    N_("We passed your offer on to others who may need it."),
	    N_("Their answer does not come through this page. Write below if you "
	    "do not hear from them."), false },
	{ DESK_AID, NULL, "passedon",
	    N_("We passed this on to others who may be able to help."),
	    N_("Their answer does not come through this page. Write below if you "
	    "do not hear from them."), false },
};

struct words
words_of(const struct site_words *words, const struct desk *desk,
    const char *kind, const char *state)
{
	struct words out = { .said = NULL };

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (&desks[table[i].desk] != desk ||
		    strcmp(table[i].state, state) != 0 ||
		    (table[i].kind != NULL && strcmp(table[i].kind, kind) != 0))
			continue;
		out.said = text_in(words, table[i].said);
		if (table[i].more != NULL)
			out.more = text_in(words, table[i].more);
		out.good = table[i].good;
		break;
	}
	return out;
}

const char *
words_readers(const struct site_words *words, const struct desk *desk)
{
	static const char *const readers[INTAKES] = {
		[DESK_MEMBERSHIP] = N_("The reviewers of applications read this, "
		    "and nobody else."),
		[DESK_SUPPORTERS] = N_("Those who look after our supporters read "
		    "this, and nobody else."),
		[DESK_AID] = N_("The coordinators of mutual aid read this, and "
		    "nobody else."),
	};

	return text_in(words, readers[desk - desks]);
}
