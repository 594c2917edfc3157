"""Events as visitors find them: lists, filters, months, one event and one date, in the clocks of
where they take place."""

import random
import re
import subprocess
import time
from datetime import date, datetime, timedelta
from hashlib import md5
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

import html5lib
import pytest

from portal import Page, Visitor, word
from stack import wait_for
from test_events_admin import deed, described, saved, send

HERE = ZoneInfo("America/New_York")
UNDER = "{http://www.w3.org/1999/xhtml}"


# ---- rows, as the back office would write them ----

def quoted(value):
    return str(value) if isinstance(value, int) else "'%s'" % value.replace("'", "''")


def id_of(slug):
    return f"X'{md5(slug.encode()).hexdigest()}'"


def event(stack, slug, title=None, lang="en", **columns):
    """One that is public, with words in `lang`: its slug."""
    columns = {"kind": "meeting", "zone": "America/New_York", "minutes": 120, "state": "published",
               **columns}
    stack.sql(
        f"INSERT INTO event (id, slug, lang, starts_wall, created_at, changed_at, changed_by,"
        f" published_at, {', '.join(columns)}) VALUES ({id_of(slug)}, '{slug}', '{lang}',"
        f" 0, 0, 0, '', 1700000000, {', '.join(map(quoted, columns.values()))});"
        f" INSERT INTO event_words (event, lang, title, summary, body, html)"
        f" SELECT id, lang, {quoted(title or 'T ' + slug)}, 'In short', '', '<p>All of it</p>'"
        f" FROM event WHERE slug = '{slug}'")
    return slug


def dates(stack, slug, *walls, several=True, **columns):
    """Its dates, by the clocks of its zone; gives their days."""
    zone, minutes, shown = stack.sql(f"SELECT zone, minutes, visibility = 'public' AND state <>"
                                     f" 'draft' FROM event WHERE slug = '{slug}'")[0]
    sets = "".join(f", {name} = {quoted(value)}" for name, value in columns.items())
    text = ""
    for wall in walls:
        at = int(wall.replace(tzinfo=ZoneInfo(zone)).timestamp())
        text += (f"INSERT INTO occurrence SET id = RANDOM_BYTES(16), event ="
                 f" {id_of(slug)}, day = {wall:%Y%m%d} * {int(several)}, starts_at = {at},"
                 f" ends_at = {at + 60 * int(minutes)}, shown = {shown}, kind = '',"
                 f" changed_at = 0{sets};")
    stack.sql(text + f"UPDATE occurrence o JOIN event e ON e.id = o.event SET o.kind = e.kind,"
              f" o.unit = e.unit, o.area = IF(o.placed, o.area, e.area), o.online ="
              f" IF(o.placed, o.online, e.online) WHERE e.slug = '{slug}';"
              f" UPDATE press SET number = number + 1 WHERE id = 2")
    return [f"{wall:%Y-%m-%d}" for wall in walls]


def single(stack, wall, title=None, lang="en", several=False, **columns):
    slug = event(stack, f"e-{word()}", title, lang, **columns)
    dates(stack, slug, wall, several=several)
    return slug


def set_date(stack, slug, day, **columns):
    sets = ", ".join(f"{name} = {quoted(value)}" for name, value in columns.items())
    stack.sql(f"UPDATE occurrence SET {sets} WHERE event = {id_of(slug)}"
              f" AND day = {day.replace('-', '')};"
              f" UPDATE press SET number = number + 1 WHERE id = 2")


def unit(stack):
    slug = f"u-{word()}"
    stack.sql(f"INSERT INTO unit (slug, name, kind, state, changed_at)"
              f" VALUES ('{slug}', 'The {slug} Unit', 'city', 'active', 0)")
    return slug


def day(ahead, hour=19, minute=0):
    """So many days from today, by the clocks of the site."""
    return datetime.combine((datetime.now(HERE) + timedelta(days=ahead)).date(),
                            datetime.min.time()).replace(hour=hour, minute=minute)


# ---- pages ----

def slugs(page):
    """Those that a list links to, in its order."""
    return [re.match(r"(?:/es)?/events/([^/?]+)", link)[1] for link in page.links
            if re.match(r"(?:/es)?/events/e-", link)]


def tree(text):
    return html5lib.parse(text)


