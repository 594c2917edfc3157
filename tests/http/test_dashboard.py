"""The first page of the back office: what waits for whom, what came in week by week, and whether
the portal is well.  Each sees their own desks and nothing of the others."""

import re
import time
from datetime import datetime, timezone

import pytest

from portal import Page
from stack import wait_for
from test_desks import TITLES, guest, hand_in, house, id_of, staff  # noqa: F401

DAY = 86400
TODAY = int(time.time()) // DAY * DAY
MONDAY = TODAY - datetime.fromtimestamp(TODAY, timezone.utc).weekday() * DAY
PLOTS = {"applications": "membership", "supporters": "supporters", "asked": "aid",
         "offered": "aid", "subscribers": "statements"}
TABLES = ("elector", "round", "message", "submission", "approval", "statement", "event",
          "outbox", "subscriber")


@pytest.fixture(scope="module", autouse=True)
def still(house):
    """The courier erases and counts nothing meanwhile."""
    house.supervisorctl("stop", "courier")
    yield
    house.supervisorctl("start", "courier")
    house.running("courier")


@pytest.fixture(autouse=True)
def swept(house, still):
    def sweep():
        house.sql(";".join(f"DELETE FROM {table}" for table in TABLES))
        house.sql("UPDATE duty SET next_at = UNIX_TIMESTAMP() + 60 WHERE name = 'census'")
    sweep()
    yield
    sweep()


@pytest.fixture
def put(house):
    """`n` submissions, as rows."""
    def make(desk, day, n=1, **columns):
        row = {"desk": f"'{desk}'", "form": "'x'", "received_day": day, "moved_day": TODAY,
               "desk_key": "''", "receipt_key": "''", "body": "''", "filed": 1,
               "id": "RANDOM_BYTES(16)", "receipt": "RANDOM_BYTES(32)",
               **{k: v if isinstance(v, int) or v.startswith("@") else f"'{v}'"
                  for k, v in columns.items()}}
        house.sql("".join(f"INSERT INTO submission ({', '.join(row)}) VALUES"
                          f" ({', '.join(map(str, row.values()))});" for _ in range(n)))
    return make


def plots(page):
    """By its key what a plot's table says of 26 weeks; [] where it says none came."""
    found = {}
    for key, inner in re.findall(r'<section class="card plotted" aria-labelledby="plot-(\w+)">(.*?)'
                                 r"</section>", page.html, re.S):
        rows = re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', inner)
        found[key] = []
        for month, cells in rows:
            *weeks, together = re.findall(r"<td>(\d+|–)</td>", cells)
            assert len(weeks) == 5
            weeks = [int(n) for n in weeks if n != "–"]
            assert sum(weeks) == int(together), (key, month)
            found[key] += weeks
    return found


def bars(page, key):
    """Of each bar, its height and what it says."""
    svg = re.search(rf'<svg class="plot"[^>]*aria-labelledby="plot-{key}".*?</svg>',
                    page.html, re.S)
    return [(int(high), now, what) for high, now, what in re.findall(
        r'<rect [^>]*height="(\d+)"( class="now")?><title>([^<]*)</title>', svg[0])]


def groups(page):
    """By its title what waits at a desk, in the order of the page: (number, words, where it
    leads, whether it is urgent, why)."""
    return {desk: [(number, words, href.replace("&amp;", "&"), bool(now), tag)
                   for now, href, number, words, tag in re.findall(
                       r'<li( class="now")?><a href="([^"]*)"><strong>([^<]*)</strong>'
                       r' <span>([^<]*)</span></a>(?: <span class="tag tag--high">([^<]*)</span>)?',
                       lines)]
            for desk, lines in re.findall(
                r'<h3 id="waits-\w+">([^<]*)</h3>\s*<ul class="waiting">(.*?)</ul>',
                page.html, re.S)}


def waiting(page):
    """What waits, by desk and sentence: where it leads."""
    return {(desk, f"{number} {words}"): href for desk, lines in groups(page).items()
            for number, words, href, _, _ in lines}


def steps(page):
    found = re.search(r'aria-labelledby="first">(.*?)</section>', page.html, re.S)
    return re.findall(r'href="([^"]*)"', found[1]) if found else []


