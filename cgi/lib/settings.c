/* settings.c: see openhall/settings.h. */
#include "openhall/settings.h"

#include <confuse.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "openhall/log.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc/openhall"
#endif

/* libconfuse and the validators report through this. */
static void	 complain(cfg_t *, const char *fmt, va_list)
		    __attribute__((format(printf, 2, 0)));

static void
complain(cfg_t *cfg, const char *fmt, va_list ap)
{
	char reason[512];

	vsnprintf(reason, sizeof(reason), fmt, ap);
	log_stop("%s:%d: %s", cfg->filename, cfg->line, reason);
}

struct range { const char *name; long least, most; };

/* A validator: the number must lie in the range of its name. */
static int
check_range(cfg_t *cfg, cfg_opt_t *opt)
{
	static const struct range ranges[] = {
		{ "reviewers", 1, 99 },
		{ "quorum", 1, 99 },
		{ "favour", 1, 99 },
		{ "block", 1, 99 },
		{ "days", 1, 365 },
		{ "least_seconds", 0, 60 },
		{ "greatest_hours", 1, 168 },
		{ "floor", 2, 99 },
		{ "remind_days", 1, 90 },
		{ "ask_days", 1, 365 },
		{ "sink_days", 1, 90 },
		{ "remind_hours", 1, 168 },
		{ "spool_megabytes", 1, 4096 },
		{ "rate", 1, 36000000 },
		{ "connections", 1, 8 },
		{ "join", 0, 999 },
		{ "support", 0, 999 },
		{ "events", 0, 999 },
		{ "aid", 0, 999 },
		{ "units", 0, 999 },
		{ "statements", 0, 999 },
		{ "receipt", 0, 999 },
	};
	long got = cfg_opt_getnint(opt, cfg_opt_size(opt) - 1);

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		const struct range *r = &ranges[i];

		if (strcmp(r->name, opt->name) == 0 &&
		    (got < r->least || got > r->most)) {
			cfg_error(cfg, "%s must be from %ld to %ld, not %ld",
			    opt->name, r->least, r->most, got);
			return -1;
		}
	}
	return 0;
}

/* A validator: "http" or "https", a host, perhaps a port, and nothing behind it. */
static int
check_origin(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *origin = cfg_opt_getnstr(opt, 0), *host = strstr(origin, "://");

	if ((strncmp(origin, "http://", 7) == 0 ||
	    strncmp(origin, "https://", 8) == 0) && host[3] != '\0' &&
	    strpbrk(host + 3, "/ ?#@\r\n\"<>") == NULL)
		return 0;
	cfg_error(cfg, "origin is to be like https://example.org, not %s", origin);
	return -1;
}

/* A validator: "smtp" or "smtps", a host, perhaps a port, and nothing behind it. */
static int
check_server(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *server = cfg_opt_getnstr(opt, 0), *host = strstr(server, "://");

	if ((strncmp(server, "smtp://", 7) == 0 ||
	    strncmp(server, "smtps://", 8) == 0) && host[3] != '\0' &&
	    strpbrk(host + 3, "/ ?#@\r\n\"<>") == NULL)
		return 0;
	cfg_error(cfg, "server is to be like smtps://mail.example.org, not %s", server);
	return -1;
}

/* A validator: roughly an address; courier looks closer. */
static int
check_from(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *from = cfg_opt_getnstr(opt, 0), *at = strchr(from, '@');

	if (at != NULL && at > from && at[1] != '\0' &&
	    strpbrk(from, " \t\r\n<>,\"") == NULL)
		return 0;
	cfg_error(cfg, "from is to be like news@example.org, not %s", from);
	return -1;
}

/* A validator: where a hole is reported (RFC 9116, 2.5.3): a mail address, a page, a number. */
static int
check_contact(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *contact = cfg_opt_getnstr(opt, 0);

	if ((strncmp(contact, "mailto:", 7) == 0 || strncmp(contact, "https://", 8) == 0 ||
	    strncmp(contact, "tel:", 4) == 0) && contact[strcspn(contact, " \t\r\n")] == '\0')
		return 0;
	cfg_error(cfg, "contact is to be like mailto:security@example.org, not %s", contact);
	return -1;
}

/* A validator: whether every admin must have a second factor. */
static int
check_factor(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *got = cfg_opt_getnstr(opt, 0);

	if (strcmp(got, "optional") == 0 || strcmp(got, "required") == 0)
		return 0;
	cfg_error(cfg, "second_factor must be optional or required, not %s", got);
	return -1;
}

