"""Events as their hosts keep them: described, seen before they are saved, published, their dates
moved, cancelled and skipped, and who else may do what."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import Admin, Page, Visitor, word
from stack import wait_for

ZONE = "America/New_York"


def tuesday(weeks=0):
    """A Tuesday that is to come."""
    day = datetime.now(ZoneInfo(ZONE)).date() + timedelta(days=1)
    return day + timedelta(days=(1 - day.weekday()) % 7 + 7 * weeks)


def described(**other):
    """What somebody types into the form: a class on every second Tuesday."""
    return {"title_en": f"Reading together {word()}", "summary_en": "We read and talk.",
            "body_en": "Bring **questions** & friends.", "kind": "education",
            "day": tuesday().isoformat(), "from": "18:30", "to": "20:30", "zone": ZONE,
            "how": "weekly", "step_by": "2", "address": "12 Harbor Street, side door",
            "rsvp": "yes", "capacity": "12", **other}


def send(admin, answers, at="new", step="save", query=""):
    """Fill in the form of the event with the id `at`, and send it."""
    path = f"/admin/events/{at}"
    return admin.submit(admin.page(path + query).form(path), answers, ("step", step))


def saved(got, where="events"):
    """The id of what was saved."""
    assert got.status_code == 303, (got.status_code, Page(got.text).text("main")[:3000])
    return re.fullmatch(rf"/admin/{where}/([0-9a-f]{{32}})\?done=\w+",
                        got.headers["Location"])[1]


def deed(admin, id_, what, answers=None):
    path = f"/admin/events/{id_}"
    return admin.submit(admin.page(path).form(f"{path}/{what}"), answers or {})


def dates(stack, id_, what="day"):
    """Of its dates, oldest first."""
    return [list(row) if len(row) > 1 else row[0] for row in stack.sql(
        f"SELECT {what} FROM occurrence WHERE event = X'{id_}' ORDER BY day")]


def links(admin, id_):
    """The ids of its next dates, as its page lists them."""
    return re.findall(r'/admin/events/date/([0-9a-f]{32})"',
                      admin.get(f"/admin/events/{id_}").text)


def date_form(admin, oid, answers):
    path = f"/admin/events/date/{oid}"
    return admin.submit(admin.page(path).form(path), answers)


def date_state(admin, oid, step, **answers):
    path = f"/admin/events/date/{oid}"
    return admin.submit(admin.page(path).form(f"{path}/state", having=("step", step)), answers,
                        ("step", step))


def audited(stack, action):
    return int(stack.value(f"SELECT COUNT(*) FROM audit WHERE action = '{action}'"))


def rsvp(stack, oid, state="seated", people=1, address="X'01'"):
    """Somebody who said that they come, put right into the store."""
    stack.sql("SET @id = RANDOM_BYTES(16); UPDATE occurrence SET numbers = numbers + 1,"
              f" {'taken = taken' if state == 'seated' else 'waiting = waiting'} + {people}"
              f" WHERE id = X'{oid}'; INSERT INTO rsvp (id, occurrence, number, answer, state,"
              " people, lang, receipt, desk_key, receipt_key, body, address) SELECT @id, id,"
              f" numbers, 'coming', '{state}', {people}, 'en', RANDOM_BYTES(32), '', '', '',"
              f" {address} FROM occurrence WHERE id = X'{oid}'")


def told(stack, oid):
    return [row[0] for row in stack.sql(
        f"SELECT tell FROM rsvp WHERE occurrence = X'{oid}' ORDER BY number")]


def number(stack):
    return int(stack.value("SELECT number FROM press WHERE id = 2"))


# ---- describing one ----

def test_class_from_first_word_to_last_date(press, editor):
    """An every-second-Tuesday class as a person would enter it."""
    answers = described(until=(tuesday(20)).isoformat(), title_es="Leemos juntas")
    got = send(editor, answers, step="preview")
    page, title = Page(got.text), answers["title_en"]
    assert got.status_code == 200
    shown = page.text("section")
    assert "Every second Tuesday" in shown and "And so on" in shown
    for k in range(0, 16, 2):
        day = tuesday(k)
        assert f"Tuesday, {day.day} {day:%B} {day.year}, 18:30–20:30 E" in shown
    assert f"{tuesday(1).day} {tuesday(1):%B}" not in shown
    assert "<strong>questions</strong> &amp; friends" in got.text and "Leemos juntas" in shown
    assert press.value(f"SELECT COUNT(*) FROM event_words WHERE title = '{title}'") == "0"
    form = page.form("/admin/events/new")
    assert (form["title_en"], form["day"], form["kind"]) == (
        title, answers["day"], ["education"])

    # What was previewed is what is saved; nobody outside sees it.
    id_ = saved(editor.submit(form, button=("step", "save")))
    want = [f"{tuesday(k):%Y%m%d}" for k in range(0, 21, 2)]
    assert dates(press, id_) == want
    assert set(dates(press, id_, "shown")) == {"0"}
    assert title in editor.page("/admin/events?list=drafts").text("table")
    assert "12 Harbor" not in "".join(press.sql(
        f"SELECT HEX(whereabouts) FROM event WHERE id = X'{id_}'")[0])
    page = editor.page(f"/admin/events/{id_}")
    assert "Every second Tuesday" in page.text("main")
    form = page.form(f"/admin/events/{id_}")
    for name, value in answers.items():
        assert form[name] == ([value] if name in ("kind", "how", "rsvp") else value), name

    # published: its dates are in the lists
    before = number(press)
    assert saved(deed(editor, id_, "publish")) == id_
    assert set(dates(press, id_, "shown")) == {"1"} and number(press) > before
    assert audited(press, "event.published") >= 1
    assert title in editor.page("/admin/events?list=coming").text("table")
    first, second, third, fourth = links(editor, id_)[:4]

    # one is skipped, one moved, one cancelled
    assert saved(date_state(editor, second, "skipped"), "events/date") == second
    moved = tuesday(4) + timedelta(days=1)
    assert saved(date_form(editor, third, {
        "day": moved.isoformat(), "from": "19:00", "to": "21:00", "note": "On a Wednesday.",
        "address": "The library"}), "events/date") == third
    before = number(press)
    assert saved(date_state(editor, fourth, "cancelled", why="No meeting this week."),
                 "events/date") == fourth
    assert number(press) > before
    rows = dates(press, id_, "day, state, own, placed, shown, sequence, note")
    assert rows[1][1:] == ["skipped", "0", "0", "0", "1", ""]
    assert rows[2][1:] == ["planned", "1", "1", "1", "1", "On a Wednesday."]
    assert rows[3][1:] == ["cancelled", "0", "0", "1", "1", "No meeting this week."]
    assert [row[0] for row in rows] == want
    at = datetime.fromtimestamp(int(dates(press, id_, "starts_at")[2]), ZoneInfo(ZONE))
    assert (at.date(), at.hour, at.minute) == (moved, 19, 0)
    list_ = editor.page(f"/admin/events/{id_}/dates").text("main")
    for piece in ("Skipped", "moved", "other place", "Cancelled", "No meeting this week."):
        assert piece in list_
    page = editor.page(f"/admin/events/date/{third}")
    assert page.form(f"/admin/events/date/{third}")["address"] == "The library"
    assert not page.has_form("/nowhere") and "On a Wednesday." in page.text("main")

    # Another hour for all of it: what was done by hand stays.
    assert saved(send(editor, {"from": "19:30", "to": "21:00"}, at=id_)) == id_
    after = dates(press, id_, "state, own, starts_at")
    at = [datetime.fromtimestamp(int(row[2]), ZoneInfo(ZONE)) for row in after]
    assert (at[0].hour, at[0].minute) == (19, 30) and at[2].hour == 19 and at[2].minute == 0
    assert [row[0] for row in after[:5]] == [
        "planned", "skipped", "planned", "cancelled", "planned"]

    # back to plan: as the event says
    for oid in (second, third, fourth):
        assert saved(date_state(editor, oid, "planned"), "events/date") == oid
    assert {tuple(row) for row in dates(
        press, id_, "state, own, placed, shown, note")} == {("planned", "0", "0", "1", "")}
    at = datetime.fromtimestamp(int(dates(press, id_, "starts_at")[2]), ZoneInfo(ZONE))
    assert (at.date(), at.hour, at.minute) == (tuesday(4), 19, 30)
    assert audited(press, "occurrence.moved") >= 1 and audited(press, "occurrence.skipped") >= 1


def test_all_mistakes_at_once(press, editor):
    answers = described(title_en="", day="2026-13-40", to="soon", zone="Mars/Base",
                        step_by="13", capacity="none", link="meet.example.org",
                        title_es="", body_es="Algo.", hours="x", summary_en="x" * 601)
    before = press.value("SELECT COUNT(*) FROM event")
    for step in ("save", "preview"):
        got = send(editor, answers, step=step)
        page = Page(got.text)
        assert got.status_code == 422
        bad = re.findall(r'<a href="#f-(\w+)">', got.text)
        assert bad == ["title_en", "summary_en", "title_es", "day", "to", "zone", "link",
                       "hours", "capacity"]
        for name in bad:
            assert f'id="f-{name}"' in got.text and f'id="e-{name}"' in got.text
        form = page.form("/admin/events/new")
        for name, value in answers.items():
            assert form[name] == ([value] if name in ("kind", "how", "rsvp") else value)
    assert press.value("SELECT COUNT(*) FROM event") == before
    # what can only be wrong once the rest is right
    for wrong, name in (
            ({"to": "18:30"}, "to"), ({"end_day": "2026-01-01"}, "end_day"),
            ({"end_day": (tuesday(3)).isoformat()}, "end_day"),
            ({"on": ["1", "3"]}, "on"), ({"until": "2026-01-01"}, "until"),
            ({"until": tuesday(9).isoformat(), "count": "4"}, "count"), ({"count": "1"}, "count"),
            ({"how": "monthly", "which": "last", "day": "2027-03-02"}, "which"),
            ({"kind": []}, "kind"), ({"rsvp": [], "address_for": "coming"}, "address_for"),
            ({"step_by": "0"}, "step_by"), ({"link": "https://a b"}, "link")):
        got = send(editor, described(**wrong), step="preview")
        assert (got.status_code, re.findall(r'<a href="#f-(\w+)">', got.text)) == (422, [name])


def test_rules(press, editor):
    """The sentence and the dates of the other kinds."""
    for answers, sentence, days in (
            ({"how": "not"}, None, ["2027-03-02"]),
            ({"how": "weekly", "step_by": "", "on": ["2", "4"], "count": "3"}, "Tuesday",
             ["2027-03-02", "2027-03-04", "2027-03-09"]),
            ({"how": "monthly", "step_by": "1", "which": "same", "count": "3"}, "first Tuesday",
             ["2027-03-02", "2027-04-06", "2027-05-04"]),
            ({"how": "monthly", "step_by": "1", "which": "last", "count": "3",
              "day": "2027-03-30"}, "last Tuesday",
             ["2027-03-30", "2027-04-27", "2027-05-25"])):
        answers = described(**{"day": "2027-03-02", **answers})
        shown = Page(send(editor, answers, step="preview").text).text("section")
        assert sentence is None or sentence in shown
        id_ = saved(send(editor, answers))
        if len(days) == 1:
            assert dates(press, id_) == ["0"]
        else:
            assert dates(press, id_) == [day.replace("-", "") for day in days]
        for day in days:
            assert f"{datetime.fromisoformat(day):%A, %-d %B %Y}, 18:30–20:30 E" in shown


def test_copy_and_throw_away(press, editor):
    id_ = saved(send(editor, described()))
    got = editor.page(f"/admin/events/new?of={id_}")
    form = got.form("/admin/events/new")
    assert form["day"] == "" and form["from"] == "18:30" and form["capacity"] == "12"
    assert form["address"] == "12 Harbor Street, side door"
    other = saved(editor.submit(form, {"day": tuesday(1).isoformat()}, ("step", "save")))
    assert other != id_
    slugs = {press.value(f"SELECT slug FROM event WHERE id = X'{i}'") for i in (id_, other)}
    assert len(slugs) == 2 and min(slugs) + "-2" in slugs
    for i in (id_, other):
        got = send(editor, {}, at=i, step="remove")
        assert got.headers["Location"] == "/admin/events"
        assert press.value(f"SELECT COUNT(*) FROM occurrence WHERE event = X'{i}'") == "0"
        assert editor.get(f"/admin/events/{i}").status_code == 404


def test_pressed_twice_is_one(press, editor):
    form = editor.page("/admin/events/new").form("/admin/events/new")
    answers = described()
    ids = {saved(editor.submit(form, answers, ("step", "save"))) for _ in range(2)}
    assert len(ids) == 1
    # The other tab wrote something else: nothing is lost, and both are seen.
    got = editor.submit(form, {**answers, "contact": "us@example.org"}, ("step", "save"))
    assert got.status_code == 409 and "us@example.org" in got.text


# ---- more than one host ----

def test_two_hosts_at_once(press, editor):
    other = Admin(press, f"Host {word()}").accept(editor.invite(["events", "aid"]))
    id_ = saved(send(editor, described()))
    mine = other.page(f"/admin/events/{id_}").form(f"/admin/events/{id_}")
    assert saved(send(editor, {"contact": "door@example.org", "from": "18:00"}, at=id_)) == id_
    got = other.submit(mine, {"summary_en": "Mine."}, ("step", "save"))
    page = Page(got.text)
    assert got.status_code == 409 and "saved it while you were writing" in page.text("main")
    theirs = re.search(r"(?s)<dl class=\"answers\">.*?</dl>", got.text)[0]
    assert "door@example.org" in theirs and "18:00" in theirs
    form = page.form(f"/admin/events/{id_}")
    assert form["summary_en"] == "Mine." and form["from"] == "18:30"
    assert saved(other.submit(form, {"contact": "door@example.org"}, ("step", "save"))) == id_
    row = list(press.sql(f"SELECT contact, version FROM event WHERE id = X'{id_}'")[0])
    assert row == ["door@example.org", "3"]
    # What was pressed on a page that is old by now does nothing.
    publish = editor.page(f"/admin/events/{id_}").form(f"/admin/events/{id_}/publish")
    assert saved(send(other, {"contact": ""}, at=id_)) == id_
    assert editor.submit(publish).status_code == 409
    assert press.value(f"SELECT state FROM event WHERE id = X'{id_}'") == "draft"
    oid = links(editor, id_)[0]
    path = f"/admin/events/date/{oid}"
    mine = other.page(path).form(path)
    assert saved(date_state(editor, oid, "postponed"), "events/date") == oid
    got = other.submit(mine, {"note": "My words."})
    assert got.status_code == 409 and Page(got.text).form(path)["note"] == "My words."
    assert "Postponed" in Page(got.text).text("main")


def test_one_title_at_once(press, editor):
    """Who adds one whose address another takes at the same moment gets the next, and loses
    nothing that was typed."""
    model, answers = saved(send(editor, described())), described()
    slug = answers["title_en"].lower().replace(" ", "-")
    other = subprocess.Popen([*press.client(), press.database], stdin=subprocess.PIPE, text=True)

    def say(text):
        other.stdin.write(text + ";\n")
        other.stdin.flush()

    say("START TRANSACTION; INSERT INTO event (id, slug, kind, lang, zone, starts_wall, minutes,"
        f" created_at, changed_at, changed_by) SELECT RANDOM_BYTES(16), '{slug}', kind, lang,"
        f" zone, starts_wall, minutes, 0, 0, changed_by FROM event WHERE id = X'{model}'")
    wait_for(lambda: press.value("SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED; SELECT"
                                 f" COUNT(*) FROM event WHERE slug = '{slug}'") == "1")
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(send, editor, answers)
        try:
            # Asked more often than ten times a second that table does not change.
            wait_for(lambda: press.value("SELECT COUNT(*) FROM information_schema.innodb_trx"
                                         " WHERE trx_state = 'LOCK WAIT'") != "0", every=0.2)
        finally:
            say("COMMIT")
            other.stdin.close()
            other.wait(10)
    id_ = saved(sent.result())
    assert press.value(f"SELECT slug FROM event WHERE id = X'{id_}'") == f"{slug}-2"
    press.sql(f"DELETE FROM event WHERE slug = '{slug}'")


def test_many_at_once(press, editor):
    """Of what many save at the same moment one is stored, and no date is skipped on which
    somebody comes."""
    id_ = saved(send(editor, described()))
    assert saved(deed(editor, id_, "publish")) == id_
    form = editor.page(f"/admin/events/{id_}").form(f"/admin/events/{id_}")
    url = f"/admin/events/{id_}"

    def post(path, data):
        browser = Visitor(press)
        browser.cookies.update(editor.cookies)
        return browser.post(path, data=data).status_code

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda n: post(url, form.filled(
            {"contact": f"desk {n}"}, ("step", "save"))), range(8)))
        assert sorted(got) == [303] + [409] * 7
        assert press.sql(f"SELECT version, sequence FROM event WHERE id = X'{id_}'"
                         ) == [("3", "1")]
        for oid in links(editor, id_)[:6]:
            path = f"/admin/events/date/{oid}"
            skip = editor.page(path).form(f"{path}/state", having=("step", "skipped"))
            add = editor.page(f"{path}/guests/new").form("/guests/new")
            sent = [(f"{path}/state", skip.filled({}, ("step", "skipped"))),
                    (f"{path}/guests/new", add.filled({
                        "answer": "coming", "people": "1", "name": "Rosa"}, ("step", "save")))]
            skipped, added = pool.map(lambda one: post(*one), sent)
            row = press.sql("SELECT state, (SELECT COUNT(*) FROM rsvp WHERE occurrence = o.id),"
                            f" taken FROM occurrence o WHERE id = X'{oid}'")
            assert (skipped, added, row) in (
                (303, 404, [("skipped", "0", "0")]), (303, 409, [("skipped", "0", "0")]),
                (409, 200, [("planned", "1", "1")])), (skipped, added, row)


def test_session_that_ended_loses_nothing(press, editor):
    host = Admin(press, f"Host {word()}").accept(editor.invite(["events", "aid"]))
    form = host.page("/admin/events/new").form("/admin/events/new")
    answers = described(body_en="A *long* text " * 400)
    press.sql("DELETE FROM session WHERE admin = (SELECT id FROM admin WHERE"
              f" name = '{host.name}')")
    got = host.submit(form, answers, ("step", "save"))
    page = Page(got.text)
    assert page.has_form("/admin/login")
    got = host.submit(page.form("/admin/login"), {"name": host.name,
                                                  "password": host.password})
    page = Page(got.text)
    assert "Send it now?" in page.text("main")
    id_ = saved(host.submit(page.form("/admin/events/new")))
    assert press.value(f"SELECT title FROM event_words WHERE event = X'{id_}' AND lang = 'en'"
                       ) == answers["title_en"]
    assert press.value(f"SELECT body FROM event_words WHERE event = X'{id_}' AND lang = 'en'"
                       ).count("long") == 400


def test_nobody_else(press, editor):
    """To those who serve elsewhere, events are not there."""
    id_ = saved(send(editor, described()))
    assert saved(deed(editor, id_, "publish")) == id_
    oid = links(editor, id_)[0]
    other = Admin(press, f"Other {word()}").accept(editor.invite(["aid", "statements"]))
    assert "/admin/events" not in other.get("/admin/account").text
    assert "/admin/events" in editor.get("/admin/account").text
    token = other.page("/admin/account").form("/admin/logout")["token"]
    for path in ("", "/new", f"/new?of={id_}", f"/{id_}", f"/{id_}/dates", f"/date/{oid}"):
        assert other.get(f"/admin/events{path}").status_code == 404, path
        assert Visitor(press).get(f"/admin/events{path}").status_code == 303, path
    for path, data in (
            ("/new", {"step": "save", **described()}), (f"/{id_}", {"step": "remove"}),
            (f"/{id_}", {"step": "save", **described()}), (f"/{id_}/publish", {}),
            (f"/{id_}/draft", {}), (f"/{id_}/cancel", {}), (f"/{id_}/revive", {}),
            (f"/date/{oid}", {"day": tuesday().isoformat(), "from": "10:00", "to": "11:00"}),
            (f"/date/{oid}/state", {"step": "cancelled", "sequence": "0"})):
        got = other.post(f"/admin/events{path}", data={"token": token, "version": "1", **data})
        assert got.status_code == 404, path
        got = editor.post(f"/admin/events{path}", data={"token": "0" * 64, "version": "1",
                                                        **data})
        assert got.status_code == 403, path
    row = list(press.sql(f"SELECT state, version FROM event WHERE id = X'{id_}'")[0])
    assert row == ["published", "2"]
    assert dates(press, id_, "state")[0] == "planned"


# ---- what becomes of it, and who is told ----

@pytest.fixture
def marks(press):
    """Who is marked to be told stays so: nobody makes letters of it."""
    press.supervisorctl("stop", "courier")
    yield
    press.supervisorctl("start", "courier")


def test_whoever_comes_is_told(press, editor, marks):
    id_ = saved(send(editor, described()))
    assert saved(deed(editor, id_, "publish")) == id_
    first, second, third = links(editor, id_)[:3]
    for oid in (first, second, third):
        rsvp(press, oid)
    rsvp(press, first, address="''")    # no way to reach them

    # A word more is nothing to be told of; another place is.
    assert saved(send(editor, {"summary_en": "Other words."}, at=id_)) == id_
    assert [told(press, o) for o in (first, second, third)] == [["", ""], [""], [""]]
    assert saved(date_form(editor, second, {"note": "Bring a chair."}), "events/date") == second
    assert told(press, second) == [""]
    assert saved(date_form(editor, second, {"address": "The park"}), "events/date") == second
    assert [told(press, o) for o in (first, second)] == [["", ""], ["changed"]]
    press.sql("UPDATE rsvp SET tell = ''")
    assert saved(send(editor, {"address": "14 Harbor Street"}, at=id_)) == id_
    assert [told(press, o) for o in (first, second, third)] == [
        ["changed", ""], [""], ["changed"]]
    press.sql("UPDATE rsvp SET tell = ''")
    assert saved(send(editor, {"from": "18:00"}, at=id_)) == id_
    assert [told(press, o) for o in (first, second, third)] == [
        ["changed", ""], ["changed"], ["changed"]]
    press.sql("UPDATE rsvp SET tell = ''")

    # It cannot vanish, but it can be cancelled.
    assert "skipped" not in editor.get(f"/admin/events/date/{first}").text
    token = editor.page("/admin/account").form("/admin/logout")["token"]
    sequence = press.value(f"SELECT sequence FROM occurrence WHERE id = X'{first}'")
    got = editor.post(f"/admin/events/date/{first}/state", data={
        "token": token, "step": "skipped", "sequence": sequence})
    assert got.status_code == 409 and "Cancel it instead" in got.text
    got = deed(editor, id_, "draft")
    assert got.status_code == 409 and "Cancel it instead" in got.text
    assert press.value(f"SELECT state FROM event WHERE id = X'{id_}'") == "published"
    assert set(dates(press, id_, "shown")) == {"1"}
    assert saved(date_state(editor, third, "cancelled", why="Nobody has time."),
                 "events/date") == third
    assert told(press, third) == ["cancelled"] and told(press, first) == ["", ""]
    press.sql("UPDATE rsvp SET tell = ''")

    # all of it, and back
    sequence = int(press.value(f"SELECT sequence FROM event WHERE id = X'{id_}'"))
    got = deed(editor, id_, "cancel", {"note": "x" * 601})
    assert got.status_code == 422 and Page(got.text).form(
        f"/admin/events/{id_}/cancel")["note"] == "x" * 601
    assert saved(deed(editor, id_, "cancel", {"note": "The house is closed."})) == id_
    assert [told(press, o) for o in (first, second, third)] == [
        ["cancelled", ""], ["cancelled"], [""]]
    assert int(press.value(f"SELECT sequence FROM event WHERE id = X'{id_}'")) > sequence
    notes = dates(press, id_, "state, note, shown")
    assert notes[0] == ["cancelled", "The house is closed.", "1"]
    assert notes[2] == ["cancelled", "Nobody has time.", "1"]
    page = editor.page(f"/admin/events/date/{first}").text("main")
    assert "The whole event is cancelled." in page
    press.sql("UPDATE rsvp SET tell = ''")
    assert saved(deed(editor, id_, "revive")) == id_
    assert [told(press, o) for o in (first, second, third)] == [
        ["changed", ""], ["changed"], ["changed"]]
    assert {tuple(r) for r in dates(press, id_, "state, note")} == {("planned", "")}


def test_dates_moved_across_now(press, editor):
    """What was put off from last week, or was held before its day, stays what it is."""
    answers = described(step_by="1", day=tuesday(-3).isoformat(), count="8")
    id_ = saved(send(editor, answers))
    assert saved(deed(editor, id_, "publish")) == id_
    rows = dates(press, id_, "day, HEX(id)")
    now = datetime.now(ZoneInfo(ZONE)).date()
    put_off, brought_forward = rows[1][1].lower(), rows[4][1].lower()
    for oid, day in ((put_off, now + timedelta(days=2)),
                     (brought_forward, now - timedelta(days=2))):
        assert saved(date_form(editor, oid, {"day": day.isoformat()}), "events/date") == oid
    before = dates(press, id_, "day, state, own, starts_at")
    assert saved(send(editor, {"summary_en": "Other words."}, at=id_)) == id_
    assert dates(press, id_, "day, state, own, starts_at") == before
    # There is no way back to a day that is over.
    assert "As the event says" not in editor.get(f"/admin/events/date/{put_off}").text


def test_draft_again(press, editor):
    id_ = saved(send(editor, described()))
    slug = press.value(f"SELECT slug FROM event WHERE id = X'{id_}'")
    assert saved(deed(editor, id_, "publish")) == id_
    assert saved(deed(editor, id_, "draft")) == id_
    assert set(dates(press, id_, "shown")) == {"0"}
    # Its address was public: it stays, whatever the title is now.
    assert saved(send(editor, {"title_en": f"Other {word()}"}, at=id_)) == id_
    assert press.value(f"SELECT slug FROM event WHERE id = X'{id_}'") == slug


def test_capacity(press, editor, marks):
    id_ = saved(send(editor, described(how="not", capacity="4")))
    assert saved(deed(editor, id_, "publish")) == id_
    oid = links(editor, id_)[0]
    rsvp(press, oid, people=4)
    rsvp(press, oid, "waiting", people=2)
    rsvp(press, oid, "waiting", people=2)
    got = send(editor, {"capacity": "3"}, at=id_)
    assert got.status_code == 422 and "capacity" in re.findall(r'#f-(\w+)', got.text)
    assert saved(send(editor, {"capacity": "6"}, at=id_)) == id_
    assert press.sql(f"SELECT capacity, taken, waiting FROM occurrence WHERE id = X'{oid}'"
                     ) == [("6", "6", "2")]
    assert [row[0] for row in press.sql(
        f"SELECT state FROM rsvp WHERE occurrence = X'{oid}' ORDER BY number")] == [
            "seated", "seated", "waiting"]
    assert told(press, oid)[1] == "seated"


def test_lists_have_pages(press, editor):
    """Each event once, however many there are."""
    press.sql("".join(
        f"SET @e = RANDOM_BYTES(16); INSERT INTO event (id, slug, kind, lang, zone, starts_wall,"
        f" minutes, created_at, changed_at, changed_by, state) SELECT @e, HEX(@e), 'talk', 'en',"
        f" 'UTC', 4102444800, 60, 0, 5, id, '{state}' FROM admin LIMIT 1;"
        f" INSERT INTO occurrence (id, event, day, starts_at, ends_at, kind, changed_at) VALUES"
        f" (RANDOM_BYTES(16), @e, 0, {at}, {at} + 3600, 'talk', 0);"
        for state, at in [("published", 4000000000)] * 30 + [("published", 1000000)] * 30
        + [("draft", 1000000)] * 30))
    for key in ("coming", "past", "drafts"):
        url, seen = f"/admin/events?list={key}", []
        while url:
            html = editor.get(url).text
            seen += re.findall(r'/admin/events/([0-9a-f]{32})" lang', html)
            url = re.search(r'rel="next" href="([^"]+)"', html)
            url = url and url[1].replace("&amp;", "&")
        assert len(seen) == len(set(seen)) >= 30
        (count,) = re.findall(rf'list={key}"[^>]*>\w+ <span class="count">(\d+)<', html)
        assert int(count) == len(seen)
    assert editor.get("/admin/events?list=other").status_code == 404
    assert editor.get("/admin/events?list=past&after=x").status_code == 404
    id_ = saved(send(editor, described(step_by="1", count="60")))
    html = editor.get(f"/admin/events/{id_}/dates").text
    assert html.count("/admin/events/date/") == 25
    more = re.search(r'rel="next" href="([^"]+)"', html)[1].replace("&amp;", "&")
    assert editor.get(more).text.count("/admin/events/date/") == 25
    assert "None is over." in editor.page(f"/admin/events/{id_}/dates?list=past").text("main")


# ---- who comes ----

def phoned(admin, oid, name, people=1, **other):
    """Type in somebody who phoned."""
    path = f"/admin/events/date/{oid}/guests/new"
    return admin.submit(admin.page(path).form(path), {
        "answer": "coming", "people": str(people), "name": name, **other}, ("step", "save"))


def guests(admin, oid):
    """The list as it is read: (name, people, answer)."""
    html = admin.get(f"/admin/events/date/{oid}/guests").text
    return [(re.sub(r"<[^>]*>.*", "", name), people, state) for name, people, state in
            re.findall(r'(?s)data-label="Name"><a[^>]*>(.*?)</a>.*?"How many">(\d)</td>.*?'
                       r'<span class="tag[^"]*">(.*?)</span>', html)]


def seats(stack, oid):
    return tuple(int(n) for n in stack.sql(
        f"SELECT taken, waiting, came FROM occurrence WHERE id = X'{oid}'")[0])


def test_who_comes(press, editor):
    id_ = saved(send(editor, described(how="not", capacity="4")))
    oid = links(editor, id_)[0]
    assert editor.get(f"/admin/events/date/{oid}/guests/new").status_code == 404    # a draft
    assert saved(deed(editor, id_, "publish")) == id_
    assert "Nobody has answered yet." in editor.page(
        f"/admin/events/date/{oid}/guests").text("main")

    # by phone, in order; what is wrong is told and kept
    got = phoned(editor, oid, "", people=7)
    assert got.status_code == 422 and Page(got.text).errors() == ["f-name"]
    got = phoned(editor, oid, "Too Many", people=7)
    assert got.status_code == 422 and "So many people do not fit" in got.text
    form = Page(got.text).form("/guests/new")
    assert form["name"] == "Too Many" and form["people"] == "7"
    name, needs = f"Rosa {word()}", f"A ramp & <quiet> {word()}"
    form = editor.page(f"/admin/events/date/{oid}/guests/new").form("/guests/new")
    answers = {"answer": "coming", "people": "3", "name": name, "needs": needs,
               "email": "rosa@example.org"}
    for repeated in (False, True):      # the button pressed twice is one guest
        got = editor.submit(form, answers, ("step", "save"))
        page = Page(got.text)
        assert got.status_code == 200 and "They have a seat." in page.text("main")
        assert ("stored once" in page.text("main")) is repeated
    code = re.findall(r"<li>([0-9A-Z]{4})</li>", got.text)
    assert len(code) >= 5 and seats(press, oid) == (3, 0, 0)
    visitor = Visitor(press)
    visitor.submit(visitor.page("/rsvp").form("/rsvp"), {"code": "-".join(code)})
    assert name in visitor.page("/rsvp").text("main")
    # One who answers by themselves is in the same list.
    slug = press.value(f"SELECT slug FROM event WHERE id = X'{id_}'")
    visitor = Visitor(press)
    got = visitor.submit(visitor.page(f"/rsvp/{slug}").form(f"/rsvp/{slug}"), {
        "answer": "not", "people": "1", "name": "Noor"})
    assert got.status_code == 303, Page(got.text).text("main")
    assert guests(editor, oid) == [(name, "3", "Coming"), ("Noor", "1", "Not coming")]
    press.sql(f"DELETE FROM rsvp WHERE occurrence = X'{oid}' AND answer = 'not'")
    got = phoned(editor, oid, "Chen", people=2)
    assert "they wait, and move up in order" in Page(got.text).text("main")
    assert seats(press, oid) == (3, 2, 0)
    phoned(editor, oid, "Ana", people=1)        # who waits comes first
    phoned(editor, oid, "Li", answer="perhaps")
    assert guests(editor, oid) == [(name, "3", "Coming"), ("Chen", "2", "Waiting"),
                                   ("Ana", "1", "Waiting"), ("Li", "1", "Perhaps")]
    page = editor.page(f"/admin/events/date/{oid}/guests")
    assert needs in page.text("table") and "rosa@example.org" in page.text("table")
    assert "typed in by Imani" in page.text("table") and "3 / 4" in page.text("dl")
    row = press.sql(f"SELECT channel, HEX(body) FROM rsvp WHERE occurrence = X'{oid}'")[0]
    assert row[0] == "phone" and name.encode().hex().upper() not in row[1]

    # One is changed, one removed: those who wait move up in order, and only while they fit.
    ids = re.findall(r'/guests/([0-9a-f]{32})"', page.html)
    path = f"/admin/events/date/{oid}/guests/{ids[0]}"
    form = editor.page(path).form(path)
    assert form["name"] == name and form["needs"] == needs and form["people"] == "3"
    got = editor.submit(form, {"people": "4"}, ("step", "save"))
    assert got.status_code == 422 and "There is no room for more" in got.text
    got = editor.submit(form, {"people": "2", "name": name + "!"}, ("step", "save"))
    assert got.status_code == 303 and seats(press, oid) == (4, 1, 0)
    assert guests(editor, oid)[:3] == [(name + "!", "2", "Coming"), ("Chen", "2", "Coming"),
                                       ("Ana", "1", "Waiting")]
    got = editor.submit(editor.page(path).form(path), {}, ("step", "remove"))
    assert got.status_code == 303 and seats(press, oid) == (3, 0, 0)
    assert editor.get(path).status_code == 404
    assert [g[0] for g in guests(editor, oid)] == ["Chen", "Ana", "Li"]

    # who came: not before it begins
    assert "Save who came" not in editor.get(f"/admin/events/date/{oid}/guests").text
    press.sql(f"UPDATE occurrence SET starts_at = starts_at - 864000, ends_at = ends_at - 864000"
              f" WHERE id = X'{oid}'")
    page = editor.page(f"/admin/events/date/{oid}/guests")
    form = page.form("/came")
    listed = [c.value for c in form.controls if c.name == "listed"]
    assert len(listed) == 3
    assert editor.submit(form, {"came": listed[:2]}).status_code == 303
    assert seats(press, oid) == (3, 0, 3)
    page = editor.page(f"/admin/events/date/{oid}/guests")
    assert page.form("/came")["came"] == listed[:2]
    assert editor.submit(page.form("/came"), {"came": listed[:1]}).status_code == 303
    assert seats(press, oid) == (3, 0, 2)

    # They are forgotten; the number stays.
    press.sql(f"DELETE FROM rsvp WHERE occurrence = X'{oid}'")
    page = editor.page(f"/admin/events/date/{oid}/guests")
    assert "Only the numbers are kept." in page.text("main") and "Came2" in page.text("dl")
    token = editor.page("/admin/account").form("/admin/logout")["token"]
    editor.post(f"/admin/events/date/{oid}/came", data={"token": token, "listed": listed[0]})
    assert seats(press, oid) == (3, 0, 2)


def test_two_hosts_and_one_guest(press, editor):
    """Nobody undoes unawares what another one did meanwhile; what was typed is kept."""
    other = Admin(press, f"Host {word()}").accept(editor.invite(["events", "aid"]))
    id_ = saved(send(editor, described(how="not", capacity="5")))
    assert saved(deed(editor, id_, "publish")) == id_
    oid = links(editor, id_)[0]
    phoned(editor, oid, "Rosa")
    (guest,) = re.findall(r'/guests/([0-9a-f]{32})"',
                          editor.get(f"/admin/events/date/{oid}/guests").text)
    path = f"/admin/events/date/{oid}/guests/{guest}"
    mine, save = other.page(path).form(path), ("step", "save")
    theirs = editor.page(path).form(path)
    for _ in range(2):      # the button pressed twice is one change
        got = editor.submit(theirs, {"people": "2", "needs": "A <ramp>"}, save)
        assert got.status_code == 303 and got.headers["Location"].endswith("done=changed")
    for step in ("save", "remove"):
        got = other.submit(mine, {"people": "4", "name": "Rosa & Li"}, ("step", step))
        page = Page(got.text)
        assert got.status_code == 409 and "somebody changed this answer" in page.text("main")
        assert "A <ramp>" in page.text("dl") and guests(editor, oid) == [("Rosa", "2", "Coming")]
        form = page.form(path)
        assert form["name"] == "Rosa & Li" and form["people"] == "4"
    # A form that does not say what it was made of changes nothing, either.
    got = other.submit(mine, {"seen": "", "people": "3"}, save)
    assert got.status_code == 409 and seats(press, oid) == (2, 0, 0)
    # Who has seen it now may.  A mistake does not make it forgotten what was seen.
    got = other.submit(form, {"name": ""}, save)
    assert got.status_code == 422
    form = Page(got.text).form(path)
    assert other.submit(form, {"name": "Rosa & Li"}, save).status_code == 303
    assert guests(editor, oid) == [("Rosa &amp; Li", "4", "Coming")]
    mine = other.page(path).form(path)
    theirs = editor.page(path).form(path)
    for _ in range(2):
        got = editor.submit(theirs, {}, ("step", "remove"))
        assert got.status_code == 303 and got.headers["Location"].endswith("done=removed")
    got = other.submit(mine, {"people": "1"}, save)
    assert got.status_code == 303
    assert "somebody removed this answer" in other.page(got.headers["Location"]).text("main")
    assert seats(press, oid) == (0, 0, 0)


def test_guests_are_for_hosts(press, editor):
    id_ = saved(send(editor, described(how="not")))
    assert saved(deed(editor, id_, "publish")) == id_
    oid = links(editor, id_)[0]
    phoned(editor, oid, "Rosa")
    (guest,) = re.findall(r'/guests/([0-9a-f]{32})"',
                          editor.get(f"/admin/events/date/{oid}/guests").text)
    # One of another date is not found there.
    other_id = saved(send(editor, described(how="not")))
    elsewhere = links(editor, other_id)[0]
    assert editor.get(f"/admin/events/date/{elsewhere}/guests/{guest}").status_code == 404
    # One that does not open hides nobody.
    rsvp(press, oid)
    page = editor.page(f"/admin/events/date/{oid}/guests").text("table")
    assert "Rosa" in page and "It cannot be opened" in page
    other = Admin(press, f"Other {word()}").accept(editor.invite(["aid", "membership"]))
    token = other.page("/admin/account").form("/admin/logout")["token"]
    for path in ("guests", "guests/new", f"guests/{guest}"):
        url = f"/admin/events/date/{oid}/{path}"
        assert other.get(url).status_code == 404 and Visitor(press).get(url).status_code == 303
    for path, data in ((f"guests/{guest}", {"step": "remove"}), ("came", {"listed": guest}),
                       ("guests/new", {"answer": "coming", "people": "1", "name": "x"})):
        url = f"/admin/events/date/{oid}/{path}"
        assert other.post(url, data={"token": token, **data}).status_code == 404
        assert editor.post(url, data={"token": "0" * 64, **data}).status_code == 403
    assert press.value(f"SELECT COUNT(*) FROM rsvp WHERE occurrence = X'{oid}'") == "2"