def health(page):
    """(what, whether it needs a look, the sentence)"""
    return [(what, kind == "bad", text) for what, kind, text in re.findall(
        r'<li><strong>([^<]*)</strong> <span class="tag tag--(\w+)">[^<]*</span> <span>([^<]*)</span>',
        page.html)]


def spoken(day):
    return f"{day.day} {day:%B} {day.year}"


# ---- week by week ----

def test_weeks(house, staff, put):
    first = MONDAY - 25 * 7 * DAY
    put("membership", MONDAY, 2)                        # this week
    put("membership", MONDAY - DAY, 1)                  # Sunday: the one before
    put("membership", first, 5)
    put("membership", first + 6 * DAY, 2, state="accepted", ended_day=first + 9 * DAY)
    put("membership", first - DAY, 9)                   # too long ago
    put("membership", MONDAY - 7 * DAY, 4, suspect=1)
    put("membership", MONDAY - 21 * DAY, 3, state="erased")
    put("supporters", MONDAY - 14 * DAY, 11)
    put("aid", MONDAY - 7 * DAY, 6, kind="ask")
    put("aid", MONDAY - 7 * DAY, 1, kind="offer")
    for n, (state, at) in enumerate([
            ("confirmed", MONDAY), ("confirmed", MONDAY - 1), ("left", MONDAY - 1),
            ("confirmed", MONDAY - 7 * DAY), ("pending", "NULL"), ("confirmed", first - 1)]):
        house.sql("INSERT INTO subscriber (id, hash, address, lang, state, token, asked_at,"
                  f" confirmed_at) VALUES (RANDOM_BYTES(16), RANDOM_BYTES(32), '{n}', 'en',"
                  f" '{state}', RANDOM_BYTES(32), 0, {at})")
    page = staff.rosa.page("/admin/")
    assert plots(page) == {
        "applications": [7, *[0] * 21, 3, 0, 1, 2], "supporters": [*[0] * 23, 11, 0, 0],
        "asked": [*[0] * 24, 6, 0], "offered": [*[0] * 24, 1, 0],
        "subscribers": [*[0] * 24, 2, 1]}
    # The bars say the same, and the highest goes up to its number on a scale of eight.
    week = [spoken(datetime.fromtimestamp(first + n * 7 * DAY, timezone.utc))
            for n in range(26)]
    assert bars(page, "applications") == [
        (77, "", f"Week from {week[0]}: 7"), (33, "", f"Week from {week[22]}: 3"),
        (11, "", f"Week from {week[24]}: 1"), (22, ' class="now"', f"Week from {week[25]}: 2")]
    assert f"Most: 7, in the week from {week[0]}." in page.text("section")
    # Where that is this week, its number stands there already.
    put("supporters", MONDAY, 12)
    assert page.text().count("Most: ") - staff.rosa.page("/admin/").text().count("Most: ") == 1
    assert re.findall(r'class="scale"[^>]*>(\d+)<', page.html)[:3] == ["8", "4", "0"]

    # Of other desks there is neither a number nor a word.
    for admin, own in ((staff.mia, "membership"), (staff.sol, "supporters"), (staff.ada, "aid")):
        page = admin.page("/admin/")
        assert plots(page).keys() == {k for k, desk in PLOTS.items() if desk == own}
        for desk, title in TITLES.items():
            assert (title in page.text("main")) == (desk == own and bool(waiting(page)))
        assert "26 weeks" in page.text("main")
    # Each is a picture that a reader hears the name of.
    assert ('svg', 'img') in {(t, a.get("role")) for t, a in page.tags}


def test_months_hold_all_weeks(staff, put):
    """One a week, whatever the month: 26 in all, the oldest first."""
    for n in range(26):
        put("membership", MONDAY - n * 7 * DAY, 26 - n)
    assert plots(staff.mia.page("/admin/"))["applications"] == list(range(1, 27))