def elements(root, tag, **attributes):
    return [e for e in root.iter(UNDER + tag)
            if all(e.get(name) == value for name, value in attributes.items())]


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def items(root):
    """The microdata of a page (WHATWG HTML, 5): of each item its type, and its properties."""
    ids = {e.get("id"): e for e in root.iter() if e.get("id")}
    nested = {id(e) for e in root.iter() if e.get("itemprop") and e.get("itemscope") is not None}

    def value(e):
        if e.get("itemscope") is not None:
            return item(e)
        for attribute in ("content", "href", "datetime"):
            if e.get(attribute):
                return e.get(attribute)
        return text_of(e)

    def collect(e, out):
        if e.get("itemprop"):
            out.setdefault(e.get("itemprop"), []).append(value(e))
        if e.get("itemscope") is None:
            for child in e:
                collect(child, out)

    def item(e):
        out = {}
        for child in [*e, *(ids[i] for i in (e.get("itemref") or "").split() if i in ids)]:
            collect(child, out)
        return {"type": e.get("itemtype").rpartition("/")[2],
                **{name: found[0] if len(found) == 1 else found for name, found in out.items()}}

    return [item(e) for e in root.iter()
            if e.get("itemscope") is not None and id(e) not in nested]


# ---- lists ----

def test_filters(hall):
    """They combine, stand in the address, and the form offers what leads somewhere."""
    mine, area = unit(hall), "old-market"
    talk = single(hall, day(3), kind="talk", unit=mine, area=area)
    online = single(hall, day(4), kind="action", unit=mine, online=1)
    both = single(hall, day(5), kind="talk", unit=mine, online=1, area="riverside")
    single(hall, day(-3), kind="social", unit=mine)
    visitor = Visitor(hall)
    page = visitor.page(f"/events?unit={mine}")
    assert slugs(page) == [talk, online, both]
    assert f"The {mine} Unit" in page.text("ul")
    form = page.form("/events")
    assert form["unit"] == mine and form["kind"] == ""
    (kinds,) = [c.options for c in form.controls if c.name == "kind"]
    assert {"talk", "action"} <= set(kinds) and len(kinds) == len(set(kinds))
    for answers, found in (({"kind": "talk"}, [talk, both]), ({"online": "1"}, [online, both]),
                           ({"kind": "talk", "online": "1"}, [both]), ({"area": area}, [talk]),
                           ({"area": area, "kind": "action"}, [])):
        query = urlencode(form.filled(answers))
        page = visitor.page(f"/events?{query}")
        assert slugs(page) == found, query
        # A clean address is what it is known by, and what other languages lead to.
        canonical = tree(page.html).find(f".//{UNDER}link[@rel='canonical']").get("href")
        assert parse_qs(urlsplit(canonical).query) == {
            k: [v] for k, v in {"unit": mine, **answers}.items()}
        assert any(link.startswith("/es/events?") and "=&" not in link for link in page.links)
        for kept in ("/events/past?", "/events/month?", "/events.ics?"):
            assert any(link.startswith(kept) and f"unit={mine}" in link for link in page.links)
    # Nothing: a way out, and one to hear of it.
    assert "No event fits these filters." in page.text("main")
    assert {"/events", "/events.ics?kind=action&unit=" + mine + "&area=" + area} <= set(page.links)
    assert page.form("/events")["area"] == area
    # What was is no reason to offer it among what comes.
    assert "social" not in kinds or hall.value(
        f"SELECT COUNT(*) FROM occurrence WHERE kind = 'social' AND ends_at > {int(time.time())}"
        " AND shown = 1") != "0"
    assert len(slugs(visitor.page(f"/events/past?unit={mine}&kind=social"))) == 1
    assert slugs(visitor.page(f"/es/events?unit={mine}&kind=talk")) == [talk, both]
    # What there is, but not here, goes by its name; and what nobody has heard of by none.
    empty = unit(hall)
    hall.sql("UPDATE press SET number = number + 1 WHERE id = 2")
    for path, lang, want in ((f"/events?kind=other&unit={empty}", "", "Something else"),
                             (f"/es/events/past?kind=other&unit={empty}", "/es", "Otra cosa"),
                             (f"/events/month/2099-01?kind=other&unit={empty}", "", None)):
        page = visitor.page(path)
        chosen = {text_of(o) for o in elements(tree(page.html), "option", selected="")}
        assert {f"The {empty} Unit", want or "Something else"} == chosen, path
    page = visitor.page("/events?unit=never-was&area=nowhere")
    assert "never-was" not in page.text("main") and "nowhere" not in page.text("main")
    assert "No event fits these filters." in page.text("main")
    for bad, status in (("?unit=No", 404), ("?kind=%C3%B1", 404), ("?kind=nonsense", 404), ("?unit=" + 33 * "a", 422),
                        ("?after=x", 404), ("?online=yes", 422)):
        assert visitor.get(f"/events{bad}").status_code == status, bad


