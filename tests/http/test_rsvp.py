"""Whether one comes: a seat or a place in the line, however many ask at once; who holds the code,
and nobody else, sees and changes it; and who is told what by mail."""

import re
import subprocess
import threading
import time

import pytest

import portal
from mailbox import Mailbox, link, new_address, parts as parts_of
from portal import Page, Visitor, word
from stack import wait_for
from test_events_admin import date_form, date_state, deed, described, links, saved, send
from test_process import cgi
from test_spool import away
from test_start import check, parts     # noqa: F401

HARBOR = "12 Harbor Street, side door"


@pytest.fixture
def event(press, editor):
    """`event(**answers)`: what was published: its id, and its only or first date's."""
    def make(**other):
        id_ = saved(send(editor, described(**{"how": "not", "capacity": "4",
                                              "address_for": "coming", **other})))
        assert saved(deed(editor, id_, "publish")) == id_
        slug = press.value(f"SELECT slug FROM event WHERE id = X'{id_}'")
        return f"/rsvp/{slug}", links(editor, id_)[0], id_
    return make


@pytest.fixture
def box(press):
    return Mailbox(press.state / "mail")


def answer(visitor, path, people=1, prefix="", **other):
    """Fill in the form, and send it."""
    form = visitor.page(prefix + path).form(path)
    return visitor.submit(form, {"answer": "coming", "people": str(people), "name": "Ana",
                                 **other}, ("step", "send"))


def comes(stack, path, people=1, **other):
    """Somebody with a browser of their own, and their code."""
    visitor = Visitor(stack)
    return visitor, visitor.follow(answer(visitor, path, people, **other)).code()


def enter(visitor, code, prefix=""):
    form = visitor.page(f"{prefix}/rsvp").form("/rsvp", "code")
    return visitor.submit(form, {"code": code})


def mine(visitor):
    return visitor.page("/rsvp").text("main")


def change(visitor, **answers):
    form = visitor.page("/rsvp/mine/change").form("/rsvp/mine/change")
    return visitor.submit(form, answers, ("step", "send"))


def take_back(visitor):
    form = visitor.page("/rsvp/mine/remove").form("/rsvp/mine/remove")
    return visitor.follow(visitor.submit(form))


def told(box, address, n, subject):
    """Of the n mails to them by now the one whose subject begins so."""
    box.wait(address, n)
    (mail,) = [m for m in box.to(address) if m["Subject"].startswith(subject)]
    return mail


def line(stack, oid):
    """Who is seated and who waits, in their order, as numbers of people; and the counts."""
    rows = stack.sql(f"SELECT state, people FROM rsvp WHERE occurrence = X'{oid}'"
                     " AND state <> 'none' ORDER BY number")
    seated = [int(n) for state, n in rows if state == "seated"]
    waiting = [int(n) for state, n in rows if state == "waiting"]
    assert stack.sql(f"SELECT taken, waiting FROM occurrence WHERE id = X'{oid}'") == [
        (str(sum(seated)), str(sum(waiting)))]
    return seated, waiting


# ---- from the form to the end ----

def test_noted_is_the_code_that_stands_there(press, event):
    """Not that of another answer, which was sent while the page was open."""
    path, _, _ = event()
    ana, first = comes(press, path)
    noted = ana.page("/rsvp").form("/rsvp/mine/noted")
    second = ana.follow(answer(ana, path, 1)).code()
    ana.follow(ana.submit(noted))
    assert first != second and second in ana.get("/rsvp").text