/* Blank what # begins: libconfuse 3.3 counts a comment as three lines, and its messages would
 * name a wrong one. */
static void
blank_comments(char *at)
{
	char quote = '\0';

	for (; *at != '\0'; at++) {
		if (quote != '\0') {
			if (*at == '\\' && at[1] != '\0')
				at++;
			else if (*at == quote)
				quote = '\0';
		} else if (*at == '"' || *at == '\'') {
			quote = *at;
		} else if (*at == '#') {
			for (; at[0] != '\0' && at[0] != '\n'; at++)
				*at = ' ';
			at--;
		}
	}
}

/* libconfuse takes the end of the file for the end of a section. */
static void
check_closed(const char *path, const char *at)
{
	char	quote = '\0';
	int	line = 1, depth = 0, opened = 0;

	for (; *at != '\0'; at++) {
		if (*at == '\n')
			line++;
		if (*at == '\\' && quote != '\0' && at[1] != '\0')
			at++;
		else if (quote != '\0')
			quote = *at == quote ? '\0' : quote;
		else if (*at == '"' || *at == '\'')
			quote = *at;
		else if (*at == '{' && depth++ == 0)
			opened = line;
		else if (*at == '}')
			depth--;
	}
	if (quote == '\0' && depth > 0)
		log_stop("%s:%d: the section that begins here is not closed",
		    path, opened);
}

/* `path`'s text, to be closed and freed. */
static FILE *
open_text(const char *path, char **text)
{
	size_t	 size = 0;
	FILE	*file = fopen(path, "re"), *memory;

	*text = NULL;
	/* All up to the end: text holds no NUL. */
	if (file == NULL || (getdelim(text, &size, '\0', file) < 0 && !feof(file)))
		log_stop("%s: %s", path, strerror(errno));
	if (!feof(file))
		log_stop("%s: is not text", path);
	if (ftell(file) == 0)
		log_stop("%s: is empty", path);
	fclose(file);
	blank_comments(*text);
	check_closed(path, *text);
	if ((memory = fmemopen(*text, strlen(*text), "r")) == NULL)
		log_stop("no memory");
	return memory;
}

/* `ranged`: the numbers to be held against their ranges, ended by NULL. */
static cfg_t *
parse(cfg_opt_t *opts, const char *path, const char *const *ranged)
{
	cfg_t	*cfg = cfg_init(opts, CFGF_NONE);
	char	*text;
	FILE	*file;

	if (cfg == NULL || (cfg->filename = strdup(path)) == NULL)
		log_stop("%s: no memory", path);
	/* A section of which there is one does not learn the file's name. */
	for (cfg_opt_t *opt = cfg->opts; opt->name != NULL; opt++) {
		if (opt->type == CFGT_SEC && cfg_opt_size(opt) > 0 &&
		    (cfg_opt_getnsec(opt, 0)->filename = strdup(path)) == NULL)
			log_stop("%s: no memory", path);
	}
	cfg_set_error_function(cfg, complain);
	cfg_set_validate_func(cfg, "origin", check_origin);
	cfg_set_validate_func(cfg, "second_factor", check_factor);
	cfg_set_validate_func(cfg, "security|contact", check_contact);
	cfg_set_validate_func(cfg, "mail|server", check_server);
	cfg_set_validate_func(cfg, "mail|from", check_from);
	for (; *ranged != NULL; ranged++)
		cfg_set_validate_func(cfg, *ranged, check_range);
	file = open_text(path, &text);
	if (cfg_parse_fp(cfg, file) != CFG_SUCCESS)
		log_stop("%s: cannot be read", path);
	fclose(file);
	free(text);
	return cfg;
}

static const char *
need(cfg_t *cfg, const char *file, const char *name)
{
	const char *got = cfg_getstr(cfg, name);

	if (got == NULL || *got == '\0')
		log_stop("%s: %s is missing", file, name);
	return got;
}

static void
read_rule(cfg_t *cfg, const char *file, const char *name, struct rule *rule)
{
	cfg_t *sec = cfg_gettsec(cfg, "rule", name);

	if (sec == NULL)
		log_stop("%s: rule %s is missing", file, name);
	*rule = (struct rule){
		.reviewers = (unsigned)cfg_getint(sec, "reviewers"),
		.quorum = (unsigned)cfg_getint(sec, "quorum"),
		.favour = (unsigned)cfg_getint(sec, "favour"),
		.block = (unsigned)cfg_getint(sec, "block"),
		.days = (unsigned)cfg_getint(sec, "days"),
	};
	/* An electorate of the least size must be able to accept and to decline. */
	if (rule->quorum > rule->reviewers || rule->favour > rule->reviewers ||
	    rule->block > rule->reviewers)
		log_stop("%s: rule %s: quorum, favour and block may not be more "
		    "than reviewers (%u)", file, name, rule->reviewers);
}

