"""What everybody may read: each page as its program makes it, without nginx's cache, beside
the same bytes from one prepared query by hand; as nginx keeps it, beside a file of the same
bytes; and made once more where there is a hundred times as much behind it."""

import time
from urllib.request import urlopen

FEW, MANY = 100, 10_000
YEARS = 5                               # over which they came
YEAR = 365 * 86400

# name: what it is, its address, which program makes it, and what it may cost beside the floor.
# What is kept of a page must not hide what it costs to make it, so there are some that are
# made for each who asks, where only many are compared with few.
PAGES = {
    "list": ("the list of statements", "/statements", "statements", 1.3),
    "statement": ("a statement", "/statements/what-we-say-00050", "statements", 1.3),
    "rss": ("statements as RSS", "/statements.rss", "statements", 1.3),
    "atom": ("statements as Atom", "/statements.atom", "statements", 1.3),
    "feed": ("statements as JSON Feed", "/statements.json", "statements", 1.3),
    "older_list": ("older statements", "/statements?before={older}", "statements", None),
    "older_atom": ("older statements as Atom", "/statements.atom?before={older}",
                   "statements", None),
}
PROGRAMS = tuple(dict.fromkeys(program for _, _, program, _ in PAGES.values()))

# Of a kind: who serves it (None: nginx alone; "": the page's own program), and where.
KINDS = {
    "stored": ("stored", "/floor-stored/{name}"),
    "made": ("", "/uncached{path}"),
    "file": (None, "/floor-{name}"),
    "cached": ("", "{path}"),
    "many": ("", "/uncached{path}"),
}

STATEMENTS = """
INSERT INTO {table} (id, work, lang, slug, title, summary, html, published_at)
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

# table: what fills it, given {table}, {n} of them, and {now}
STOCK = {"published": STATEMENTS}


def rows():
    """All rows of the pages: which program serves each.  Those with many stand together."""
    return {f"{kind}_{name}": PAGES[name][2] if program == "" else program
            for many in (False, True) for name in PAGES
            for kind, (program, _) in KINDS.items() if (kind == "many") == many}


class Pages:
    def __init__(self, site):
        self.site = site
        self.many = False
        self.now = int(time.time()) - 86400
        self.sizes = {}
        # Behind the first of few, the hundredth of many.
        self.older = f"{self.now - YEARS * YEAR // FEW - 1}-{'f' * 32}"

    def path(self, name):
        return PAGES[name][1].format(older=self.older)

    def requests(self):
        """The address of each row."""
        return {f"{kind}_{name}": address.format(name=name, path=self.path(name))
                for kind, (_, address) in KINDS.items() for name in PAGES}

    def fill(self):
        """Few and many of everything, and every page for the floors."""
        for table, text in STOCK.items():
            self.site.sql(f"DELETE FROM {table}; CREATE TABLE bench.{table} LIKE {table};")
            for at, n in ((table, FEW), (f"bench.{table}", MANY)):
                self.site.sql(text.format(**globals(), table=at, n=n, now=self.now)
                              + f"ANALYZE TABLE {at};")
        self.site.sql("UPDATE press SET number = number + 1;")
        for name in PAGES:
            with urlopen(f"{self.site.base}/uncached{self.path(name)}") as answer:
                body, type_ = answer.read(), answer.headers["Content-Type"]
            self.sizes[name] = len(body)
            self.site.sql("INSERT INTO bench.stored (name, type, body) VALUES "
                          f"('{name}', '{type_}', X'{body.hex()}');")
            (self.site.state / f"html/now/floor-{name}.html").write_bytes(body)
            urlopen(self.site.base + self.path(name)).read()    # it is kept from now on

    def hold(self, many):
        """Have many of everything, or few.  False: it was so already."""
        if many == self.many:
            return False
        self.many = many
        self.site.sql("".join(
            f"RENAME TABLE {table} TO bench.other, bench.{table} TO {table},"
            f" bench.other TO bench.{table};" for table in STOCK)
            + "UPDATE press SET number = number + 1;")
        return True


def goals(ratio):
    for name, (title, _, _, most) in PAGES.items():
        if most:
            yield f"{title} / the same by hand", ratio(f"made_{name}", f"stored_{name}"), most
    for name, (title, *_) in PAGES.items():
        yield f"{title}, cached / a file", ratio(f"cached_{name}", f"file_{name}"), 1.5
    for name, (title, *_) in PAGES.items():
        yield f"{title}, {MANY} there / {FEW}", ratio(f"many_{name}", f"made_{name}"), 1.2


def print_pages(rows_, sizes):
    """One page a line: server CPU of each kind."""
    print(f"\n{'server CPU, us a request':28}{'bytes':>8}{'by hand':>9}{'made':>9}"
          f"{'a file':>9}{'cached':>9}{f'of {MANY}':>10}")
    for name, (title, *_) in PAGES.items():
        cpu = [rows_[f"{kind}_{name}"]["cpu_us"]["total"] for kind in KINDS]
        print(f"{title:28}{sizes[name]:8}" + "".join(f"{us:9.1f}" for us in cpu[:-1])
              + f"{cpu[-1]:10.1f}")