def test_pages_follow(hall):
    """Twenty at a time, each once, in both directions, also where several end at once."""
    mine = unit(hall)
    coming, past = [], []
    for _ in range(3):
        slug = event(hall, f"e-{word()}", unit=mine, rule="FREQ=DAILY")
        coming += [f"/events/{slug}/{d}" for d in dates(hall, slug, *map(day, range(2, 17)))]
        past += [f"/events/{slug}/{d}" for d in dates(hall, slug, *map(day, range(-9, -1)))]
    for path, want, button in (("/events", coming, "Later"), ("/events/past", past, "Earlier")):
        visitor, at, seen, sizes = Visitor(hall), f"{path}?unit={mine}", [], []
        lines = []
        while at:
            got = visitor.get(at)
            page = Page(got.text)
            found = [link for link in page.links if re.match(r"/events/e-", link)]
            seen += found
            sizes.append(len(found))
            # What is alike shares a line.
            lines.append(len([li for ul in elements(tree(got.text), "ul", **{"class": "events"})
                              for li in ul]))
            # Only the first page has a name of its own.
            assert ("rel=\"canonical\"" in got.text) == (len(sizes) == 1)
            following = [a.get("href") for a in elements(tree(got.text), "a", rel="next")]
            assert (button in page.text("nav")) == bool(following)
            at = following[0] if following else None
        assert sizes == ([20, 20, 5] if path == "/events" else [20, 4])
        assert lines == [3] * len(sizes) and sorted(seen) == sorted(want)


def headings(root):
    return [text_of(h) for h in elements(root, "h2")][:-1]       # the last is of the calendar


def lines_of(root):
    """Of each line of a list its first link, its words, and where the others lead."""
    out = []
    for ul in elements(root, "ul", **{"class": "events"}):
        for li in ul:
            first, *others = [a.get("href") for a in elements(li, "a")]
            out.append((first, text_of(li), others))
    return out


def test_dates_share_a_line(hall):
    """Those of a class that are alike; and what is not as it was planned stays visible."""
    mine = unit(hall)
    slug = event(hall, f"e-{word()}", "Reading", unit=mine, rule="FREQ=WEEKLY;BYDAY=MO")
    days = dates(hall, slug, *[day(2 + 7 * i) for i in range(7)])
    set_date(hall, slug, days[1], state="cancelled", note="Ana is ill.")
    moved = int((day(3 + 7 * 3)).replace(tzinfo=HERE).timestamp())
    set_date(hall, slug, days[3], own=1, starts_at=moved, ends_at=moved + 7200)
    once = single(hall, day(2, 20), "Picket", unit=mine)
    visitor, at = Visitor(hall), [f"/events/{slug}/{d}" for d in days]

    def named(n, month="%B"):
        return f"{day(n).day} {day(n):{month}}"

    root = tree(visitor.get(f"/events?unit={mine}").text)
    got = lines_of(root)
    assert [(first, others) for first, _, others in got] == [
        (at[0], [at[2], at[4], at[5], at[6]]), (f"/events/{once}", []), (at[1], []), (at[3], [])]
    assert f"Also on {named(16)}, {named(30)}, {named(37)}, {named(44)}" in got[0][1]
    assert "Cancelled Ana is ill." in got[2][1] and f"It was planned for {named(23)}" in got[3][1]
    assert "Also" not in got[1][1] + got[2][1] + got[3][1] and "Cancelled" not in got[0][1]
    # Day by day, and the first hour first.
    assert headings(root) == [f"{day(n):%A}, {day(n).day} {day(n):%B %Y}" for n in (2, 9, 24)]
    times = [t.get("datetime") for t in elements(root, "time")]
    assert [t[10:19] for t in times if t.startswith(days[2])] == ["T19:00:00"]
    text = text_of(tree(visitor.get(f"/es/events?unit={mine}").text))
    assert re.search(r"También el \d+ de [a-z]+, \d+ de [a-z]+, ", text)
    dump = subprocess.run(["lynx", "-dump", "-nolist", "-width=200",
                           f"{hall.base}/events?unit={mine}"], text=True, capture_output=True,
                          timeout=30).stdout
    assert f"Also on {named(16)}, {named(30)}, {named(37)}, {named(44)}" in dump
    # A year away the year is told.
    dates(hall, slug, day(400))
    got = lines_of(tree(visitor.get(f"/events?unit={mine}&kind=meeting").text))
    assert got[0][1].endswith(f"{named(44)}, {day(400).day} {day(400):%B %Y}")
    # Of what is over the last one leads, also across the night when the clocks are moved.
    days = dates(hall, slug, *[day(-1 - 30 * i) for i in range(8)])
    set_date(hall, slug, days[2], state="cancelled")
    (last, text, others), cancelled = lines_of(tree(visitor.get(f"/events/past?unit={mine}").text))
    assert [last, *others] == [f"/events/{slug}/{d}" for d in (days[0], days[1], *days[3:])]
    assert f"Also on {named(-31)}, {named(-91)}, " in text and "Cancelled" in cancelled[1]


