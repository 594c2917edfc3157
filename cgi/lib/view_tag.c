/*
 * view_tag.c: the tags in a template.
 */
#include "view.h"

#include <string.h>

/* A tag alone on its line takes the line with it, so that it leaves no empty one. */
static void
take_line(struct tag *tag, const char *text)
{
	const char	*from = tag->from, *to = tag->to;

	while (from > text && (from[-1] == ' ' || from[-1] == '\t'))
		from--;
	to += strspn(to, " \t\r");
	if ((from > text && from[-1] != '\n') || (*to != '\n' && *to != '\0'))
		return;
	tag->from = from;
	tag->to = *to == '\n' ? to + 1 : to;
}

static const char *
check_name(const struct tag *tag)
{
	static const char	 letters[] = "-abcdefghijklmnopqrstuvwxyz0123456789_";
	bool			 file = tag->kind == '<' || tag->kind == '>';
	size_t			 ending = file ? strlen(".html") : 0;
	size_t			 len = strspn(tag->name, file ? letters : letters + 1);

	if (tag->name[0] >= 'a' && tag->name[0] <= 'z' &&
	    len + ending == (size_t)tag->len &&
	    strncmp(tag->name + len, ".html", ending) == 0)
		return NULL;
	return file ? "no file.html within the braces" : "no name within the braces";
}

bool
tag_is_named(const struct tag *tag, const char *name, int len)
{
	return tag->len == len && strncmp(tag->name, name, (size_t)len) == 0;
}

const char *
tag_next(struct part *part, struct tag *tag)
{
	const char	*begin, *end;

	*tag = (struct tag){ .from = part->end, .to = part->end, .begin = part->end };
	begin = memmem(part->at, (size_t)(part->end - part->at), "{{", 2);
	if (begin == NULL) {
		part->at = part->end;
		return NULL;
	}
	*tag = (struct tag){ .kind = 'v', .name = begin + 2, .begin = begin, .from = begin };
	end = memmem(tag->name, (size_t)(part->end - tag->name), "}}", 2);
	if (end == NULL)
		return "\"{{\" without \"}}\"";
	if (strchr("#^/<>$!_", *tag->name) != NULL)
		tag->kind = *tag->name++;
	tag->len = (int)(end - tag->name);
	tag->to = end + 2;
	if (tag->kind != 'v' && tag->kind != '_')
		take_line(tag, part->in->text);
	part->at = tag->to;
	if (tag->kind == '!' || (tag->kind == '_' && tag->len == 0) ||
	    (tag->kind == '/' && tag_is_named(tag, "_", 1)))
		return NULL;
	return check_name(tag);
}