def test_nothing_yet(house, staff, guest):
    page = staff.rosa.page("/admin/")
    assert plots(page) == {key: [] for key in PLOTS} and "<svg" not in page.html
    assert "Nothing waits for you" in page.text("h2") and not waiting(page)
    assert steps(page) == ["/admin/statements/new", "/admin/events/new", "/join", "/support",
                           "/aid"]
    for link in steps(page) + ["/es/admin/"]:
        staff.rosa.page(link)
    assert steps(staff.ada.page("/admin/")) == ["/aid"]
    assert steps(staff.mia.page("/admin/")) == ["/join"]
    # Who keeps events, and nothing else, has no weeks to look at.
    host = guest("Hoa", "events").page("/admin/")
    assert steps(host) == ["/admin/events/new"] and "26 weeks" not in host.text()
    assert 'aria-current="page">Today' in host.html and health(host)


# ---- what waits ----

def test_waiting(house, staff, hand_in, put):
    mia = id_of(house, "Mia")
    ada = id_of(house, "Ada")
    put("membership", TODAY, 2)
    put("membership", TODAY, 5, suspect=1)
    put("membership", TODAY - 60 * DAY, 1, state="accepted", ended_day=TODAY)
    for n, (closes, vote, quorum) in enumerate([
            (9, "NULL", 1), (9, "NULL", 1), (9, "'abstain'", 1),      # 2 await Mia, 1 Rosa
            (-1, "NULL", 1), (9, "'recused'", 2)]):                   # over; cannot be met
        put("membership", TODAY, state="review", urgency=n)
        house.sql(f"""
            SET @id = (SELECT id FROM submission WHERE state = 'review' AND urgency = {n});
            INSERT INTO round VALUES (@id, 1, 0, {TODAY + closes * DAY}, NULL, {quorum}, 1, 1);
            INSERT INTO elector (submission, number, admin, vote) VALUES
                (@id, 1, X'{mia}', {vote}), (@id, 1, X'{id_of(house, "Rosa")}', NULL)""")
    put("membership", TODAY - 30 * DAY, 1, moved_day=TODAY - 30 * DAY)
    put("aid", TODAY, 3, kind="ask", state="needed")
    put("aid", TODAY, 1, kind="ask", state="needed", urgency=1)
    put("aid", TODAY, 1, kind="ask", state="needed", assigned_to="@ada", desk_unread=2)
    house.sql(f"""UPDATE submission SET assigned_to = X'{ada}' WHERE desk_unread = 2;
        SET @rosa = X'{id_of(house, "Rosa")}';
        INSERT INTO statement (id, work, lang, slug, state, title, body, created_at, changed_at,
            changed_by, closes_at) VALUES
            (REPEAT('a', 16), REPEAT('a', 16), 'en', 'a', 'review', 'Secret words', '', 0, 0,
                @rosa, {TODAY + 2 * DAY}),
            (REPEAT('b', 16), REPEAT('b', 16), 'en', 'b', 'ready', 'b', '', 0, 0, @rosa, NULL),
            (REPEAT('c', 16), REPEAT('c', 16), 'en', 'c', 'review', 'c', '', 0, 0, @rosa, 1);
        INSERT INTO approval (statement, version, admin) SELECT id, 1, @rosa FROM statement;
        INSERT INTO event (id, slug, kind, lang, zone, starts_wall, minutes, created_at,
            changed_at, changed_by)
            VALUES (REPEAT('e', 16), 'e', 'meeting', 'en', 'UTC', 0, 60, 0, 0, @rosa)""")
    at = "/admin/queue?desk="
    soon = datetime.fromtimestamp(TODAY + 2 * DAY, timezone.utc)
    members = {
        ("Membership", "2 cases were not decided and can be opened again"):
            at + "membership&list=review",
        ("Membership", "3 cases to be opened for decision"): at + "membership&list=received",
        ("Membership", "1 case that has not moved for 7 days or more"): at + "membership&list=still"}
    assert waiting(staff.mia.page("/admin/")) == {
        ("Membership", "2 cases await your vote"): at + "membership&list=review", **members}
    page = staff.rosa.page("/admin/")
    assert waiting(page) == {
        ("Membership", "3 cases await your vote"): at + "membership&list=review", **members,
        ("Statements", "1 statement awaits your vote"): "/admin/statements?list=review",
        ("Statements", "1 statement ready to be published"): "/admin/statements?list=ready",
        ("Mutual aid", "5 open requests for help"): at + "aid&list=ask",
        ("Mutual aid", "1 case with messages that nobody has read"): at + "aid&list=unread",
        ("Events", "1 event is a draft that nobody outside sees"): "/admin/events?list=drafts"}
    for link in waiting(page).values():
        assert not re.search('class="empty"', staff.rosa.page(link).html), link
    # Where something is urgent stands first, and so does what is; then what nobody else can do.
    assert list(groups(page)) == ["Mutual aid", "Statements", "Membership", "Events"]
    assert groups(page)["Membership"][0][1] == "cases await your vote"
    assert [(line[1], *line[3:]) for line in groups(page)["Mutual aid"]] == [
        ("open requests for help", True, "Today or tomorrow: 4"),
        ("case with messages that nobody has read", True, "")]
    assert groups(page)["Statements"][0][3:] == (True, f"by {spoken(soon)}")
    assert not any(line[3] for line in groups(page)["Membership"] + groups(page)["Events"])
    assert ("Mutual aid", "1 case that you took on") in waiting(staff.ada.page("/admin/"))
    assert not waiting(staff.sol.page("/admin/"))
    spanish = staff.rosa.page("/es/admin/")
    assert spanish.lang == "es" and all(
        link.startswith("/es/admin/") for link in waiting(spanish).values())
    assert len(waiting(spanish)) == len(waiting(page))