def test_any_list_is_whole(hall):
    """Whatever there is: page by page each date is there once, in one line or another."""
    mine, chance, want = unit(hall), random.Random(7), []
    for n in range(8):
        slug = event(hall, f"e-{word()}", unit=mine, rule="FREQ=DAILY", kind=chance.choice(
            ("talk", "social")), rsvp=n % 2, capacity=3, zone=chance.choice(
                ("America/New_York", "Asia/Kolkata")), area=chance.choice(("", "riverside")))
        days = dates(hall, slug, *[day(i, 18 + n % 3) for i in sorted(chance.sample(
            range(2, 60), chance.randint(1, 14)))], capacity=3)
        for on in days:
            if chance.random() < 0.3:
                set_date(hall, slug, on, **chance.choice((
                    {"state": "cancelled"}, {"state": "postponed"}, {"note": "Bring tea"},
                    {"taken": 3}, {"online": 1, "placed": 1}, {"state": "skipped", "shown": 0})))
        want += [(f"/events/{slug}/{d}", *row) for d, row in zip(days, hall.sql(
            f"SELECT kind, area, online, shown FROM occurrence WHERE event = {id_of(slug)}"
            " ORDER BY day"))]
    want = [w for w in want if w[4] == "1"]
    for query, keep in (("", lambda w: True), ("&kind=talk", lambda w: w[1] == "talk"),
                        ("&area=riverside", lambda w: w[2] == "riverside"),
                        ("&online=1", lambda w: w[3] == "1"),
                        ("&kind=social&online=1", lambda w: w[1] == "social" and w[3] == "1")):
        visitor, at, seen = Visitor(hall), f"/events?unit={mine}{query}", []
        while at:
            root = tree(visitor.get(at).text)
            found = [link for first, _, others in lines_of(root) for link in (first, *others)]
            following = [a.get("href") for a in elements(root, "a", rel="next")]
            assert len(found) == 20 if following else len(found) <= 20
            seen += found
            at = following[0] if following else None
        assert sorted(seen) == sorted(w[0] for w in want if keep(w)), query


def test_seats_are_as_they_are(hall):
    """Each of the programs keeps the page, but what it tells of seats is what there is."""
    visitor = Visitor(hall)
    slug = event(hall, f"e-{word()}", rsvp=1, capacity=3)
    on, _ = dates(hall, slug, day(2), day(3), capacity=3)
    # Who waits comes first, but not with more people than there are seats at all.
    for taken, waiting, want in ((0, 0, "3 seats are left."), (2, 0, "1 seat is left."),
                                 (1, 0, "2 seats are left."), (2, 0, "1 seat is left."),
                                 (3, 0, "It is full."), (2, 2, "It is full."),
                                 (2, 4, "1 seat is left."), (3, 4, "It is full."),
                                 (2, 3, "It is full."), (0, 4, "3 seats are left.")):
        # As who comes is counted: what is published does not change.
        date_ = f"WHERE event = {id_of(slug)} AND day = {on.replace('-', '')}"
        hall.sql(f"DELETE FROM rsvp WHERE id = {id_of(slug)};"
                 f" INSERT INTO rsvp (id, occurrence, number, answer, state, people, lang,"
                 f" receipt, desk_key, receipt_key, body) SELECT {id_of(slug)}, id, 1, 'coming',"
                 f" 'waiting', {waiting}, 'en', RANDOM_BYTES(32), '', '', '' FROM occurrence"
                 f" {date_} AND {waiting} > 0;"
                 f" UPDATE occurrence SET taken = {taken}, waiting = {waiting} {date_}")
        for _ in range(6):              # past nginx's cache
            assert want in visitor.page(f"/events/{slug}/{on}?{word()}").text("main")