def test_seats_line_and_moving_up(press, event, box):
    path, oid, _ = event()
    page = Visitor(press).page(path)
    assert "4 of 4 seats are free" in page.text("main") and HARBOR not in page.html
    secret = word()
    ana, code = comes(press, path, 3, needs=f"A chair {secret}")
    shown = ana.page("/rsvp")
    assert "You have 3 seats." in shown.text("main") and HARBOR in shown.text("main")
    assert ("What do you need so that you can take part?", f"A chair {secret}") in shown.answers()
    (calendar,) = [l for l in shown.links if l.endswith(".ics")]
    assert ana.get(calendar).headers["Content-Type"].startswith("text/calendar")
    assert code in shown.text("main")
    ana.follow(ana.submit(shown.form("/rsvp/mine/noted")))
    assert code not in ana.get("/rsvp").text

    # The others wait in their order; where it is they do not see.
    assert "1 of 4 seats is free" in Visitor(press).page(path).text("main")
    mail = new_address("ben")
    ben, ben_code = comes(press, path, 2, email=mail)
    assert "You are on the waiting list, and you are next." in mine(ben)
    assert HARBOR not in ben.get("/rsvp").text and HARBOR not in ben.get(path).text
    assert "All 4 are taken. You would be number 3 on the waiting list" in ben.page(path).text("main")
    eva, _ = comes(press, path, 1)
    assert "There are 2 people before you." in mine(eva)
    assert line(press, oid) == ([3], [2, 1])

    # Nothing that was typed is readable in the store.
    dump = subprocess.run([*press.client("mariadb-dump"), press.database, "rsvp", "event"],
                          capture_output=True, timeout=60).stdout
    assert dump and not any(w.encode() in dump for w in (secret, mail, HARBOR, code))

    # One code opens one answer, also with slips that are none, and on another device.
    other = Visitor(press)
    other.follow(enter(other, ben_code.lower().replace("-", " ").replace("0", "o")))
    assert "and you are next" in mine(other) and secret not in other.get("/rsvp").text
    assert ben_code not in other.get("/rsvp").text
    wrong = ben_code[:-1] + ("2" if ben_code[-1] != "2" else "3")
    got = enter(Visitor(press), wrong)
    assert got.status_code == 422 and Page(got.text).errors() == ["code"]
    assert code not in press.logs() and ben_code not in press.logs()

    # Ana goes: whoever waits moves up, and is told.
    assert "Your answer is taken back" in take_back(ana).text("h1")
    assert line(press, oid) == ([2, 1], [])
    assert "You have 2 seats." in mine(ben) and HARBOR in mine(ben)
    mail = told(box, mail, 1, "You have a seat: Reading together")
    assert "18:30" in parts_of(mail)[0] and link(mail, "/rsvp").endswith("/rsvp")
    assert HARBOR not in parts_of(mail)[0]

    # Her code opens nothing any more; a code of an event is no receipt, and the other way round.
    got = enter(Visitor(press), code)
    assert got.status_code == 404 and "/receipt" in Page(got.text).links
    got = Visitor(press).enter(ben_code)
    assert got.status_code == 404 and "/rsvp" in Page(got.text).links
    assert "You said" not in mine(ana)
    ben.follow(ben.submit(ben.page("/rsvp").form("/rsvp/mine/close")))
    assert ben.page("/rsvp").has_form("/rsvp") and HARBOR not in ben.get("/rsvp").text


def test_all_mistakes_at_once(press, event):
    path, oid, _ = event()
    visitor = Visitor(press)
    form = visitor.page(path).form(path)
    got = visitor.submit(form, {"remind": "yes", "needs": "Quiet"}, ("step", "send"))
    page = Page(got.text)
    assert got.status_code == 422
    assert page.errors() == ["f-answer", "f-people", "f-name", "f-email"]
    assert page.form(path)["needs"] == "Quiet" and page.form(path)["remind"] == ["yes"]
    for people in ("0", "10", "two", "-1"):
        got = answer(visitor, path, people)
        assert (got.status_code, Page(got.text).errors()) == (422, ["f-people"]), people
    got = answer(visitor, path, 5)
    assert (got.status_code, Page(got.text).errors()) == (422, ["f-people"])
    assert "There are 4 seats in all." in Page(got.text).text("main")
    got = answer(visitor, path, website="https://example.org")
    assert got.status_code == 422 and Page(got.text).form(path)["website"] == ""
    assert line(press, oid) == ([], [])
    # Passed on to the other language, as it was typed; and sent from there.
    form = Page(got.text).form(path)
    got = visitor.post("/es" + path, data=form.filled({"name": "Eva"}, ("step", "change")))
    page = Page(got.text)
    assert (got.status_code, page.lang, page.form(path)["name"]) == (200, "es", "Eva")
    assert visitor.submit(page.form(path), button=("step", "send")).status_code == 303
    assert line(press, oid) == ([1], [])
    assert visitor.page("/es/rsvp").lang == "es"


