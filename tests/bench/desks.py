"""Two desks with very many submissions, and how long an admin waits for a page of theirs.

What was posted before stands among the rest: a page's worth of it where each list begins
and another in its middle, so that what is measured really opens.  The rest are copies,
which no key opens, because an answer is sealed together with its submission's id.
"""

import os
import re
import sys
import time
from statistics import median

from rows import AID, JOIN
from stage import SRC, stop

sys.path.insert(0, str(SRC / "tests/http"))
from portal import Admin                # noqa: E402

SUBMISSIONS = int(os.environ.get("BENCH_SUBMISSIONS", 100_000))
TIMES = 15                              # that each page is asked for
SHOWN = 25                              # cases that a page of a list shows
SUGGESTED = 8                           # and that a case shows as suggestions
DAY = 86400
SPAN = 100                              # days over which they came
MIDDLE = 50                             # days ago; no copy has this day, nor today

# A stranger's desk after a flood: two thirds of everything is still open.
FILL = """
CREATE TABLE bench.copy (
    id BINARY(16) NOT NULL PRIMARY KEY, n INT NOT NULL, day BIGINT NOT NULL)
	SELECT CONCAT(CHAR(16 + FLOOR(240 * RAND())), RANDOM_BYTES(15)) AS id, seq AS n,
	    {today} - {DAY} * IF(seq % {SPAN} IN (0, {MIDDLE}), 1, seq % {SPAN}) AS day
	FROM seq_1_to_{SUBMISSIONS};
INSERT INTO submission (id, desk, form, state, kind, urgency, received_day, ended_day,
    moved_day, receipt, desk_key, receipt_key, body, facets, filed)
	SELECT c.id, r.desk, r.form, s.state, s.kind, IF('{desk}' = 'aid', n DIV 3 % 4, 0),
	    c.day, IF(s.ended, c.day, NULL), c.day, RANDOM_BYTES(32), r.desk_key,
	    r.receipt_key, r.body, IF('{desk}' = 'aid', CONCAT(s.facet, '=',
	    ELT(1 + n % 5, 'food', 'errands', 'rides', 'papers', 'care'), '&area=',
	    ELT(1 + n % 3, 'riverside', 'old-market', 'north-hill'), '&language=es'), ''), 1
	FROM bench.copy c
	JOIN (SELECT * FROM submission WHERE desk = '{desk}' LIMIT 1) r
	JOIN (SELECT 0 AS part, '{open}' AS state, '{ask}' AS kind, 0 AS ended, 'need' AS facet
	    UNION ALL SELECT 1, '{also}', '{offer}', {also_ended}, 'offer'
	    UNION ALL SELECT 2, '{done}', '{ask}', 1, 'need') s ON s.part = n % 3
	ORDER BY c.id;
INSERT INTO contact (hash, submission)
	SELECT RANDOM_BYTES(32) AS hash, id FROM bench.copy ORDER BY hash;
INSERT INTO facet (submission, name, value, area)
	SELECT c.id, SUBSTRING_INDEX(s.facets, '=', 1),
	    SUBSTRING_INDEX(SUBSTRING_INDEX(s.facets, '&', 1), '=', -1),
	    SUBSTRING_INDEX(SUBSTRING_INDEX(s.facets, 'area=', -1), '&', 1)
	FROM bench.copy c JOIN submission s ON s.id = c.id
	WHERE s.facets <> '' AND s.ended_day IS NULL ORDER BY c.id;
DROP TABLE bench.copy;
"""

# Offers that open, among the first that are looked at as suggestions.
OFFER = """
CREATE TEMPORARY TABLE bench.offer SELECT id FROM submission
	WHERE desk = 'aid' AND received_day = {today} ORDER BY id LIMIT {SUGGESTED};
UPDATE submission SET state = 'offered', kind = 'offer', received_day = {today} - {DAY},
    facets = 'offer=food&offer=errands&area=riverside&language=es'
	WHERE id IN (SELECT id FROM bench.offer);
INSERT INTO facet (submission, name, value, area)
	SELECT id, 'offer', value, 'riverside' FROM bench.offer
	JOIN (SELECT 'food' AS value UNION SELECT 'errands') v;
"""

# Those that open: a page and one more at either place.
PLACE = """
UPDATE submission SET urgency = {urgency}, received_day = {day}, moved_day = {day}
	WHERE desk = '{desk}' AND received_day = {today} AND ended_day IS NULL
	ORDER BY id LIMIT {n};
"""