def test_states_and_zones(hall):
    """What became of a date is told, and whose clocks its hours are."""
    mine = unit(hall)
    slug = event(hall, f"e-{word()}", unit=mine, rule="FREQ=WEEKLY;BYDAY=MO")
    days = dates(hall, slug, day(2), day(3), day(4), day(5))
    set_date(hall, slug, days[0], state="cancelled", note="Ana is <ill>.")
    set_date(hall, slug, days[1], state="postponed")
    set_date(hall, slug, days[3], state="skipped", shown=0)
    far = single(hall, day(2, 18), zone="Europe/Berlin", unit=mine, online=1)
    long = single(hall, day(6, 17), minutes=2 * 1440, unit=mine)
    dropped = single(hall, day(7), unit=mine, state="cancelled")
    visitor = Visitor(hall)
    root = tree(visitor.get(f"/events?unit={mine}").text)
    rows = {li.find(f".//{UNDER}a").get("href"): text_of(li)
            for ul in root.iter(UNDER + "ul") if ul.get("class") == "events" for li in ul}
    assert set(rows) == {*(f"/events/{slug}/{d}" for d in days[:3]), f"/events/{far}",
                         f"/events/{long}", f"/events/{dropped}"}
    assert "Cancelled Ana is <ill>." in rows[f"/events/{slug}/{days[0]}"]
    assert "Postponed" in rows[f"/events/{slug}/{days[1]}"]
    assert "Cancelled" not in rows[f"/events/{slug}/{days[2]}"]
    assert "Cancelled" in rows[f"/events/{dropped}"]
    zone = day(2, 18).replace(tzinfo=ZoneInfo("Europe/Berlin")).tzname()
    assert f"18:00–20:00 {zone} (Berlin time)" in rows[f"/events/{far}"]
    assert "time in" not in rows[f"/events/{slug}/{days[0]}"]
    assert f"17:00 until {day(8):%A}" in rows[f"/events/{long}"]
    # Where a date is skipped there is none, and none of another day.
    for path in (f"{slug}/{days[3]}", f"{slug}/1999-01-01", f"{slug}/2026-13-01", f"{slug}/x",
                 f"{slug}/{days[0]}x", f"{far}/{days[0]}", "no-such-thing"):
        assert visitor.get(f"/events/{path}").status_code == 404, path
    for path in (f"{slug}/{days[0]}", f"{slug}/{days[1]}", slug, dropped):
        assert visitor.get(f"/events/{path}").status_code == 200, path
    page = visitor.page(f"/events/{slug}")
    assert [d for d in days if f"/events/{slug}/{d}" in page.links] == days[:3]
    assert "Every Monday" in page.text("main")


# ---- a month ----

def cells(root):
    """Of each day of the table its words."""
    (table,) = elements(root, "table")
    return {e.get("datetime"): text_of(td) for td in elements(table, "td")
            for e in elements(td, "time")}


def test_month(hall):
    mine = unit(hall)
    single(hall, datetime(2031, 3, 31, 23, 30), "Night watch", unit=mine, minutes=240)
    single(hall, datetime(2031, 3, 7, 18), "Camp", unit=mine, minutes=2 * 1440)
    single(hall, datetime(2031, 4, 1, 1), "Berlin", unit=mine, zone="Europe/Berlin")
    single(hall, datetime(2031, 2, 27, 12), "Long", unit=mine, minutes=3 * 1440)
    slug = single(hall, datetime(2031, 3, 9, 1, 30), "Turn", unit=mine)
    hall.sql(f"UPDATE occurrence SET state = 'cancelled' WHERE event = {id_of(slug)}")
    path = "/events/month/2031-03"
    got = Visitor(hall).get(f"{path}?unit={mine}")
    root = tree(got.text)
    (table,) = elements(root, "table")
    assert text_of(table.find(UNDER + "caption")) == "March 2031"
    heads = [text_of(th) for th in elements(table, "th", scope="col")]
    assert heads == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    weeks = [list(tr) for tr in elements(table.find(UNDER + "tbody"), "tr")]
    assert {len(week) for week in weeks} == {7} and len(weeks) == 6
    assert [text_of(td) for td in weeks[0][:5]] == [""] * 5     # the 1st is a Saturday
    assert text_of(weeks[1][0]) == "3"
    assert cells(root) == {
        "2031-03-01": "Saturday 1 March 2031 Long (goes on)",
        "2031-03-02": "Sunday 2 March 2031 Long (goes on)",
        "2031-03-07": "Friday 7 March 2031 18:00 Camp",
        "2031-03-08": "Saturday 8 March 2031 Camp (goes on)",
        "2031-03-09": "Sunday 9 March 2031 Camp (goes on) 01:30 Turn Cancelled",
        "2031-03-31": "Monday 31 March 2031 23:30 Night watch"}
    (april,) = elements(root, "a", rel="next")
    assert april.get("href") == f"/events/month/2031-04?unit={mine}"
    april = cells(tree(Visitor(hall).get(april.get("href")).text))
    assert april == {"2031-04-01": "Tuesday 1 April 2031 01:00 CEST Berlin"}
    # Machines are not led on for ever, nor is there a month that is none.
    empty = Visitor(hall).get(f"/events/month/2099-01?unit={mine}")
    assert empty.headers["X-Robots-Tag"] == "noindex"
    assert not elements(tree(empty.text), "a", rel="next")
    for bad in ("2031-13", "2031-3", "2031-00", "1999-12", "2101-01", "x", "2031-03-01"):
        assert Visitor(hall).get(f"/events/month/{bad}").status_code == 404, bad
    assert "Times are those of New York" in text_of(root)
    now = datetime.now(HERE)
    assert f"{now:%B %Y}" in Visitor(hall).page("/events/month").text("caption")
    # In lynx each day with something says which it is.
    dump = subprocess.run(["lynx", "-dump", "-nolist", "-width=80",
                           f"{hall.base}{path}?unit={mine}"], text=True, capture_output=True,
                          timeout=30).stdout
    assert re.search(r"Friday 7 March 2031\s+\* 18:00 Camp", dump)
    assert re.search(r"\b3 +4 +5 +6\b", dump)