def test_who_does_not_come_says_only_that(press, event):
    path, oid, _ = event()
    visitor = Visitor(press)
    visitor.follow(answer(visitor, path, "", answer="not", email=new_address()))
    assert "You said that you are not coming." in mine(visitor) and HARBOR not in mine(visitor)
    comes(press, path, 2, answer="perhaps")
    assert press.sql("SELECT answer, state, people, address = '' FROM rsvp WHERE occurrence ="
                     f" X'{oid}' ORDER BY number") == [
        ("not", "none", "1", "1"), ("perhaps", "none", "2", "1")]
    assert line(press, oid) == ([], [])


def test_sent_twice_is_one(press, event):
    path, oid, _ = event()
    visitor = Visitor(press)
    form = visitor.page(path).form(path)
    given = {"answer": "coming", "people": "2", "name": "Ana"}
    first = visitor.follow(visitor.submit(form, given, ("step", "send"))).code()
    page = visitor.follow(visitor.submit(form, {**given, "people": "1"}, ("step", "send")))
    assert page.code() == first and "sent this form once before" in page.text("main")
    assert line(press, oid) == ([2], [])
    # For another date the same page's token is another answer.
    other, other_oid, _ = event()
    pairs = form.filled(given, ("step", "send"))
    assert visitor.follow(visitor.post(other, data=pairs)).code() != first
    assert line(press, other_oid) == ([2], [])


def test_one_date_of_several(press, editor, event):
    path, oid, id_ = event(how="weekly", capacity="")
    page = Visitor(press).page(path)
    days = [l for l in page.links if l.startswith(path + "/")]
    assert len(days) == 12 and f"/events{path[5:]}" in page.links
    assert Visitor(press).post(path).status_code in (403, 404, 422)
    visitor, _ = comes(press, days[1], 9)
    assert "We expect you." in mine(visitor)
    assert "There is room for everybody." in mine(visitor)
    second = links(editor, id_)[1]
    assert (line(press, oid), line(press, second)) == (([], []), ([9], []))
    assert saved(date_state(editor, links(editor, id_)[2], "skipped"), "events/date")
    for gone in (days[2], path + "/2026-02-30", path + "/" + word(), "/rsvp/" + word(),
                 days[1] + "/more", path + "/mine"):
        assert Visitor(press).get(gone).status_code == 404, gone
    assert days[2] not in Visitor(press).page(path).links


def test_when_no_answers_are_taken(press, editor, event):
    path, oid, id_ = event(hours="2")
    ana, _ = comes(press, path, 2)
    form = Visitor(press).page(path).form(path)
    given = {"answer": "coming", "people": "1", "name": "Ben"}

    def closed(says):
        visitor = Visitor(press)
        assert says in visitor.page(path).text("h1")
        got = visitor.submit(form, given, ("step", "send"))
        assert got.status_code == 409 and says in Page(got.text).text("h1")
        assert line(press, oid)[0] in ([2], [1])

    # Too late to come in, or to ask for more; never too late to be fewer.
    starts = press.value(f"SELECT starts_at FROM occurrence WHERE id = X'{oid}'")
    now = int(time.time())
    press.sql(f"UPDATE occurrence SET starts_at = {now + 3600}, ends_at = {now + 7200}"
              f" WHERE id = X'{oid}'")
    closed("It is too late to answer")
    got = change(ana, people="3")
    assert got.status_code == 422 and "No more seats are given" in got.text
    assert change(ana, people="1").status_code == 303
    press.sql(f"UPDATE occurrence SET starts_at = {now - 60} WHERE id = X'{oid}'")
    closed("This has begun already")
    press.sql(f"UPDATE occurrence SET starts_at = {starts}, ends_at = {starts} + 7200"
              f" WHERE id = X'{oid}'; UPDATE event SET rsvp = 0 WHERE id = X'{id_}'")
    closed("Just come")
    press.sql(f"UPDATE event SET rsvp = 1 WHERE id = X'{id_}'")
    assert saved(date_state(editor, oid, "postponed"), "events/date") == oid
    closed("This is postponed")
    assert "It is postponed." in mine(ana)
    assert saved(date_state(editor, oid, "cancelled"), "events/date") == oid
    closed("This is cancelled")
    assert "It is cancelled." in mine(ana) and "You have a seat" not in mine(ana)
    assert "taken back" in take_back(ana).text("h1")