# ---- whether the portal is well ----

def test_health(house, staff):
    fine = [("Courier", False, "It sends mail, files and erases: it is at work."), ("Mail", False, "None is waiting."),
            ("Spool", False, "Nothing waits to be filed.")]
    for admin in staff:
        page = admin.page("/admin/")
        assert health(page) == fine and 'class="notice' not in page.html

    def mail(state, due, done="NULL"):
        house.sql("INSERT INTO outbox (id, kind, lang, address, state, due_at, done_at) VALUES"
                  f" (RANDOM_BYTES(16), 'receipt', 'en', '', '{state}', {due}, {done})")
    now = int(time.time())
    house.sql(f"UPDATE duty SET next_at = {now} + 60 - 14 * 60 WHERE name = 'census'")
    mail("waiting", now + 3600)
    mail("waiting", now - 3 * 3600 - 5)
    mail("failed", now, now - DAY)
    mail("failed", now, now - 8 * DAY)
    mail("sent", now - 9 * DAY, now)
    aside = house.state / "spool/aid" / ("0" * 64 + ".bad")
    aside.parent.mkdir(exist_ok=True)
    aside.write_text("x")
    try:
        page = staff.ada.page("/admin/")
    finally:
        aside.unlink()
    assert "not been seen for 14 minutes" in page.html.split("<h2")[0], "before all else"
    assert health(page) == [
        ("Courier", True, "It has not been seen for 14 minutes: no mail goes out, and nothing is"
         " filed or erased. What people send is kept meanwhile. Tell whoever runs the server."),
        ("Mail", True, "2 letters are waiting, the oldest due for 3 hours. None is lost: they go"
         " out once the mail server takes them. Tell whoever runs the server."),
        ("Mail", False, "1 letter could not be delivered in the last 7 days. An address was"
         " wrong, or is not read any more."),
        ("Spool", True, "1 file could not be read and was set aside. Tell whoever runs the"
         " server.")]
    for _ in range(2):
        mail("failed", now, now - DAY)
    assert ("Mail", True, "3 letters could not be delivered in the last 7 days. Tell whoever runs"
            " the server.") in health(staff.ada.page("/admin/"))
    house.sql("UPDATE duty SET next_at = 0 WHERE name = 'census'")
    assert "never been seen" in health(staff.ada.page("/admin/"))[0][2]
    # The real one is seen again at once.
    house.supervisorctl("start", "courier")
    wait_for(lambda: not health(staff.ada.page("/admin/"))[0][1])
    house.supervisorctl("stop", "courier")


def test_address_takes_nothing(staff):
    """What was a list's address once still leads to a page."""
    assert Page(staff.ada.get("/admin/?desk=membership").text).text("h1") == "Today"