# ---- one ----

def test_microdata(hall):
    mine = unit(hall)
    slug = single(hall, datetime(2030, 12, 6, 18, 30), "Who owns <our> houses?", unit=mine,
                  area="riverside", online=1, kind="talk", contact="talks@example.org",
                  access="wheelchair=Step-free&languages=English%2C+Spanish")
    got = Visitor(hall).get(f"/events/{slug}")
    (found,) = items(tree(got.text))
    site = found["organizer"]
    assert site["type"] == "Organization" and site["url"].startswith("http")
    place, virtual = found["location"]
    assert (place["type"], place["name"]) == ("Place", "Riverside")
    assert virtual["type"] == "VirtualLocation" and virtual["url"].endswith(f"/events/{slug}")
    assert {**found, "organizer": 0, "location": 0, "url": 0} == {
        "type": "Event", "name": "Who owns <our> houses?", "description": "In short",
        "startDate": "2030-12-06T18:30:00-05:00", "endDate": "2030-12-06T20:30:00-05:00",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode",
        "organizer": 0, "location": 0, "url": 0}
    page = Page(got.text)
    assert "Friday, 6 December 2030, 18:30–20:30 EST (New York time)" in page.text("main")
    assert "All of it" in page.text("main") and "X-Robots-Tag" not in got.headers
    answers = dict(re.findall(r"<dt>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", got.text, re.S))
    assert answers["Wheelchair access"] == "Step-free"
    assert answers["Languages spoken"] == "English, Spanish" and "Masks" not in answers
    assert {"mailto:talks@example.org", f"/events/{slug}.ics", f"/units/{mine}",
            "/events?kind=talk"} <= set(page.links)
    assert '<meta name="description" content="In short">' in got.text


STATUS = (({}, "Scheduled"), ({"state": "cancelled"}, "Cancelled"),
          ({"state": "postponed"}, "Postponed"), ({"own": 1}, "Rescheduled"))


def test_series(hall):
    """Its dates to come, each with what became of it; the others behind links."""
    slug = event(hall, f"e-{word()}", "Class", rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
                 area="riverside")
    ahead = [datetime(2030, 1, 1, 19) + timedelta(days=14 * i) for i in range(9)]
    days = dates(hall, slug, *ahead)
    gone = dates(hall, slug, day(-20), day(-6))
    for at, (columns, _) in zip(days, STATUS):
        set_date(hall, slug, at, **(columns or {"note": ""}))
    moved = int((ahead[4] + timedelta(days=1)).replace(tzinfo=HERE).timestamp())
    set_date(hall, slug, days[4], own=1, starts_at=moved, ends_at=moved + 7200)
    visitor = Visitor(hall)
    (series,) = items(tree(visitor.get(f"/events/{slug}").text))
    assert series["type"] == "EventSeries" and len(series["subEvent"]) == 6
    for sub, at, (_, status) in zip(series["subEvent"], days, STATUS):
        assert sub["eventStatus"] == f"https://schema.org/Event{status}"
        assert sub["startDate"].startswith(f"{at}T19:00:00-05:00")
        assert sub["url"] == f"/events/{slug}/{at}" and sub["location"]["name"] == "Riverside"
        assert sub["organizer"]["type"] == "Organization" and sub["name"] == "Class"
        (one,) = items(tree(visitor.get(f"/events/{slug}/{at}").text))
        assert one["eventStatus"] == sub["eventStatus"] and one["startDate"] == sub["startDate"]
    # A date that was moved keeps its address.
    page = visitor.page(f"/events/{slug}/{days[4]}")
    assert "Wednesday, 27 February 2030" in page.text("main")
    assert f"It was planned for {ahead[4].day} {ahead[4]:%B %Y}" in page.text("main")
    assert f"/events/{slug}" in page.links
    links = visitor.page(f"/events/{slug}").links
    assert f"/events/{slug}/{days[6]}" not in links
    assert not {f"/events/{slug}/{d}" for d in gone} & set(links)
    every = visitor.page(f"/events/{slug}?dates=all").links
    assert {f"/events/{slug}/{d}" for d in days} <= set(every)
    past = [x for x in visitor.page(f"/events/{slug}?dates=past").links if f"{slug}/" in x]
    assert past == [f"/events/{slug}/{d}" for d in reversed(gone)]
    # However many there were, the last ones are there.
    dates(hall, slug, *[day(-900 - i) for i in range(800)])
    past = [x for x in visitor.page(f"/events/{slug}?dates=past&again").links if f"{slug}/" in x]
    assert past[:3] == [f"/events/{slug}/{d}" for d in (*reversed(gone), f"{day(-900):%Y-%m-%d}")]
    assert len(past) == 800
    assert visitor.get(f"/events/{slug}?dates=some").status_code == 404


