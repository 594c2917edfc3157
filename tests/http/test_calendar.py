"""Calendar files: read by two parsers that nobody here wrote, they say the same dates as the
pages, in three zones and across the nights when their clocks are moved."""

import io
import re
from datetime import date, datetime, timedelta, timezone
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import feedparser
import icalendar
import pytest
import recurring_ical_events
import vobject
from dateutil.tz import tzical

from portal import Visitor, word, words
from stack import wait_for
from test_events_admin import date_form, date_state, deed, described, links, saved, send

UTC = timezone.utc
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe")
FAR = datetime.now(UTC) + timedelta(days=600)       # behind the last date of any


def next_day(weekday, nth=None):
    """The next one, in a fortnight at the earliest; with `nth`, one that is so in its month."""
    day = date.today() + timedelta(days=14)
    while day.weekday() != weekday or (nth and (day.day - 1) // 7 + 1 != nth):
        day += timedelta(days=1)
    return day


def enter(admin, publish=True, **answers):
    """An event as a host would enter it: its id, slug and title."""
    title = f"Evening {word()}"
    id_ = saved(send(admin, described(**{"title_en": title, "rsvp": [], "capacity": "",
                                         "address": "", **answers})))
    if publish:
        assert saved(deed(admin, id_, "publish")) == id_
    return SimpleNamespace(id=id_, title=title, slug=admin.stack.value(
        f"SELECT slug FROM event WHERE id = X'{id_}'"))


@pytest.fixture(scope="module")
def events(press, editor):
    """One in each zone, recurring by another rule; and of the first, dates that differ."""
    class_ = enter(editor, day=next_day(1).isoformat(), zone=ZONES[0], step_by="2")
    twice = enter(editor, day=next_day(0).isoformat(), zone=ZONES[1], step_by="1",
                  on=["1", "4"], until=(date.today() + timedelta(days=480)).isoformat(),
                  **{"from": "19:00", "to": "23:30"}, kind="meeting")
    # On the very Sundays when the clocks are moved there, behind that hour.
    sunday = enter(editor, day=next_day(6, 1).isoformat(), zone=ZONES[2], how="monthly",
                   which="same", step_by="1", count="14", **{"from": "10:00", "to": "12:30"})
    once = enter(editor, day=next_day(5).isoformat(), how="not", zone="UTC", kind="talk",
                 link="https://meet.example.org/room", title_es=f"Charla {word()}",
                 address="12 Harbor Street; side door", summary_en="Who, what\\where? «ñandú» 🙂" * 9)
    dates = links(editor, class_.id)
    assert len(dates) >= 7
    moved = next_day(1) + timedelta(days=29)
    for oid, change in (
            (dates[1], lambda oid: date_state(editor, oid, "skipped")),
            (dates[2], lambda oid: date_form(editor, oid, {
                "day": moved.isoformat(), "from": "19:00", "to": "21:15",
                "note": "On a Wednesday, for once."})),
            (dates[3], lambda oid: date_state(editor, oid, "cancelled", why="No meeting.")),
            (dates[4], lambda oid: date_state(editor, oid, "postponed")),
            (dates[5], lambda oid: date_form(editor, oid, {"address": "The library"}))):
        assert saved(change(oid), "events/date") == oid
    return SimpleNamespace(class_=class_, twice=twice, sunday=sunday, once=once,
                           all=(class_, twice, sunday, once))


# ---- the file as it is ----

def now(path):
    """The same, past what nginx keeps for a second."""
    return f"{path}{'&' if '?' in path else '?'}{word()}"


def fetch(stack, path="/events.ics"):
    got = Visitor(stack).get(now(path))
    assert got.status_code == 200, path
    assert got.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert got.headers["ETag"]
    raw = got.content
    assert raw.endswith(b"\r\nEND:VCALENDAR\r\n")
    for line in raw[:-2].split(b"\r\n"):
        assert 0 < len(line) <= 75 and b"\n" not in line and b"\r" not in line, line
        line.decode()       # no character is cut in two
    return got.text


# ---- what two parsers make of it: (start, end, UTC; state; title; UID) of each date ----

STATES = {"CONFIRMED": "", "CANCELLED": "Cancelled", "TENTATIVE": "Postponed"}


def told(start, end, status, summary, uid):
    state, title = STATES[status], summary
    if state:
        before, _, title = summary.partition(": ")
        assert before == state
    return start.astimezone(UTC), end.astimezone(UTC), state, title, uid


def by_icalendar(text):
    calendar = icalendar.Calendar.from_ical(text)
    found = recurring_ical_events.of(calendar).between(datetime(2020, 1, 1, tzinfo=UTC), FAR)
    return sorted(told(event["DTSTART"].dt, event["DTEND"].dt, str(event["STATUS"]),
                       str(event["SUMMARY"]), str(event["UID"])) for event in found)


def by_vobject(text):
    calendar, found, instead = vobject.readOne(text), [], set()
    events = calendar.contents.get("vevent", [])
    for event in events:
        if "recurrence-id" in event.contents:
            instead.add((event.uid.value, event.recurrence_id.value.astimezone(UTC)))
    for event in events:
        start, length = event.dtstart.value, event.dtend.value - event.dtstart.value
        starts = [start]
        if "rrule" in event.contents:
            starts = event.getrruleset(addRDate=True).between(
                datetime(2020, 1, 1, tzinfo=start.tzinfo), FAR, inc=True)
        for at in starts:
            if "rrule" in event.contents and (
                    event.uid.value, at.astimezone(UTC)) in instead:
                continue
            found.append(told(at, at + length, event.status.value, event.summary.value,
                              event.uid.value))
    return sorted(found)


PARSERS = pytest.mark.parametrize("parse", (by_icalendar, by_vobject))


# ---- what the pages say ----

def entries(html):
    """(start, state, title) of each date in a list."""
    for item in re.findall(r'(?s)<li>\s*<p class="when">.*?</li>', html):
        state = re.search(r'<strong class="tag tag--\w+">(Cancelled|Postponed)</strong>', item)
        # and those that share its line
        for start in re.findall(r'<time datetime="([^"]+)"', item):
            yield (datetime.fromisoformat(start).astimezone(UTC), state[1] if state else "",
                   words(re.search(r'<p class="what">.*?</p>', item)[0]))


def listed(stack, path="/events"):
    """All that comes, page by page."""
    found = []
    while path:
        html = Visitor(stack).get(now(path)).text
        found += entries(html)
        path = re.search(r'<a href="([^"]+)" rel="next">', html)
        path = path and path[1].replace("&amp;", "&")
    return sorted(found)


def of_month(stack, month):
    """(day, hour on the wall with its zone where that is not the site's, title) of each date in
    the month's table."""
    html = Visitor(stack).get(now(f"/events/month/{month}")).text
    found = []
    for cell in re.findall(r'(?s)<td class="busy.*?</td>', html):
        day = re.search(r'<time datetime="([^"]+)"', cell)[1]
        for hour, title in re.findall(r'<li>([^<]*)<a [^>]*>([^<]+)</a>', cell):
            found.append((day, hour.strip(), title))
    return found


def rows(stack, event):
    """What is stored, which is where both come from."""
    return sorted([datetime.fromtimestamp(int(at), UTC), datetime.fromtimestamp(int(end), UTC),
                   {"planned": "", "cancelled": "Cancelled", "postponed": "Postponed"}[state],
                   event.title]
                  for at, end, state in stack.sql(
                      "SELECT starts_at, ends_at, state FROM occurrence"
                      f" WHERE event = X'{event.id}' AND state <> 'skipped'"))


def horizon(stack, found):
    """Without UIDs, and what an endless rule says of the time for which there are no rows yet."""
    last = {id_.lower(): datetime.fromtimestamp(int(at), UTC) for id_, at in stack.sql(
        "SELECT HEX(event), MAX(starts_at) FROM occurrence GROUP BY event")}
    return [one for *one, uid in map(list, found) if one[0] <= last[uid[:32]]]


def months_of(zone, at):
    """Around both of the next changes of the clocks there."""
    at, changes = at.astimezone(ZoneInfo(zone)), []
    while len(changes) < 2:
        then = (at.astimezone(UTC) + timedelta(hours=6)).astimezone(ZoneInfo(zone))
        if then.utcoffset() != at.utcoffset():
            changes.append(then)
        at = then
    return [f"{then:%Y-%m}" for then in changes]


# ---- the same dates ----

@PARSERS
def test_each_date_of_each_event(press, events, parse):
    for event in events.all:
        text = fetch(press, f"/events/{event.slug}.ics")
        want = rows(press, event)
        assert horizon(press, parse(text)) == want
        offsets = {start.astimezone(ZoneInfo(zone)).utcoffset() for start, *_ in want
                   for zone in re.findall(r"(?m)^TZID:(\S+)", text)}
        assert len(offsets) == (1 if event is events.once else 2) * ("TZID:" in text)
        changes = sum(a[0].astimezone(ZoneInfo(zone)).utcoffset() !=
                      b[0].astimezone(ZoneInfo(zone)).utcoffset()
                      for zone in re.findall(r"(?m)^TZID:(\S+)", text)
                      for a, b in zip(want, want[1:]))
        assert changes >= 2 or event is events.once
    assert {state for *_, state, _ in rows(press, events.class_)} == {
        "", "Cancelled", "Postponed"}


def test_last_date_is_behind_the_change(press, editor):
    """Half a year later the offset is another one, and the last date is one all the same."""
    last = next_day(1) + timedelta(weeks=26)
    event = enter(editor, day=next_day(1).isoformat(), step_by="1", until=last.isoformat())
    text, want = fetch(press, f"/events/{event.slug}.ics"), rows(press, event)
    assert by_icalendar(text)[-1][0] == by_vobject(text)[-1][0] == want[-1][0]
    assert len(by_icalendar(text)) == len(by_vobject(text)) == len(want) == 27
    assert want[-1][0].astimezone(ZoneInfo(ZONES[0])).date() == last


@PARSERS
def test_calendar_says_what_the_pages_say(press, events, parse):
    """Every date of every event that is public there, whoever entered it."""
    begun = datetime.now(UTC)
    page = listed(press)
    file = horizon(press, parse(fetch(press)))
    assert [(start, state, title) for start, end, state, title in file if end > begun] == page
    mine = {event.title for event in events.all}
    assert mine <= {title for *_, title in page} and len(page) > 150
    # and its filters
    for query in ("?kind=meeting", "?kind=talk", "?online=1", "?kind=talk&online=1"):
        page = listed(press, f"/events{query}")
        file = horizon(press, parse(fetch(press, f"/events.ics{query}")))
        assert [(s, state, title) for s, e, state, title in file if e > begun] == page
        assert page


def test_months_around_the_changes(press, events):
    for zone, event in zip(ZONES, events.all):
        found = horizon(press, by_icalendar(fetch(press, f"/events/{event.slug}.ics")))
        for month in months_of(zone, found[0][0]):
            want = sorted((f"{at:%Y-%m-%d}", f"{at:%H:%M}" + f" {at:%Z}" * (zone != ZONES[0]))
                          for at in (
                              start.astimezone(ZoneInfo(zone)) for start, *_ in found)
                          if f"{at:%Y-%m}" == month)
            assert want
            assert sorted((day, hour) for day, hour, title in of_month(press, month)
                          if title == event.title and hour) == want


def test_zones_as_others_read_them(press, events):
    """By the file's own VTIMEZONE, on each day to 2040 and around each change."""
    text = fetch(press)
    zones = tzical(io.StringIO(text.replace("\r\n ", "")))
    for name in ZONES:
        theirs, ours = ZoneInfo(name), zones.get(name)
        at = datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        while at.year < 2041:
            hours = range(24) if at.replace(tzinfo=theirs).utcoffset() != (
                at + timedelta(days=1)).replace(tzinfo=theirs).utcoffset() else (0, 12)
            for hour in hours:
                wall = at.replace(hour=hour, minute=45)
                # what does not exist is anybody's guess
                if wall.replace(tzinfo=theirs).astimezone(UTC).astimezone(
                        theirs).replace(tzinfo=None) != wall:
                    continue
                assert wall.replace(tzinfo=ours).utcoffset() == \
                    wall.replace(tzinfo=theirs).utcoffset(), (name, wall)
            at += timedelta(days=1)


# ---- what else it says ----

def events_in(text):
    return [event for event in icalendar.Calendar.from_ical(text).walk("VEVENT")]


def test_what_is_said_of_an_event(press, events):
    once = events.once
    text = fetch(press, f"/events/{once.slug}.ics")
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    host = re.match(r"https?://([^:/]+)", events_origin(press))[1]
    assert str(event["UID"]) == f"{once.id}@{host}"
    assert str(event["SUMMARY"]) == once.title
    assert str(event["DESCRIPTION"]) == (
        "Who, what\\where? «ñandú» 🙂" * 9 + "\n\nhttps://meet.example.org/room\n\n"
        f"{events_origin(press)}/events/{once.slug}")
    assert str(event["LOCATION"]) == "12 Harbor Street; side door"
    assert str(event["URL"]) == f"{events_origin(press)}/events/{once.slug}"
    assert str(event["CONFERENCE"]) == "https://meet.example.org/room"
    assert event["CATEGORIES"].cats == ["Public talk"]
    assert "TZID" not in text and "ORGANIZER" not in text and "CLASS" not in text
    assert str(calendar["NAME"]) == once.title and "METHOD" not in calendar
    assert str(calendar["SOURCE"]) == f"{events_origin(press)}/events/{once.slug}.ics"
    # in another language
    spanish = fetch(press, f"/es/events/{once.slug}.ics")
    assert "SUMMARY:Charla" in spanish and f"/es/events/{once.slug}\r\n" in spanish
    assert f"UID:{once.id}@{host}" in spanish
    other = fetch(press, f"/es/events/{events.twice.slug}.ics")
    assert f"SUMMARY;LANGUAGE=en:{events.twice.title}" in other


def events_origin(stack):
    return re.search(r'(?m)^origin\s*=\s*"?([^"\n]+)', stack.conf.read_text())[1].strip()


def test_dates_that_differ(press, events):
    text = fetch(press, f"/events/{events.class_.slug}.ics")
    series, *others = events_in(text)
    assert "RECURRENCE-ID" not in series and len(others) == 4
    assert series["RRULE"].to_ical() == b"FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"
    skipped = next_day(1) + timedelta(days=14)
    assert series["EXDATE"].dts[0].dt.replace(tzinfo=None) == datetime(
        skipped.year, skipped.month, skipped.day, 18, 30)
    moved, cancelled, postponed, placed = sorted(others, key=lambda e: e["RECURRENCE-ID"].dt)
    assert moved["RECURRENCE-ID"].dt.strftime("%H:%M") == "18:30"
    assert moved["DTSTART"].dt.strftime("%a %H:%M") == "Wed 19:00"
    assert moved["DTEND"].dt.strftime("%H:%M") == "21:15"
    assert str(moved["DESCRIPTION"]).startswith("On a Wednesday, for once.\n\n")
    assert (str(cancelled["STATUS"]), str(postponed["STATUS"])) == ("CANCELLED", "TENTATIVE")
    assert str(cancelled["SUMMARY"]) == f"Cancelled: {events.class_.title}"
    assert str(cancelled["DESCRIPTION"]).startswith("No meeting.\n\n")
    assert str(placed["LOCATION"]) == "The library" and str(placed["STATUS"]) == "CONFIRMED"
    for one in others:
        assert str(one["UID"]) == str(series["UID"]) and one["SEQUENCE"] == series["SEQUENCE"]
        day = one["RECURRENCE-ID"].dt
        assert str(one["URL"]).endswith(f"/events/{events.class_.slug}/{day:%Y-%m-%d}")
        assert Visitor(press).get(f"/events/{events.class_.slug}/{day:%Y-%m-%d}"
                                  ).status_code == 200


def test_changes_raise_the_sequence(press, editor):
    event = enter(editor, day=next_day(2).isoformat(), step_by="1", count="6", on=["3"])
    path = f"/events/{event.slug}.ics"
    texts = [fetch(press, path)]

    def then(got, where, says):
        assert got.status_code == 303, where
        texts.append(fetch(press, path))
        assert says(texts[-1]), where
        before, after = (events_in(text)[0] for text in texts[-2:])
        assert after["SEQUENCE"] > before["SEQUENCE"], where
        assert after["LAST-MODIFIED"].dt >= before["LAST-MODIFIED"].dt
        assert str(after["UID"]) == str(before["UID"])
        return texts[-1]

    first, second, third = links(editor, event.id)[:3]
    then(date_state(editor, second, "cancelled"), "one cancelled", lambda t: "CANCELLED" in t)
    then(date_state(editor, third, "skipped"), "one skipped", lambda t: "EXDATE" in t)
    then(send(editor, {"from": "17:00", "to": "18:00"}, at=event.id), "another hour",
         lambda t: "T170000" in t)
    # The first one is skipped: the series begins with the next.
    text = then(date_state(editor, first, "skipped"), "the first", lambda t: "COUNT=5" in t)
    assert len(by_vobject(text)) == 4
    # On another weekday: the dates that were changed are gone, and their number is not.
    day = next_day(3)
    then(send(editor, {"day": day.isoformat(), "on": ["4"]}, at=event.id), "another day",
         lambda t: "BYDAY=TH" in t)
    assert press.value("SELECT COUNT(*) FROM occurrence"
                       f" WHERE event = X'{event.id}' AND sequence > 0") == "0"
    text = then(deed(editor, event.id, "cancel", {"note": "It is over."}), "all cancelled",
                lambda t: "CONFIRMED" not in t)
    assert {state for _, _, state, *_ in by_icalendar(text)} == {"Cancelled"}
    assert "It is over." in text


def test_what_is_not_public(press, editor):
    draft = enter(editor, publish=False, day=next_day(3).isoformat(), how="not")
    assert Visitor(press).get(f"/events/{draft.slug}.ics").status_code == 404
    by_link = enter(editor, day=next_day(3).isoformat(), how="not", visibility="link")
    assert f"SUMMARY:{by_link.title}" in fetch(press, f"/events/{by_link.slug}.ics")
    hidden = enter(editor, day=next_day(3).isoformat(), how="not", rsvp="yes",
                   address="99 Secret Lane", address_for="coming",
                   link="https://meet.example.org/secret", link_for="coming")
    text = fetch(press)
    assert hidden.title in text
    for title in (draft.title, by_link.title):
        assert title not in text
    for text in (text, fetch(press, f"/events/{hidden.slug}.ics")):
        assert "Secret Lane" not in text and "meet.example.org/secret" not in text
    for path in ("/events/nothing-like-it.ics", "/events/.ics", "/events/a/b.ics"):
        assert Visitor(press).get(path).status_code == 404, path
    # An empty calendar is one all the same.
    text = fetch(press, "/events.ics?area=nowhere")
    assert by_icalendar(text) == by_vobject(text) == listed(press, "/events?area=nowhere") == []


def test_asked_again(press, events):
    for path in ("/events.ics", f"/events/{events.once.slug}.ics", "/events.ics?kind=talk"):
        # What was changed this very second has no Last-Modified yet.
        got = wait_for(lambda: "Last-Modified" in (got := Visitor(press).get(path)).headers
                       and [got], 5, 0.3)[0]
        assert "public" in got.headers["Cache-Control"]
        again = Visitor(press).get(path, headers={"If-None-Match": got.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        again = Visitor(press).get(path, headers={
            "If-Modified-Since": got.headers["Last-Modified"]})
        assert again.status_code == 304
        assert Visitor(press).get(path).content == got.content
        assert Visitor(press).request("HEAD", path).headers["ETag"] == got.headers["ETag"]


# ---- the feed of new ones ----

def feed_of(stack, path="/events.rss"):
    got = Visitor(stack).get(now(path))
    assert got.status_code == 200
    assert got.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    feed = feedparser.parse(got.content)
    assert not feed.bozo and feed.version == "rss20"
    return feed


def test_feed_of_new_events(press, editor, events):
    class_ = enter(editor, day=next_day(1).isoformat(), step_by="2", area="old-market",
                   summary_en="One & <two>.", title_es="Leemos")
    draft = enter(editor, publish=False, day=next_day(3).isoformat(), how="not")
    by_link = enter(editor, day=next_day(3).isoformat(), how="not", visibility="link")
    feed = feed_of(press)
    titles = [entry.title for entry in feed.entries]
    assert titles[0] == class_.title and titles.count(class_.title) == 1
    assert {event.title for event in events.all} <= set(titles)
    assert not {draft.title, by_link.title} & set(titles)
    published = [entry.published_parsed for entry in feed.entries]
    assert published == sorted(published, reverse=True)
    first, origin = feed.entries[0], events_origin(press)
    assert first.link == f"{origin}/events/{class_.slug}"
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", first.id)
    assert "One &amp; &lt;two&gt;." in first.description
    day = next_day(1)
    text = words(first.content[0].value)
    assert f"Tuesday, {day.day} {day:%B} {day.year}, 18:30–20:30 E" in text
    assert "Every second Tuesday" in text and "Old Market" in text
    assert "<strong>questions</strong>" in first.content[0].value
    assert feed.feed.link == f"{origin}/events" and feed.feed.title.endswith(": events")
    spanish = feed_of(press, "/es/events.rss").entries[0]
    assert (spanish.title, spanish.id) == ("Leemos", first.id)
    assert spanish.link == f"{origin}/es/events/{class_.slug}"
    # Weekdays are small within a sentence, and not where a line begins.
    text = words(spanish.content[0].value)
    assert f"Martes, {day.day} de " in text and "Un martes cada dos semanas" in text
    saturday = next_day(5)
    long = enter(editor, day=saturday.isoformat(), how="not",
                 end_day=(saturday + timedelta(days=1)).isoformat(), to="16:00")
    (spanish,) = [e for e in feed_of(press, "/es/events.rss").entries if long.slug in e.link]
    text = words(spanish.content[0].value)
    assert f"Sábado, {saturday.day} de " in text and "18:30 hasta el domingo " in text
    # called off: it stays, and says so
    assert deed(editor, class_.id, "cancel", {"note": ""}).status_code == 303
    (entry,) = [e for e in feed_of(press).entries if class_.slug in e.link]
    assert entry.title == f"Cancelled: {class_.title}" and entry.id == first.id
