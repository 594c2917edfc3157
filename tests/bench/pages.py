"""What everybody may read: each page as its program makes it, without nginx's cache, beside
the same bytes from one prepared query by hand; as nginx keeps it, beside a file of the same
bytes; and made once more where there is a hundred times as much behind it."""

import time
from typing import NamedTuple
from urllib.request import urlopen

import stock


class Page(NamedTuple):
    title: str
    path: str
    program: str
    most: float | None = 1.3            # what it may cost beside the floor
    many: bool = True                   # it is as long where there is much more behind it


# What is kept of a page must not hide what it costs to make it, so there are some that are
# made for each who asks, where only many are compared with few.
PAGES = {
    "list": Page("the list of statements", "/statements", "statements"),
    "statement": Page("a statement", "/statements/what-we-say-00050", "statements"),
    "rss": Page("statements as RSS", "/statements.rss", "statements"),
    "atom": Page("statements as Atom", "/statements.atom", "statements"),
    "feed": Page("statements as JSON Feed", "/statements.json", "statements"),
    "older_list": Page("older statements", "/statements?before={older}", "statements", None),
    "older_atom": Page("older statements as Atom", "/statements.atom?before={older}",
                       "statements", None),
    "events": Page("the list of events", "/events", "events"),
    "month": Page("a month", "/events/month", "events"),
    "event": Page("an event", "/events/what-we-do-00030", "events"),
    "date": Page("a date that has seats", "/events/what-we-do-00031/{day}", "events"),
    "calendar": Page("all events as iCalendar", "/events.ics", "events", many=False),
    "one_calendar": Page("an event as iCalendar", "/events/what-we-do-00030.ics", "events"),
    "events_rss": Page("new events as RSS", "/events.rss", "events"),
    "talks": Page("the list of talks", "/events?kind=talk", "events", None),
    "talks_month": Page("a month of talks", "/events/month?kind=talk", "events", None),
    "all_dates": Page("an event, all dates", "/events/what-we-do-00030?dates=all", "events",
                      None),
}
PROGRAMS = tuple(dict.fromkeys(page.program for page in PAGES.values()))

# Of a kind: who serves it (None: nginx alone; "": the page's own program), and where.
KINDS = {
    "stored": ("stored", "/floor-stored/{name}"),
    "made": ("", "/uncached{path}"),
    "file": (None, "/floor-{name}"),
    "cached": ("", "{path}"),
    "many": ("", "/uncached{path}"),
}


def rows():
    """All rows of the pages: which program serves each.  Those with many stand together."""
    return {f"{kind}_{name}": page.program if program == "" else program
            for many in (False, True) for name, page in PAGES.items()
            for kind, (program, _) in KINDS.items()
            if (kind == "many") == many and (page.many or not many)}


class Pages:
    def __init__(self, site):
        self.site = site
        self.many = False
        self.now = int(time.time()) - 86400
        self.sizes = {}
        # Behind the first of few, the hundredth of many.
        older = self.now - stock.YEARS * stock.YEAR // stock.FEW["statements"] - 1
        self.values = {"older": f"{older}-{'f' * 32}", "day": stock.day_of(31, self.now)}

    def path(self, name):
        return PAGES[name].path.format(**self.values)

    def requests(self):
        """The address of each row."""
        return {f"{kind}_{name}": address.format(name=name, path=self.path(name))
                for kind, (_, address) in KINDS.items() for name in PAGES}

    def fill(self):
        """Few and many of everything, and every page for the floors."""
        for table in stock.TABLES:
            self.site.sql(f"DELETE FROM {table}; CREATE TABLE bench.{table} LIKE {table};")
            for many in (False, True):
                self.site.sql(stock.fill(table, many, self.now))
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
            f" bench.other TO bench.{table};" for table in stock.TABLES)
            + "UPDATE press SET number = number + 1;")
        return True


def goals(ratio):
    for name, page in PAGES.items():
        if page.most:
            yield (f"{page.title} / the same by hand",
                   ratio(f"made_{name}", f"stored_{name}"), page.most)
    for name, page in PAGES.items():
        yield f"{page.title}, cached / a file", ratio(f"cached_{name}", f"file_{name}"), 1.5
    for name, page in PAGES.items():
        if page.many:
            yield (f"{page.title}, {stock.MANY[page.program]} there / "
                   f"{stock.FEW[page.program]}", ratio(f"many_{name}", f"made_{name}"), 1.2)


def print_pages(rows_, sizes):
    """One page a line: server CPU of each kind."""
    print(f"\n{'server CPU, us a request':28}{'bytes':>8}{'by hand':>9}{'made':>9}"
          f"{'a file':>9}{'cached':>9}{'of many':>9}")
    for name, page in PAGES.items():
        cpu = [rows_[row]["cpu_us"]["total"] if row in rows_ else None
               for row in (f"{kind}_{name}" for kind in KINDS)]
        print(f"{page.title:28}{sizes[name]:8}" + "".join(
            f"{'-':>9}" if us is None else f"{us:9.1f}" for us in cpu))