@pytest.mark.parametrize("zone, wall, start, end, told", (
    # the night in which an hour comes twice; the first one is meant
    ("America/New_York", datetime(2030, 11, 3, 0, 30), "00:30:00-04:00", "02:30:00-05:00",
     "00:30–02:30 EDT–EST"),
    ("America/New_York", datetime(2030, 3, 10, 1, 0), "01:00:00-05:00", "05:00:00-04:00",
     "01:00–05:00 EST–EDT"),
    ("Europe/Berlin", datetime(2030, 10, 27, 12, 0), "12:00:00+01:00", "15:00:00+01:00",
     "12:00–15:00 CET"),
    ("Asia/Kolkata", datetime(2030, 5, 1, 12, 0), "12:00:00+05:30", "15:00:00+05:30",
     "12:00–15:00 IST")))
def test_clocks(hall, zone, wall, start, end, told):
    slug = single(hall, wall, zone=zone, minutes=180)
    got = Visitor(hall).get(f"/events/{slug}")
    (found,) = items(tree(got.text))
    assert found["startDate"] == f"{wall:%Y-%m-%d}T{start}"
    assert found["endDate"] == f"{wall:%Y-%m-%d}T{end}"
    city = zone.rpartition("/")[2].replace("_", " ")
    assert f"{told} ({city} time)" in Page(got.text).text("main")
    # The site's own zone goes by the name that site.conf has for it.
    city = {"New York": "Nueva York"}.get(city, city)
    assert f"(hora de {city})" in Visitor(hall).page(f"/es/events/{slug}").text("main")
    length = datetime.fromisoformat(found["endDate"]) - datetime.fromisoformat(found["startDate"])
    assert length == timedelta(minutes=180)


def test_by_link(hall):
    """Who has the address sees it, and nobody else is told of it; a draft is not there."""
    hidden = single(hall, day(2), "Strike committee", visibility="link")
    draft = single(hall, day(2), "Not yet", state="draft")
    visitor = Visitor(hall)
    got = visitor.get(f"/events/{hidden}")
    assert got.status_code == 200 and "Strike committee" in got.text
    for _ in range(2):
        for path in (hidden, hidden + ".ics"):
            got = visitor.get(f"/events/{path}")
            assert got.headers["X-Robots-Tag"] == "noindex, nofollow", path
    assert visitor.get(f"/events/{draft}").status_code == 404
    time.sleep(2)       # what nginx keeps for a second it may keep to the end of the next
    for path in ("/events", "/events?kind=meeting", "/events/month", "/events/coming",
                 "/events.ics", "/events/past"):
        text = visitor.get(path).text
        assert hidden not in text and draft not in text, path


