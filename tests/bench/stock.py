"""What stands in the store behind the pages: a little of everything, and a hundred times as
much.  Lists and months show as much of either."""

from datetime import date, timedelta

YEARS = 5                               # over which statements came
YEAR = 365 * 86400
DATES = 20                              # of an event, one a week

# Of statements, and of dates of events.
FEW = {"statements": 100, "events": 1_000}
MANY = {program: 100 * few for program, few in FEW.items()}

STATEMENTS = """
INSERT INTO {place}published (id, work, lang, slug, title, summary, html, published_at)
	SELECT UNHEX(MD5(CONCAT(lang, seq))) AS id, UNHEX(MD5(seq)), lang,
	    CONCAT('what-we-say-', LPAD(seq, 5, '0')),
	    CONCAT('Statement ', LPAD(seq, 5, '0'), ': no one is left alone with "this"'),
	    REPEAT('What it is about, in a line that many read & few forget. ', 3),
	    CONCAT('<h2>What happened</h2>\n', REPEAT(CONCAT('<p>They said that it cannot be '
	    'done. <strong>We did it</strong>, and <a href="https://example.org/report">wrote '
	    'down how</a>, with those who were there &amp; those who could not be: night '
	    'after night, door after door, on both sides of the river.</p>\n'), 10)),
	    {now} - seq * {YEARS} * {YEAR} DIV {n}
	FROM seq_1_to_{n} JOIN (SELECT 'en' AS lang UNION SELECT 'es') l ORDER BY id;
"""

# The first ones fill two years, with today in their middle.  Of the others some come behind
# those, and most were before.  Every second has seats.  (Phoenix is seven hours behind all year,
# so that dates are as the rule has them.)
EVENTS = """
INSERT INTO {place}event (id, slug, state, kind, unit, area, lang, zone, starts_wall, minutes,
    rule, spread_to, online, access, contact, rsvp, capacity, created_at, changed_at, changed_by,
    published_at)
	SELECT UNHEX(MD5(seq)) AS id, CONCAT('what-we-do-', LPAD(seq, 5, '0')), 'published',
	    ELT(1 + seq MOD 7, 'meeting', 'education', 'action', 'talk', 'work', 'social', 'other'),
	    IF(seq MOD 3 = 0, 'start', ''), ELT(1 + seq MOD 4, '', 'riverside', 'north', 'centre'),
	    'en', 'America/Phoenix', 86400 * day + 64800, 90,
	    CONCAT('FREQ=WEEKLY;BYDAY=', ELT(1 + day MOD 7, 'TH', 'FR', 'SA', 'SU', 'MO', 'TU', 'WE'),
	    ';COUNT={DATES}'), 86400 * (day + 7 * {DATES}), seq MOD 5 = 0,
	    'wheelchair=step-free&childcare=on+site', 'hosts@example.org', seq MOD 2,
	    IF(seq MOD 2, 40, NULL), {now} - 86400 * seq, {now} - 86400 * seq, '',
	    {now} - 86400 * seq
	FROM (SELECT seq, CASE WHEN seq <= {few} DIV {DATES} THEN {now} DIV 86400 - 364 + 12 * seq
	    WHEN seq MOD 4 = 0 THEN {now} DIV 86400 + 372 + seq MOD 45
	    ELSE {now} DIV 86400 - 504 - seq MOD 6000 END AS day FROM seq_1_to_{n}) s
	WHERE seq <= {n} DIV {DATES} ORDER BY id;
"""

WORDS = """
INSERT INTO {place}event_words (event, lang, title, summary, body, html)
	SELECT id, l.lang, CONCAT('Evening of ', slug, ': what is "ours" & how it became so'),
	    REPEAT('What it is about, in a line that many read & few forget. ', 2), '',
	    CONCAT('<h2>What we do</h2>\n', REPEAT(CONCAT('<p>We read together, <strong>slowly'
	    '</strong>, and whoever comes for the first time <a href="https://example.org/read">'
	    'needs to have read nothing</a>. There is tea &amp; something to eat, and somebody '
	    'who looks after the children.</p>\n'), 6))
	FROM {place}event JOIN (SELECT 'en' AS lang UNION SELECT 'es') l ORDER BY id, l.lang;
"""

OCCURRENCES = """
INSERT INTO {place}occurrence (id, event, day, starts_at, ends_at, shown, kind, unit, area,
    online, changed_at, capacity, taken)
	SELECT UNHEX(MD5(CONCAT(slug, nth))) AS id, e.id,
	    DATE_FORMAT(DATE_ADD('1970-01-01', INTERVAL wall SECOND), '%Y%m%d'),
	    wall + 25200, wall + 30600, 1, kind, unit, area, online, changed_at, capacity,
	    IF(capacity IS NULL, 0, nth)
	FROM (SELECT *, starts_wall + 604800 * (seq - 1) AS wall, seq AS nth
	    FROM {place}event JOIN seq_1_to_{DATES}) e ORDER BY id;
"""

# table: whose it is, and what fills it, in `place` ("": of the site).  Those that others refer
# to come first.
TABLES = {"published": ("statements", STATEMENTS), "event": ("events", EVENTS),
          "event_words": ("events", WORDS), "occurrence": ("events", OCCURRENCES)}


def fill(table, many, now):
    """The statements that fill a table of the site, or that of `bench` which has many."""
    program, text = TABLES[table]
    place = "bench." if many else ""
    return text.format(place=place, n=(MANY if many else FEW)[program], few=FEW["events"],
                       now=now, YEARS=YEARS, YEAR=YEAR, DATES=DATES) + (
                           f"ANALYZE TABLE {place}{table};")


def day_of(event, now):
    """The first day of one of the first events, as an address has it."""
    return date(1970, 1, 1) + timedelta(now // 86400 + 12 * event - 364)


# What very many come to.
CROWDED = "all-of-us"
CROWD = f"""
INSERT INTO event (id, slug, state, kind, lang, zone, starts_wall, minutes, rsvp, capacity,
    created_at, changed_at, changed_by, published_at)
	VALUES ('bench all of us.', '{CROWDED}', 'published', 'meeting', 'en', 'UTC',
	    UNIX_TIMESTAMP() + 8640000, 90, 1, 10000000, 1, 1, '', 1);
INSERT INTO event_words (event, lang, title, body, html)
	SELECT id, lang, 'All of us', '', '' FROM event WHERE slug = '{CROWDED}';
INSERT INTO occurrence (id, event, day, starts_at, ends_at, kind, changed_at, capacity)
	SELECT id, id, 0, starts_wall, starts_wall + 5400, kind, 1, capacity
	FROM event WHERE slug = '{CROWDED}';
"""