DESKS = {
    "aid": {"open": "needed", "ask": "ask", "also": "offered", "offer": "offer",
            "also_ended": 0, "done": "complete", "urgency": 2},
    "membership": {"open": "received", "ask": "", "also": "accepted", "offer": "",
                   "also_ended": 1, "done": "declined", "urgency": 0},
}


class Desks:
    def __init__(self, site):
        self.site = site
        self.today = int(time.time()) // DAY * DAY
        self.admin = Admin(site, "Wei Example").accept(site.invitation)

    def fill(self, tell):
        for desk, has in DESKS.items():
            tell(f"filling the desk of {desk}")
            values = {**globals(), **has, "desk": desk, "today": self.today}
            self.site.sql(FILL.format(**values))
            for urgency, days in ((0, SPAN + 1), (has["urgency"], MIDDLE)):
                self.site.sql(PLACE.format(desk=desk, today=self.today, urgency=urgency,
                                           day=self.today - days * DAY, n=SHOWN + 1))
        self.site.sql(OFFER.format(**globals(), today=self.today))
        self.site.sql("ANALYZE TABLE submission, facet, contact;")

    def middle(self, desk):
        """The place before those in the middle of a list, as an address names it."""
        day = self.today - (MIDDLE + 1) * DAY
        return f"&after=0.{DESKS[desk]['urgency']}.{day}.{'f' * 32}"

    def ask(self, path, form=None):
        """The microseconds until the answer comes, of which program and store; its text."""
        before = self.site.spent("admin"), self.site.spent("database")
        got = self.admin.post(path, data=form) if form else self.admin.get(path)
        took = {"ms": got.elapsed.total_seconds() * 1000,
                "program": self.site.spent("admin") - before[0],
                "store": self.site.spent("database") - before[1]}
        if got.status_code not in (200, 422):
            stop(path, "-", got.status_code)
        return took, got.text

    def measure(self, path, names, form=None):
        """What a page costs that shows `names` people."""
        all_ = []
        for _ in range(TIMES):
            took, text = self.ask(path, form)
            if text.count(AID["name"]) < names:
                stop(path, "shows", text.count(AID["name"]), "names, not", names)
            all_.append(took)
        return {"ms": median(took["ms"] for took in all_),
                "slowest_ms": max(took["ms"] for took in all_),
                **{part: median(took[part] for took in all_)
                   for part in ("program", "store")}}

    def run(self):
        """What each page costs, by its title."""
        pages = {}
        for desk in DESKS:
            list_ = f"/admin/queue?desk={desk}"
            pages[f"{desk}, first page"] = self.measure(list_, SHOWN)
            pages[f"{desk}, from the middle on"] = self.measure(
                list_ + self.middle(desk), SHOWN)
            case = re.search(r"/admin/case/[0-9a-f]{32}", self.ask(list_)[1])[0]
            suggested = SUGGESTED if desk == "aid" else 0
            pages[f"{desk}, a case"] = self.measure(case, 1 + suggested)
            done = f"{list_}&list={DESKS[desk]['done']}"
            pages[f"{desk}, {DESKS[desk]['done']}"] = self.measure(done, 0)
        pages["a person by address"] = self.measure("/admin/find", 0, self.find(JOIN["email"]))
        return pages

    # ---- a person by address ----

    def find(self, who):
        page = self.admin.page("/admin/find").form("/admin/find")
        return page.filled({"who": who})

    def handler(self, form):
        """Rows that the store read for one search: by key, and by going on from one."""
        def read():
            lines = self.site.sql("SHOW GLOBAL STATUS LIKE 'Handler_read%'")
            return {name: int(n) for name, n in (line.split("\t") for line in lines)}
        own = read()                    # asking counts, too
        first = read()
        text = self.ask("/admin/find", form)[1]
        last = read()
        return {name: last[name] - first[name] - (first[name] - own[name])
                for name in last}, text

    def reads(self):
        """The same of the search alone: without what every such page reads."""
        nothing, text = self.handler(self.find("nobody"))
        found, text = self.handler(self.find(JOIN["email"]))
        if not re.search(r"/admin/case/[0-9a-f]{32}", text):
            stop("nobody was found")
        return {name: found[name] - nothing[name] for name in found
                if found[name] != nothing[name]}