def test_words_of_another_language(hall):
    mine = unit(hall)
    slug = single(hall, day(2), "Asamblea", lang="es", unit=mine)
    visitor = Visitor(hall)
    for prefix, lang in (("", "es"), ("/es", None)):
        root = tree(visitor.get(f"{prefix}/events?unit={mine}").text)
        (link,) = elements(root, "a", href=f"{prefix}/events/{slug}")
        assert text_of(link) == "Asamblea" and link.get("lang") == lang
        (title,) = elements(tree(visitor.get(f"{prefix}/events/{slug}").text), "h1")
        assert text_of(title) == "Asamblea" and title.get("lang") == lang
    hall.sql(f"INSERT INTO event_words (event, lang, title, body, html) VALUES"
             f" ({id_of(slug)}, 'en', 'Assembly', '', '');"
             f" UPDATE press SET number = number + 1 WHERE id = 2")
    wait_for(lambda: "Assembly" in visitor.get(f"/events/{slug}").text, 5, 0.2)
    assert "Asamblea" not in visitor.get(f"/events/{slug}").text
    page = visitor.page(f"/es/events/{slug}")
    assert "Asamblea" in page.text("h1") and f"/events/{slug}" in page.links


# ---- for other pages ----

def test_coming(hall):
    """The fragment has the next ones; all pages follow what changes at once."""
    title = f"Right now {word()}"
    slug = single(hall, datetime.now(HERE).replace(tzinfo=None) - timedelta(hours=1), title)
    visitor = Visitor(hall)
    wait_for(lambda: title in visitor.get("/events/coming").text, 5, 0.2)
    text = visitor.get("/events/coming").text
    assert text.count("<li>") <= 4 and "<html" not in text
    assert 'href="/es/events/' in visitor.get("/es/events/coming").text
    wait_for(lambda: title in visitor.get("/events").text, 5, 0.2)
    etag = visitor.get("/events").headers["ETag"]
    assert visitor.get("/events", headers={"If-None-Match": etag}).status_code == 304
    assert visitor.get(f"/events/{slug}").status_code == 200
    # It ends: nothing but time says so, and then the next change.
    hall.sql(f"UPDATE occurrence SET ends_at = {int(time.time()) - 1} WHERE event ="
             f" {id_of(slug)}; UPDATE press SET number = number + 1 WHERE id = 2")
    for path in ("/events/coming", "/events"):
        wait_for(lambda: title not in visitor.get(path).text, 5, 0.2)
    wait_for(lambda: "This is over." in visitor.get(f"/events/{slug}").text, 5, 0.2)
    assert title in visitor.get("/events/past").text


def test_coming_has_each_event_once(hall):
    """By its next date that takes place; one that has none of those is told of all the same."""
    now = datetime.now(HERE).replace(tzinfo=None, second=0, microsecond=0)
    weekly, off = f"Weekly {word()}", f"Off {word()}"
    slug = event(hall, f"e-{word()}", weekly, rule="FREQ=DAILY")
    days = dates(hall, slug, now - timedelta(hours=1.9), *[day(1 + i, 0) for i in range(45)])
    set_date(hall, slug, days[0], state="cancelled")
    gone = single(hall, now - timedelta(hours=1.8), off)
    set_date(hall, gone, "0", state="cancelled")
    visitor = Visitor(hall)
    try:
        wait_for(lambda: off in visitor.get("/events/coming").text, 5, 0.2)
        root = tree(visitor.get("/events/coming").text)
        rows = [(elements(li, "a")[0].get("href"), text_of(li)) for li in elements(root, "li")]
        assert 2 <= len(rows) <= 4
        assert [link for link, text in rows if weekly in text] == [f"/events/{slug}/{days[1]}"]
        assert [(link, "Cancelled" in text) for link, text in rows if off in text] == [
            (f"/events/{gone}", True)]
        assert not any("Cancelled" in text for _, text in rows if weekly in text)
    finally:    # it would crowd the others' lists
        hall.sql(f"DELETE FROM event WHERE slug IN ('{slug}', '{gone}');"
                 " UPDATE press SET number = number + 1 WHERE id = 2")


# ---- the address ----

def test_address(press, editor):
    """For all, or only for who is coming: then it is in no page."""
    day_ = (date.today() + timedelta(days=20)).isoformat()
    for who in ("all", "coming"):
        address, link = f"{word()} Street 12", f"https://meet.example.org/{word()}"
        id_ = saved(send(editor, described(
            title_en=f"Evening {word()}", day=day_, how="not", address=address, link=link,
            address_for=who, link_for=who, area="riverside")))
        assert saved(deed(editor, id_, "publish")) == id_
        slug = press.value(f"SELECT slug FROM event WHERE id = X'{id_}'")
        got = Visitor(press).get(f"/events/{slug}")
        (found,) = items(tree(got.text))
        place, virtual = found["location"]
        assert place["name"] == "Riverside"
        if who == "all":
            assert place["address"] == address and virtual["url"] == link
            assert link in Page(got.text).links
        else:
            assert "address" not in place and virtual["url"].endswith(f"/events/{slug}")
            assert "Those who say that they are coming get the address." in got.text
            assert address not in got.text and link not in got.text
