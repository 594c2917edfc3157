/*
 * view.c: values, and a page made of them.
 */
#include "view.h"

#include <stdio.h>
#include <string.h>

#include <talloc.h>

const struct view_name	view_as_markup[] = { { NULL, NULL } };

/* What one name stands for: a text or markup or, where names say so, a list of rows. */
union value {
	const char	*text;
	struct { struct view *first, *last; } rows;
};

struct view {
	const struct view_name	*names;
	struct view		*page;		/* the outermost: remembers a failure */
	struct view		*next;		/* row of the same list */
	size_t			 n;
	bool			 failed;
	union value		 at[];
};

static struct view *
make(const void *ctx, const struct view_name *names)
{
	struct view	*view;
	size_t		 n = 0;

	while (names != NULL && names[n].name != NULL)
		n++;
	view = talloc_zero_size(ctx, sizeof(*view) + n * sizeof(*view->at));
	if (view == NULL)
		return NULL;
	view->names = names;
	view->page = view;
	view->n = n;
	return view;
}

struct view *
view_new(const void *ctx, const struct view_name *names)
{
	return make(ctx, names);
}

enum view_kind
view_kind(const struct view_name *name)
{
	return name->rows == NULL ? VIEW_TEXT :
	    name->rows == VIEW_MARKUP ? VIEW_HTML : VIEW_LIST;
}

/* Value `i`, which must be of this kind; or NULL.  A wrong index is our bug: the page
 * fails as a whole. */
static union value *
value_at(struct view *view, size_t i, enum view_kind kind)
{
	if (view == NULL)
		return NULL;
	if (i < view->n && view_kind(&view->names[i]) == kind)
		return &view->at[i];
	view->page->failed = true;
	return NULL;
}

void
view_text(struct view *view, size_t i, const char *text)
{
	union value	*value = value_at(view, i, VIEW_TEXT);

	if (value != NULL)
		value->text = text;
}

void
view_markup(struct view *view, size_t i, struct markup markup)
{
	union value	*value = value_at(view, i, VIEW_HTML);

	if (value != NULL)
		value->text = markup.html;
}

void
view_flag(struct view *view, size_t i, int on)
{
	view_text(view, i, on ? "1" : NULL);
}

void
view_number(struct view *view, size_t i, long long n)
{
	char	*text = view == NULL ? NULL : talloc_asprintf(view, "%lld", n);

	view_text(view, i, text);
	if (view != NULL && text == NULL)
		view->page->failed = true;
}

struct view *
view_row(struct view *view, size_t i)
{
	union value	*value = value_at(view, i, VIEW_LIST);
	struct view	*row;

	if (value == NULL)
		return NULL;
	if ((row = make(view, view->names[i].rows)) == NULL) {
		view->page->failed = true;
		return NULL;
	}
	row->page = view->page;
	if (value->rows.first == NULL)
		value->rows.first = row;
	else
		value->rows.last->next = row;
	value->rows.last = row;
	return row;
}

/* Whether `view` may stand where a template was compiled for `names`. */
static bool
fits(const struct view *view, const struct view_name *names)
{
	if (names == NULL)
		return view == NULL || !view->failed;
	return view != NULL && view->names == names && !view->failed;
}

/* Whether a value says something. */
static bool
says(const struct view *view, size_t i)
{
	if (view_kind(&view->names[i]) == VIEW_LIST)
		return view->at[i].rows.first != NULL;
	return view->at[i].text != NULL && *view->at[i].text != '\0';
}

enum outcome
template_render(const struct template *template, const struct view *outer,
    const struct view *page, struct buf *to)
{
	const struct view	*frames[VIEW_FRAMES] = { outer, page };
	const struct step	*steps = template->steps, *step, *next = steps;
	size_t			 mark = 0;

	if (!fits(outer, template->outer) || !fits(page, template->names))
		return OUT_FAULT;
	for (;;) {
		const struct view	*frame;

		step = next++;
		frame = frames[step->frame];
		buf_add(to, template->literals + step->literal, step->len);
		switch ((enum step_kind)step->kind) {
		case STEP_END:
			return to->failed ? OUT_FAULT : OUT_OK;
		case STEP_LITERAL:
			break;
		case STEP_TEXT:
			escape_text(to, frame->at[step->index].text);
			break;
		case STEP_MARKUP:
			buf_str(to, frame->at[step->index].text);
			break;
		case STEP_MARK:
			mark = to->len;
			break;
		case STEP_URL:
			escape_text(to, frame->at[step->index].text);
			escape_settle(to, mark);
			break;
		case STEP_PATH:
			escape_path(to, frame->at[step->index].text);
			break;
		case STEP_COMPONENT:
			escape_component(to, frame->at[step->index].text);
			break;
		case STEP_IF:
			if (!says(frame, step->index))
				next = steps + step->jump;
			break;
		case STEP_UNLESS:
			if (says(frame, step->index))
				next = steps + step->jump;
			break;
		case STEP_EACH:
			frames[step->rows] = frame->at[step->index].rows.first;
			if (frames[step->rows] == NULL)
				next = steps + step->jump;
			break;
		case STEP_NEXT:
			frames[step->frame] = frame->next;
			if (frame->next != NULL)
				next = steps + step->jump;
			break;
		}
	}
}