# ---- many at once ----

def test_forty_at_once_for_twelve_seats(press, event):
    """Each with a browser and a connection of their own, all let go at the same moment."""
    path, oid, _ = event(capacity="12")
    visitors = [Visitor(press) for _ in range(40)]
    forms = [visitor.page(path).form(path) for visitor in visitors]
    wanted = [1 + i % 3 for i in range(40)]
    codes, go = [None] * 40, threading.Barrier(40)

    def run(i):
        go.wait()
        got = visitors[i].submit(forms[i], {"answer": "coming", "people": str(wanted[i]),
                                            "name": f"N{i}"}, ("step", "send"))
        if got.status_code == 303:
            codes[i] = visitors[i].follow(got).code()

    def all_at_once(target, n):
        threads = [threading.Thread(target=target, args=(i,)) for i in range(n)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()

    all_at_once(run, 40)
    assert all(codes) and len(set(codes)) == 40
    seated, waiting = line(press, oid)
    assert sum(seated) <= 12 and sum(seated) + sum(waiting) == sum(wanted)
    assert waiting[0] > 12 - sum(seated)        # who is first in the line does not fit
    # Whoever came first is seated: the line begins where the seats end.
    states = [state for (state,) in press.sql(
        f"SELECT state FROM rsvp WHERE occurrence = X'{oid}' ORDER BY number")]
    assert states == sorted(states, key=("seated", "waiting").index)

    # Half of all go or change at once: nobody overtakes, no seat is lost.
    go = threading.Barrier(20)

    def leave(i):
        go.wait()
        if i % 2:
            take_back(visitors[i])
        else:
            assert change(visitors[i], people="1").status_code == 303

    all_at_once(leave, 20)
    seated, waiting = line(press, oid)
    assert len(seated) + len(waiting) == 30 and sum(seated) <= 12
    assert waiting[0] > 12 - sum(seated)


# ---- changing ----

def test_change(press, event, box):
    path, oid, _ = event()
    mail = new_address()
    ana, code = comes(press, path, 2)
    ben, _ = comes(press, path, 3, email=mail)
    assert line(press, oid) == ([2], [3])
    page = ana.page("/rsvp/mine/change")
    form = page.form("/rsvp/mine/change")
    assert (form["answer"], form["people"], form["name"]) == (["coming"], "2", "Ana")
    got = change(ana, people="3")
    assert (got.status_code, Page(got.text).errors()) == (422, ["f-people"])
    assert "So many seats are not free" in got.text and line(press, oid) == ([2], [3])
    got = change(ana, people="", name="")
    assert Page(got.text).errors() == ["f-people", "f-name"]
    assert change(ana, people="1", name="Anahí", needs="Shade").status_code == 303
    assert line(press, oid) == ([1, 3], [])
    assert ("What shall we call you?", "Anahí") in ana.page("/rsvp").answers()
    assert box.wait(mail)["Subject"].startswith("You have a seat")
    # A code that was not noted yet is still there after a change.
    assert ana.page("/rsvp").code() == code
    assert change(ben, answer="not").status_code == 303
    assert line(press, oid) == ([1], []) and HARBOR not in mine(ben)
    assert press.value(f"SELECT SUM(address <> '') FROM rsvp WHERE occurrence = X'{oid}'") == "0"

    # The page of one does nothing to another that this browser opened since.
    stale = ana.page("/rsvp/mine/change").form("/rsvp/mine/change")
    removal = ana.page("/rsvp/mine/remove").form("/rsvp/mine/remove")
    ana.follow(answer(ana, path, 2, name="Zoe"))
    assert ana.submit(stale, {"people": "2"}, ("step", "send")).status_code == 409
    assert ana.submit(removal).status_code == 409
    assert line(press, oid) == ([1, 2], [])

    # Who took too long types the code again, and goes on with what was written.
    late = Visitor(press)
    late.follow(enter(late, code))
    form = late.page("/rsvp/mine/change").form("/rsvp/mine/change")
    late.cookies.clear()
    got = late.submit(form, {"people": "2", "needs": "Much shade"}, ("step", "send"))
    assert got.status_code == 422 and "had forgotten your code" in got.text
    form = Page(got.text).form("/rsvp/mine/change")
    assert form["needs"] == "Much shade"
    assert late.follow(late.submit(form, {"code": code})).answers().count(
        ("What do you need so that you can take part?", "Much shade")) == 1
    assert line(press, oid) == ([2, 2], [])
    # Nothing is done by who has no code at all.
    nobody = Visitor(press)
    for page in ("/rsvp/mine/change", "/rsvp/mine/remove"):
        assert nobody.get(page).headers["Location"] == "/rsvp"
    nobody.origin = "https://elsewhere.example"
    assert nobody.post("/rsvp/mine/remove").status_code == 403


def test_nothing_is_lost_while_the_store_is_away(press, event):
    path, oid, _ = event()
    visitor = Visitor(press)
    form = visitor.page(path).form(path)
    with away(press):
        got = visitor.submit(form, {"answer": "coming", "people": "2", "name": "Ana",
                                    "needs": "A lift"}, ("step", "send"))
        form = Page(got.text).form(path)
        assert got.status_code == 503 and "it counts once" in got.text
        assert (form["people"], form["needs"]) == ("2", "A lift")
        assert int(got.headers["Retry-After"]) > 0
        # Pressed once more, it is the same page.
        got = visitor.submit(form, button=("step", "send"))
        again = Page(got.text).form(path)
        assert got.status_code == 503 and again["token"] == form["token"]
    code = visitor.follow(visitor.submit(again, button=("step", "send"))).code()
    assert code and line(press, oid) == ([2], [])
    # Nor does it count twice on any of these pages.
    for one in (form, again):
        assert visitor.follow(visitor.submit(one, button=("step", "send"))).code() == code
    assert line(press, oid) == ([2], [])


def test_too_old_and_too_quick(caucus):
    """As the site is shipped."""
    now = int(time.time())
    caucus.sql("INSERT INTO event (id, slug, state, kind, lang, zone, starts_wall, minutes, rsvp,"
               " created_at, changed_at, changed_by, published_at) VALUES (REPEAT('q', 16),"
               f" 'quick', 'published', 'talk', 'en', 'UTC', {now + 9000}, 60, 1, 1, 1, '', 1);"
               " INSERT INTO event_words (event, lang, title, body, html) VALUES"
               " (REPEAT('q', 16), 'en', 'Quick', '', ''); INSERT INTO occurrence (id, event, day,"
               " starts_at, ends_at, shown, kind, changed_at) VALUES (REPEAT('o', 16),"
               f" REPEAT('q', 16), 0, {now + 9000}, {now + 12600}, 1, 'talk', 1)")
    visitor = Visitor(caucus)
    got = answer(visitor, "/rsvp/quick")
    form = Page(got.text).form("/rsvp/quick")
    assert got.status_code == 422 and "very quick" in got.text and form["name"] == "Ana"
    for age, says in ((10 ** 6, "open for too long"), (60, None)):
        pairs = [(k, portal.token(caucus.form_key, "events", age) if k == "token" else v)
                 for k, v in form.filled(button=("step", "send"))]
        got = visitor.post("/rsvp/quick", data=pairs)
        assert got.status_code == (422 if says else 303)
        assert says is None or says in got.text and Page(got.text).form("/rsvp/quick")["token"]
    assert visitor.page("/rsvp").code()


# ---- mail ----

def test_what_is_told(press, editor, event, box):
    path, oid, _ = event(how="weekly", capacity="", title_es="Leemos juntas")
    path = next(l for l in Visitor(press).page(path).links if l.startswith(path + "/"))
    ana, ben, eva, zoe = (new_address(n) for n in ("ana", "ben", "eva", "zoe"))
    first, code = comes(press, path, 2, email=ana, remind="yes", mail="yes")
    assert code in parts_of(told(box, ana, 1, "Your code from"))[0]
    comes(press, "/es" + path, 1, email=ben)
    comes(press, path, 1, email=eva, remind="yes", answer="not")
    comes(press, path, 1, email=zoe, remind="yes", answer="perhaps")
    assert "before it begins" in mine(first)

    # Another hour and another place: one mail for each who may come, in their language.
    assert saved(date_form(editor, oid, {"from": "19:00", "to": "21:00",
                                         "note": "Bring a lamp."}), "events/date") == oid
    text, html = parts_of(told(box, ana, 2, "Something has changed: Reading together"))
    assert "19:00–21:00" in text and "Bring a lamp." in text and "Bring a lamp." in html
    assert Page(html).lang == "en" and code not in text and HARBOR not in text
    mail = box.wait(ben)
    assert "Leemos juntas" in mail["Subject"] and Page(parts_of(mail)[1]).lang == "es"
    assert link(mail, "/rsvp").endswith("/es/rsvp")
    box.wait(zoe)

    # The day before: who asked for it and may come, once.
    now = int(time.time())
    press.sql(f"UPDATE occurrence SET starts_at = {now + 3600}, ends_at = {now + 7200}"
              f" WHERE id = X'{oid}'; UPDATE duty SET next_at = 0 WHERE name = 'guests'")
    told(box, ana, 3, "Soon: Reading together")
    told(box, zoe, 2, "Soon: ")
    press.sql("UPDATE duty SET next_at = 0 WHERE name = 'guests'")
    wait_for(lambda: press.value("SELECT next_at > 0 FROM duty WHERE name = 'guests'") == "1")

    # Cancelled: all who may come; and none that was not sent yet speaks of what is no longer so.
    press.supervisorctl("stop", "courier")
    press.sql(f"UPDATE rsvp SET tell = 'remind' WHERE occurrence = X'{oid}' AND answer = 'perhaps'")
    assert saved(date_state(editor, oid, "cancelled", why="The hall is flooded."),
                 "events/date") == oid
    press.supervisorctl("start", "courier")
    assert "flooded" in parts_of(told(box, ana, 4, "Cancelled: "))[0]
    box.wait(ben, 2)
    told(box, zoe, 3, "Cancelled: ")
    assert box.to(eva) == []
    assert press.value(f"SELECT COUNT(*) FROM rsvp WHERE occurrence = X'{oid}' AND tell > ''"
                       ) == "0"
    assert not {ana, ben, code} & set(re.findall(r"[\w.@-]+", press.logs()))


# ---- forgetting ----

def test_forgotten_after_the_date(press, event):
    path, oid, _ = event()
    ana, code = comes(press, path, 3)
    comes(press, path, 2)
    over = int(time.time()) - 15 * 86400
    press.sql(f"UPDATE occurrence SET starts_at = {over - 3600}, ends_at = {over}"
              f" WHERE id = X'{oid}'")
    assert "This is over." in mine(ana) and not ana.page("/rsvp").has_form("/change")
    press.sql("UPDATE duty SET next_at = 0 WHERE name = 'retain'")
    wait_for(lambda: press.value(f"SELECT COUNT(*) FROM rsvp WHERE occurrence = X'{oid}'") == "0")
    assert press.sql(f"SELECT taken, waiting FROM occurrence WHERE id = X'{oid}'") == [("3", "2")]
    got = ana.get("/rsvp")
    assert got.status_code == 404 and "do not know this code" in got.text
    assert "rsvp" not in ana.cookies
    assert enter(Visitor(press), code).status_code == 404


# ---- sites that ask otherwise ----

BROKEN = {
    "no answer": ('name="answer"', 'name="reply"', "answer"),
    "other answers": ('<choice value="perhaps">', '<choice value="maybe">', "coming, perhaps"),
    "no number": ('name="people"', 'name="persons"', "people"),
    "no name": ('name="name" required="yes"', 'name="name"', "name"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_form_that_lacks_what_is_needed(parts, what):     # noqa: F811
    old, new, says = BROKEN[what]
    form = parts / "site/forms/rsvp.xml"
    text = form.read_text()
    assert old in text
    form.write_text(text.replace(old, new))
    done = check("events", parts)
    assert done.returncode == 78 and str(form) in done.stderr and says in done.stderr


def test_site_that_asks_nobody(hall, parts):      # noqa: F811
    """Without the form there is no such page; the others are there."""
    def status(path):
        return cgi(hall, "events", "GET", path, conf=parts / "openhall.conf").status
    assert (status("/rsvp"), status("/events")) == (200, 200)
    (parts / "site/forms/rsvp.xml").unlink()
    assert check("events", parts).returncode == 0
    for path in ("/rsvp", "/rsvp/x", "/rsvp/mine/gone"):
        assert status(path) == 404, path
    assert status("/rsvp/mine/change") == 303       # to /rsvp
    assert status("/events") == 200