/* As nginx knows it in an address: two letters, and perhaps a hyphen and more of them. */
static bool
is_language(const char *text)
{
	static const char	letters[] = "abcdefghijklmnopqrstuvwxyz";
	const size_t		len = strlen(text);

	return len <= 8 && strspn(text, letters) == 2 && (len == 2 || (text[2] == '-' &&
	    len > 3 && strspn(text + 3, letters) == len - 3));
}

static void
read_words(struct settings *s, cfg_t *cfg, const char *file)
{
	size_t			 n = cfg_size(cfg, "language");
	struct site_words	*words;

	if (n == 0 || n > LANGUAGES_MAX)
		log_stop("%s: a site has from 1 to %d languages, not %zu", file,
		    LANGUAGES_MAX, n);
	if ((words = talloc_zero_array(s, struct site_words, n)) == NULL)
		log_stop("no memory");
	for (size_t i = 0; i < n; i++) {
		cfg_t		*sec = cfg_getnsec(cfg, "language", (unsigned)i);
		const char	*lang = cfg_title(sec);

		if (!is_language(lang))
			log_stop("%s: language %s is not one (like \"en\" or "
			    "\"pt-br\")", file, lang);
		words[i] = (struct site_words){
			.lang = lang,
			.lang_name = need(sec, file, "lang_name"),
			.name = need(sec, file, "name"),
			.tagline = need(sec, file, "tagline"),
			.zone_name = cfg_getstr(sec, "zone_name"),
			.prefix = i == 0 ? "" :
			    talloc_asprintf(words, "/%s", lang),
		};
		if (words[i].prefix == NULL)
			log_stop("no memory");
	}
	s->words = words;
	s->n_words = n;
}

/* [a-z][a-z0-9-]*, at most 32: it stands in addresses and in the store. */
static bool
is_slug(const char *text)
{
	const size_t len = strlen(text);

	return *text >= 'a' && *text <= 'z' && len <= AREA_SLUG_MAX &&
	    strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static void
read_areas(struct settings *s, cfg_t *cfg, const char *file)
{
	size_t		 n = cfg_size(cfg, "area");
	struct area	*areas;

	if (n > AREAS_MAX)
		log_stop("%s: a site has at most %d areas, not %zu", file,
		    AREAS_MAX, n);
	if ((areas = talloc_zero_array(s, struct area, n)) == NULL)
		log_stop("no memory");
	for (size_t i = 0; i < n; i++) {
		cfg_t *sec = cfg_getnsec(cfg, "area", (unsigned)i);

		areas[i].slug = cfg_title(sec);
		if (!is_slug(areas[i].slug))
			log_stop("%s: area %s is not one (like \"old-town\", at "
			    "most %d characters)", file, areas[i].slug,
			    AREA_SLUG_MAX);
		areas[i].name = cfg_getstr(sec, "name");
		if (areas[i].name == NULL || *areas[i].name == '\0')
			log_stop("%s: area %s: name is missing", file,
			    areas[i].slug);
	}
	s->areas = areas;
	s->n_areas = n;
}

static void
read_site(struct settings *s, const char *path)
{
	cfg_opt_t rule[] = {
		CFG_INT("reviewers", 2, CFGF_NONE),
		CFG_INT("quorum", 2, CFGF_NONE),
		CFG_INT("favour", 2, CFGF_NONE),
		CFG_INT("block", 1, CFGF_NONE),
		CFG_INT("days", 21, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t language[] = {
		CFG_STR("lang_name", NULL, CFGF_NONE),
		CFG_STR("name", NULL, CFGF_NONE),
		CFG_STR("tagline", NULL, CFGF_NONE),
		CFG_STR("zone_name", NULL, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t form[] = {
		CFG_INT("least_seconds", 3, CFGF_NONE),
		CFG_INT("greatest_hours", 24, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t area[] = {
		CFG_STR("name", NULL, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t aid[] = {
		CFG_INT("remind_days", 7, CFGF_NONE),
		CFG_INT("ask_days", 14, CFGF_NONE),
		CFG_INT("sink_days", 7, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t events[] = {
		CFG_INT("remind_hours", 24, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t menu[] = {
		[MENU_JOIN] = CFG_INT("join", 10, CFGF_NONE),
		[MENU_SUPPORT] = CFG_INT("support", 20, CFGF_NONE),
		[MENU_EVENTS] = CFG_INT("events", 30, CFGF_NONE),
		[MENU_AID] = CFG_INT("aid", 40, CFGF_NONE),
		[MENU_UNITS] = CFG_INT("units", 50, CFGF_NONE),
		[MENU_STATEMENTS] = CFG_INT("statements", 60, CFGF_NONE),
		[MENU_RECEIPT] = CFG_INT("receipt", 90, CFGF_NONE),
		[MENU__COUNT] = CFG_END()
	};
	cfg_opt_t security[] = {
		CFG_STR("contact", NULL, CFGF_NONE),
		CFG_INT("days", 180, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t opts[] = {
		CFG_STR("origin", NULL, CFGF_NONE),
		CFG_SEC("menu", menu, CFGF_NONE),
		CFG_SEC("security", security, CFGF_NONE),
		CFG_STR("zone", "UTC", CFGF_NONE),
		CFG_INT("floor", 3, CFGF_NONE),
		CFG_STR("second_factor", "optional", CFGF_NONE),
		CFG_SEC("form", form, CFGF_NONE),
		CFG_SEC("aid", aid, CFGF_NONE),
		CFG_SEC("events", events, CFGF_NONE),
		CFG_SEC("area", area, CFGF_MULTI | CFGF_TITLE |
		    CFGF_NO_TITLE_DUPES),
		CFG_SEC("rule", rule, CFGF_MULTI | CFGF_TITLE |
		    CFGF_NO_TITLE_DUPES),
		CFG_SEC("language", language, CFGF_MULTI | CFGF_TITLE |
		    CFGF_NO_TITLE_DUPES),
		CFG_END()
	};
	static const char *const ranged[] = { "rule|reviewers", "rule|quorum",
	    "rule|favour", "rule|block", "rule|days", "form|least_seconds",
	    "form|greatest_hours", "floor", "aid|remind_days", "aid|ask_days",
	    "aid|sink_days", "events|remind_hours",
	    "menu|join", "menu|support", "menu|events", "menu|aid", "menu|units",
	    "menu|statements", "menu|receipt", "security|days", NULL };
	cfg_t *cfg = parse(opts, path, ranged);	/* kept: its texts are used */

	if (s->origin == NULL)
		s->origin = need(cfg, path, "origin");
	s->form_least = (unsigned)cfg_getint(cfg, "form|least_seconds");
	s->form_greatest = 3600 * (unsigned)cfg_getint(cfg,
	    "form|greatest_hours");
	s->floor = (unsigned)cfg_getint(cfg, "floor");
	s->zone = need(cfg, path, "zone");
	s->rsvp_remind_hours = (unsigned)cfg_getint(cfg, "events|remind_hours");
	s->second_factor = strcmp(cfg_getstr(cfg, "second_factor"),
	    "required") == 0;
	s->remind_days = (unsigned)cfg_getint(cfg, "aid|remind_days");
	s->ask_days = (unsigned)cfg_getint(cfg, "aid|ask_days");
	s->sink_days = (unsigned)cfg_getint(cfg, "aid|sink_days");
	read_rule(cfg, path, "membership", &s->membership);
	read_rule(cfg, path, "supporters", &s->supporters);
	read_rule(cfg, path, "statements", &s->statements);
	for (int i = 0; i < MENU__COUNT; i++)
		s->menu[i] = (unsigned)cfg_getint(cfg_getsec(cfg, "menu"), menu[i].name);
	s->security_contact = cfg_getstr(cfg, "security|contact");
	s->security_days = (unsigned)cfg_getint(cfg, "security|days");
	read_areas(s, cfg, path);
	read_words(s, cfg, path);
}

static void
read_mail(struct settings *s, cfg_t *cfg, const char *file)
{
	s->mail_server = cfg_getstr(cfg, "mail|server");
	s->mail_user = cfg_getstr(cfg, "mail|user");
	s->mail_password_file = cfg_getstr(cfg, "mail|password_file");
	s->mail_ca_file = cfg_getstr(cfg, "mail|ca_file");
	s->mail_folder = cfg_getstr(cfg, "mail|folder");
	s->mail_from = cfg_getstr(cfg, "mail|from");
	s->mail_bounces = cfg_getstr(cfg, "mail|bounces");
	s->mail_rate = (unsigned)cfg_getint(cfg, "mail|rate");
	s->mail_connections = (unsigned)cfg_getint(cfg, "mail|connections");
	if (s->mail_server != NULL && s->mail_folder != NULL)
		log_stop("%s: mail goes to a server or into a folder, not both", file);
	if ((s->mail_server != NULL || s->mail_folder != NULL) && s->mail_from == NULL)
		log_stop("%s: mail: from is missing", file);
	if ((s->mail_user == NULL) != (s->mail_password_file == NULL))
		log_stop("%s: mail: user and password_file go together", file);
}

const struct settings *
settings_read(const char *path)
{
	cfg_opt_t mail[] = {
		CFG_STR("server", NULL, CFGF_NONE),
		CFG_STR("user", NULL, CFGF_NONE),
		CFG_STR("password_file", NULL, CFGF_NONE),
		CFG_STR("ca_file", NULL, CFGF_NONE),
		CFG_STR("folder", NULL, CFGF_NONE),
		CFG_STR("from", NULL, CFGF_NONE),
		CFG_STR("bounces", NULL, CFGF_NONE),
		CFG_INT("rate", 600, CFGF_NONE),
		CFG_INT("connections", 1, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t database[] = {
		CFG_STR("socket", "/run/mysqld/mysqld.sock", CFGF_NONE),
		CFG_STR("name", "openhall", CFGF_NONE),
		CFG_STR("owner", "openhall", CFGF_NONE),
		CFG_STR("credentials", NULL, CFGF_NONE),
		CFG_END()
	};
	cfg_opt_t opts[] = {
		CFG_STR("site", NULL, CFGF_NONE),
		CFG_STR("templates", NULL, CFGF_NONE),
		CFG_STR("public", NULL, CFGF_NONE),
		CFG_STR("schema", NULL, CFGF_NONE),
		CFG_STR("locale", NULL, CFGF_NONE),
		CFG_STR("html", NULL, CFGF_NONE),
		CFG_STR("keys", NULL, CFGF_NONE),
		CFG_STR("spool", NULL, CFGF_NONE),
		CFG_INT("spool_megabytes", 64, CFGF_NONE),
		CFG_STR("origin", NULL, CFGF_NONE),
		CFG_BOOL("secure", cfg_true, CFGF_NONE),
		CFG_SEC("database", database, CFGF_NONE),
		CFG_SEC("mail", mail, CFGF_NONE),
		CFG_END()
	};
	struct settings	*s = talloc_zero(NULL, struct settings);
	cfg_t		*cfg;
	char		*site_conf;

	if (path == NULL && (path = getenv("OPENHALL_CONF")) == NULL)
		path = SYSCONFDIR "/openhall.conf";
	if (s == NULL)
		log_stop("no memory");
	cfg = parse(opts, path, (const char *const[]){ "spool_megabytes", "mail|rate",
	    "mail|connections", NULL });
	s->site_dir = need(cfg, path, "site");
	s->template_dir = need(cfg, path, "templates");
	s->public_dir = need(cfg, path, "public");
	s->schema_dir = need(cfg, path, "schema");
	s->locale_dir = need(cfg, path, "locale");
	s->html_dir = need(cfg, path, "html");
	s->key_dir = need(cfg, path, "keys");
	s->spool_dir = need(cfg, path, "spool");
	s->spool_most = (uint64_t)cfg_getint(cfg, "spool_megabytes") << 20;
	s->db_socket = cfg_getstr(cfg, "database|socket");
	s->db_name = cfg_getstr(cfg, "database|name");
	s->db_owner = cfg_getstr(cfg, "database|owner");
	s->credential_dir = cfg_getstr(cfg, "database|credentials");
	s->secure = cfg_getbool(cfg, "secure") == cfg_true;
	s->origin = cfg_getstr(cfg, "origin");
	read_mail(s, cfg, path);
	if ((site_conf = talloc_asprintf(s, "%s/site.conf", s->site_dir)) == NULL)
		log_stop("no memory");
	read_site(s, site_conf);
	return s;
}

const struct site_words *
settings_words(const struct settings *s, const char *lang)
{
	for (size_t i = 0; i < s->n_words; i++) {
		if (strcmp(s->words[i].lang, lang) == 0)
			return &s->words[i];
	}
	return NULL;
}
