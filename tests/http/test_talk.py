"""What the holder of a receipt does later: writes and reads, corrects, says whether it is still
needed, withdraws, erases everything; and what the desk sees of it."""

import re
import subprocess
import time
from html import unescape

import pytest

from portal import Admin, Page, Visitor, complete, token, word, words
from stack import wait_for
from test_join import HOSTILE, at_once, shape

DAY = 86400
FORMS = {"/join": "membership", "/support": "supporters", "/aid/request": "aid"}
# All that hangs on a case and holds something of it.
CONTENT = ("message", "note", "revision", "contact", "facet")


@pytest.fixture
def holder(hall, new_case):
    """Somebody who has sent a form and typed the code; `id` is their case, `code` the code."""
    def make(path="/join", prefix="", **answers):
        visitor = Visitor(hall)
        visitor.code, visitor.id = new_case(path, **answers)
        visitor.status(visitor.code, prefix)
        return visitor
    return make


def row(hall, id_, columns):
    (got,) = hall.sql(f"SELECT {columns} FROM submission WHERE id = X'{id_}'")
    return got[0] if len(got) == 1 else got


def rows(hall, id_, table):
    return int(hall.value(f"SELECT COUNT(*) FROM {table} WHERE submission = X'{id_}'"))


def everything(hall, id_):
    """All that the store has of a case, but for whether it was read and filed."""
    return [hall.sql(f"SELECT HEX(body), HEX(desk_key), HEX(receipt_key), state, ended_day,"
                     f" asked_day, sunk, facets FROM submission WHERE id = X'{id_}'")] + [
        hall.sql(f"SELECT COUNT(*) FROM {table} WHERE submission = X'{id_}'")
        for table in ("message", "note", "revision", "round")]


def listed(admin, desk, key):
    """The rows of a list, on all its pages, by the id of the case."""
    out, page = {}, admin.queue(desk, key)
    while True:
        out.update((re.search(r"/case/([0-9a-f]+)", line)[1], words(line))
                   for line in re.findall(r"<tr>\n(.*?)</tr>", page.html, re.S))
        more = re.search(r'rel="next" href="([^"]*)"', page.html)
        if not more:
            return out
        page = admin.page(unescape(more[1]))


def today():
    return int(time.time()) // DAY * DAY


def said(page):
    return [m.said for m in page.talk()]


# ---- writing to each other ----

@pytest.mark.parametrize("prefix", ["", "/es"])
@pytest.mark.parametrize("path", FORMS)
def test_both_ways(hall, committee, holder, path, prefix):
    admin, desk, mine = committee[0], FORMS[path], holder(path, prefix)
    question, answer = "Is it <soon>?\nOr & not? " + word(), "Soon.\n\n\"We\" come. " + word()
    assert mine.page(f"{prefix}/receipt").talk() == []
    got = mine.write("  " + question + " \n", prefix)
    assert got.headers["Location"] == f"{prefix}/receipt#messages"
    page = mine.page(f"{prefix}/receipt")
    assert page.lang == ("es" if prefix else "en")
    assert [(m.said, m.ours, m.new) for m in page.talk()] == [(question, True, False)]

    assert "unread: 1" in listed(admin, desk, "unread")[mine.id]
    # Whoever looks without opening it takes no mark away.
    admin.head(f"/admin/case/{mine.id}")
    case = admin.case(mine.id)
    assert [(m.said, m.ours, m.new) for m in case.talk()] == [(question, False, True)]
    # Once among the parts of the page, and once more where it says that there are new ones.
    assert case.links.count("#messages") == 2
    again = committee[1].case(mine.id)
    assert [m.new for m in again.talk()] == [False] and again.links.count("#messages") == 1
    assert mine.id not in listed(admin, desk, "unread")

    got = admin.say(mine.id, answer)
    assert got.headers["Location"].startswith(f"/admin/case/{mine.id}")
    mine.head("/receipt")
    page = mine.page(f"{prefix}/receipt")
    assert [(m.said, m.ours, m.new) for m in page.talk()] \
        == [(question, True, False), (answer, False, True)]
    assert "#messages" in page.links
    # Who wrote is known to the desk only.
    assert "Imani" in admin.case(mine.id).talk()[1].by and "Imani" not in page.html
    page = mine.page(f"{prefix}/receipt")
    assert [m.new for m in page.talk()] == [False, False] and "#messages" not in page.links
    assert [m.new for m in admin.case(mine.id).talk()] == [False, False]
    assert all(int(day) % DAY == 0 for (day,) in hall.sql("SELECT day FROM message"))


@pytest.mark.parametrize("text", ["", " \r\n\t ", "x" * 4001, "ü" * 4001 + " "],
                         ids=["empty", "white", "long", "long-characters"])
def test_message_that_cannot_be_sent(hall, committee, holder, text):
    mine = holder("/aid/request")
    before = everything(hall, mine.id)
    for got in (mine.write(text), committee[0].say(mine.id, text)):
        page = Page(got.text)
        assert got.status_code == 422 and page.errors() == ["message"]
        assert "message" in page.ids and "e-message" in page.ids
        assert page.form("/message")["text"] == text.replace("\r\n", "\n").replace("\n", "\r\n")
    assert everything(hall, mine.id) == before
    assert row(hall, mine.id, "desk_unread, holder_unread") == ("0", "0")


def test_longest_message(hall, committee, holder):
    mine, text = holder(), "ñ" * 3999 + "🌹"
    mine.follow(mine.write(text))
    committee[0].follow(committee[0].say(mine.id, text))
    assert said(mine.page("/receipt")) == said(committee[0].case(mine.id)) == [text, text]


def test_pressed_twice_is_said_once(hall, committee, holder):
    mine, admin = holder(), committee[0]
    form = mine.page("/receipt").form("/message")
    for text in ("One", "One", "Two", "One"):
        mine.follow(mine.submit(form, {"text": text}))
    assert at_once(*[lambda: mine.submit(form, {"text": "Three"}).status_code] * 3) == [303] * 3
    assert said(mine.page("/receipt")) == ["One", "Two", "One", "Three"]
    assert row(hall, mine.id, "desk_unread") == "4"
    form = admin.case(mine.id).form("/message")
    for _ in range(2):
        admin.follow(admin.submit(form, {"text": "Three"}))
    assert said(mine.page("/receipt")) == ["One", "Two", "One", "Three", "Three"]


def test_full_conversation(hall, committee, holder):
    """It holds 200 messages; then both are told and keep their text, and what has to be done
    can still be done."""
    mine, admin = holder("/aid/request"), committee[0]
    form = mine.page("/receipt").form("/message")
    for n in range(199):
        assert mine.submit(form, {"text": f"Number {n}"}).status_code == 303
    admin.follow(admin.say(mine.id, "The last"))
    for who, got in ((mine, mine.write("One more")), (admin, admin.say(mine.id, "One more"))):
        page = Page(got.text)
        assert got.status_code == 422 and page.errors() == ["message"], who
        assert page.form("/message")["text"] == "One more"
    assert rows(hall, mine.id, "message") == 200
    page = mine.page("/receipt")
    assert said(page)[0] == "Number 0" and said(page)[-1] == "The last"
    mark = word()
    mine.follow(mine.correct({"details": mark}))
    assert mark in mine.page("/receipt").text("dd") and mark in admin.case(mine.id).text("dd")
    hall.sql(f"UPDATE submission SET asked_day = {today()}, sunk = 1 WHERE id = X'{mine.id}'")
    mine.follow(mine.needed("yes"))
    assert row(hall, mine.id, "asked_day, sunk") == (None, "0")
    mine.follow(mine.needed("no"))
    assert row(hall, mine.id, "state") == "complete" and rows(hall, mine.id, "message") == 200


def test_hostile_words_are_text(hall, committee, holder):
    mine, admin = holder("/support"), committee[0]
    mine.follow(mine.write("Plain"))
    plain = shape(mine.page("/receipt")), shape(admin.case(mine.id))
    text = "\n".join(HOSTILE)
    mine.follow(mine.write(text))
    admin.follow(admin.say(mine.id, text))
    holders, case = mine.page("/receipt"), admin.case(mine.id)
    assert said(holders) == said(case) == ["Plain", text, text]
    for page, was in zip((mine.page("/receipt"), admin.case(mine.id)), plain):
        assert "script" not in shape(page)[0]
        assert shape(page)[0] <= was[0] | {"a"} and shape(page)[1] <= was[1] | {"href"}
    # Also where it comes back because it was too long.
    page = Page(mine.write(text * 19).text)
    assert page.form("/message")["text"] == (text * 19).replace("\n", "\r\n")
    assert "script" not in {tag for tag, _ in page.tags}


def test_after_a_decision(hall, committee, holder):
    """A decision ends the case, not the conversation."""
    mine = holder()
    committee[0].follow(committee[0].open(mine.id))
    for admin in committee[:2]:
        admin.follow(admin.vote(mine.id, "against"))
    mine.follow(mine.write("Why?"))
    committee[0].follow(committee[0].say(mine.id, "Let us talk."))
    assert said(mine.page("/receipt")) == ["Why?", "Let us talk."]
    assert row(hall, mine.id, "state") == "declined"


# ---- whose it is ----

def test_other_codes_show_nothing_of_it(hall, committee, holder):
    mark = [word() for _ in range(4)]
    mine, other = holder(why=mark[0]), holder()
    mine.follow(mine.write(mark[1]))
    committee[0].follow(committee[0].say(mine.id, mark[2]))
    mine.follow(mine.correct({"why": mark[3]}))
    for who in (other, Visitor(hall)):
        for path in ("/receipt", "/receipt/correct", "/receipt/withdraw", "/receipt/erase",
                     "/receipt/erased", f"/receipt?code={mine.code}"):
            assert not [m for m in mark if m in who.get(path).text], path
    # What is sent along does not lead to another's case.
    form = other.page("/receipt").form("/message")
    other.post(form.action, data={"token": form["token"], "text": "Mine", "code": mine.code,
                                  "id": mine.id, "submission": mine.id})
    assert said(mine.page("/receipt"))[:2] == mark[1:3]
    assert "Mine" not in mine.page("/receipt").html and "Mine" in other.page("/receipt").html


DEEDS = {"message": {"text": "Planted"}, "correct": {"step": "send", "details": "Planted"},
         "needed": {"still": "no"}, "withdraw": {}, "erase": {}, "close": {}}


@pytest.mark.parametrize("deed", DEEDS)
def test_nobody_does_it_from_elsewhere(hall, holder, deed):
    """Not from another site, not without a token, not by an address."""
    mine = holder("/aid/request")
    good = mine.page("/receipt").form("/close")["token"]
    hall.settle()
    before, path = everything(hall, mine.id), f"/receipt/{deed}"
    for origin, headers in (("https://elsewhere.example", {}), ("null", {}),
                            (None, {"Sec-Fetch-Site": "cross-site"})):
        mine.origin = origin
        got = mine.post(path, data={**DEEDS[deed], "token": good}, headers=headers)
        assert got.status_code == 403 and "Set-Cookie" not in got.headers
        assert "Planted" not in got.text
        assert got.headers["Cache-Control"] == "no-store"
    mine.origin = "own"
    for bad in (None, "", "x", good[:-1], token(hall.form_key, "join"),
                token(hall.form_key, "admin"), token(hall.form_key, "receipt", 25 * 3600)):
        got = mine.post(path, data={**DEEDS[deed], **({"token": bad} if bad else {})})
        # Closing alone is done all the same: it forgets the code, and nothing else.
        assert got.status_code in ((303,) if deed == "close" else (200, 422))
        assert deed not in ("message", "correct") or "Planted" in got.text, "it was not kept"
        assert got.headers["Cache-Control"] == "no-store"
    got = mine.get(path, params={**DEEDS[deed], "token": good})
    assert got.status_code == (405 if deed in ("message", "needed", "close") else 200)
    assert everything(hall, mine.id) == before
    # Nor does who has no code at hand.
    stranger = Visitor(hall)
    got = stranger.post(path, data={**DEEDS[deed], "token": good})
    assert got.status_code in (303, 422) and "Where it stands" not in got.text
    assert everything(hall, mine.id) == before


def test_nothing_is_kept(hall, committee, holder):
    mine = holder("/aid/request")
    mine.follow(mine.write("Hello"))
    got = [mine.get(f"{prefix}/receipt{path}") for prefix in ("", "/es") for path in
           ("", "/correct", "/withdraw", "/erase", "/erased")]
    got += [mine.write("One"), mine.write(""), mine.needed("no"), mine.erase(),
            mine.get("/receipt")]
    for answer in [*got, mine.enter(mine.code)]:
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers and "Last-Modified" not in answer.headers
        assert "Content-Encoding" not in answer.headers
        # Shown again only where it was typed and opens nothing.
        assert answer not in got or mine.code not in str(answer.headers) + answer.text


# ---- the code was forgotten in the middle ----

@pytest.mark.parametrize("prefix", ["", "/es"])
def test_message_waits_for_the_code(hall, holder, prefix):
    mine, text = holder("/aid/request"), "<b>Long</b> thought\nover " + word()
    form = mine.page(f"{prefix}/receipt").form("/message")
    mine.cookies.clear()
    page = Page(mine.submit(form, {"text": text}).text)
    assert page.lang == ("es" if prefix else "en") and rows(hall, mine.id, "message") == 0
    for wrong, status in ((mine.code[:-1], 422), ("", 422), ("0" * 24, 404)):
        form = page.form("/message")
        assert form["text"].replace("\r", "") == text
        got = mine.submit(form, {"code": wrong})
        assert got.status_code == status and "Set-Cookie" not in got.headers
        page = Page(got.text)
        assert page.errors() == ["code"]
    mine.follow(mine.submit(page.form("/message"), {"code": mine.code.lower()}))
    assert said(mine.page("/receipt")) == [text]


def test_correction_waits_for_the_code(hall, holder):
    mine = holder("/aid/request", details="First")
    path = "/receipt/correct"
    form = mine.page(path).form(path)
    changes = {"details": "<i>Second</i>\n& more", "needs": ["food", "money"],
               "area": "riverside"}
    mine.cookies.clear()
    got = mine.submit(form, changes, ("step", "review"))
    page = Page(got.text)
    assert got.status_code == 422 and page.has_form(path) and "First" not in page.html
    got = mine.submit(page.form(path), {"code": mine.code})
    assert got.status_code == 200
    review = Page(got.text)
    assert "Food" in review.text("dd") and "Money" in review.text("dd")
    # Once more, at the last step.
    mine.cookies.clear()
    page = Page(mine.submit(review.form(path), button=("step", "send")).text)
    assert rows(hall, mine.id, "revision") == 0
    mine.follow(mine.submit(page.form(path), {"code": mine.code}))
    shown = dict(mine.page("/receipt").answers())
    assert shown["Is there more to know?"].startswith("<i>Second</i>")
    assert shown["In which part of town?"] == "Riverside"
    assert rows(hall, mine.id, "revision") == 1


# ---- correcting ----

def test_correct(hall, committee, holder):
    first, second, third = (f"Version {n} {word()}" for n in "123")
    mine, admin = holder(why=first), committee[0]
    admin.follow(admin.open(mine.id))
    path = "/receipt/correct"
    form = mine.page(path).form(path)
    assert form["why"] == first and form["adult"] == ["yes"]
    got = mine.correct({"why": second})
    assert got.headers["Location"] == "/receipt"
    page = mine.page("/receipt")
    assert second in page.text("dd") and first not in page.html
    assert ["corrected" in m.by for m in page.talk()] == [True]
    mine.follow(mine.correct({"why": third}))
    # The reviewers see what stands now, and below it each former version.
    case = committee[1].case(mine.id)
    versions = [answer for question, answer in case.answers()
                if question == "Why do you want to join?"]
    assert versions[0] == third and sorted(versions[1:]) == sorted([first, second])
    assert third not in case.text("details")
    assert first in case.text("details") and second in case.text("details")
    assert [m.new for m in case.talk()] == [True, True]
    assert row(hall, mine.id, "state") == "review"
    # The holder is not shown former versions as if they counted.
    assert first not in mine.page("/receipt").html
    assert mine.page(path).form(path)["why"] == third


def test_correction_without_a_change(hall, holder):
    mine = holder("/aid/request", details="As it is")
    before = everything(hall, mine.id)
    mine.follow(mine.correct({}))
    assert everything(hall, mine.id) == before
    # Sent twice, it is one.
    path = "/receipt/correct"
    form = Page(mine.submit(mine.page(path).form(path), {"details": "Other"},
                            ("step", "review")).text).form(path)
    for _ in range(2):
        mine.follow(mine.submit(form, button=("step", "send")))
    assert at_once(*[lambda: mine.submit(form, button=("step", "send")).status_code] * 3) \
        == [303] * 3
    assert rows(hall, mine.id, "revision") == rows(hall, mine.id, "message") == 1


def test_what_is_found_by_follows(hall, committee, holder):
    """Area, urgency and kind stand where the queue sorts by them."""
    mine, admin = holder("/aid/request", area="harbour-side", urgency="month"), committee[0]

    def facets():
        hall.settle()
        return {(n, v) for n, v in hall.sql(
            f"SELECT name, value FROM facet WHERE submission = X'{mine.id}'")}
    assert facets() >= {("need", "food"), ("area", "harbour-side")}
    assert row(hall, mine.id, "kind, state, urgency") == ("ask", "needed", "2")
    mine.follow(mine.correct({"area": "riverside", "urgency": "today",
                              "needs": ["money", "rides"]}))
    assert facets() >= {("need", "money"), ("need", "rides"), ("area", "riverside")}
    assert not {("need", "food"), ("area", "harbour-side")} & facets()
    assert row(hall, mine.id, "kind, state, urgency") == ("ask", "needed", "0")
    mine.follow(mine.correct({"needs": [], "offers": ["food"], "whom": "anyone"}))
    assert row(hall, mine.id, "kind, state") == ("offer", "offered")
    assert not [f for f in facets() if f[0] == "need"] and ("offer", "food") in facets()
    assert "Offers: Food" in listed(admin, "aid", "offer")[mine.id]
    assert mine.id not in listed(admin, "aid", "ask")
    # What a coordinator has begun goes on as what it is.
    admin.follow(admin.move(mine.id, "started"))
    mine.follow(mine.correct({"needs": ["food"], "whom": "myself"}))
    assert row(hall, mine.id, "kind, state") == ("ask", "started")


@pytest.mark.parametrize("prefix", ["", "/es"])
def test_correction_with_mistakes(hall, holder, prefix):
    mine = holder()
    before, path = everything(hall, mine.id), f"{prefix}/receipt/correct"
    form = mine.page(path).form(path)
    answers = complete(form, every=True)
    answers.update(email="ana@", name="", pledge="1", why="x" * 1501)
    for step in ("review", "send"):
        pairs = form.filled(answers, ("step", "review"))
        got = mine.post(path, data=[(n, v) for n, v in pairs if n != "step"] + [("step", step)])
        page = Page(got.text)
        assert got.status_code == 422
        assert set(page.errors()) == {"f-email", "f-name", "f-pledge", "f-why"}
        again = page.form(path)
        for name, value in answers.items():
            assert again[name] in (value, [value]), name
    assert everything(hall, mine.id) == before


def test_correct_at_once(hall, committee, holder):
    """Two windows: both versions are kept, and what stands is one of them."""
    mine = holder("/aid/request", details="First")
    path = "/receipt/correct"
    texts = [f"Window {n} {word()}" for n in range(2)]
    forms = [Page(mine.submit(mine.page(path).form(path), {"details": text},
                              ("step", "review")).text).form(path) for text in texts]
    assert at_once(*[lambda f=f: mine.submit(f, button=("step", "send")).status_code
                     for f in forms]) == [303, 303]
    versions = [answer for question, answer in committee[0].case(mine.id).answers()
                if question == "Is there more to know?"]
    assert sorted(versions) == sorted(["First", *texts]) and versions[0] in texts


def ended(hall, committee, mine, how):
    if how in ("accepted", "declined"):
        committee[0].follow(committee[0].open(mine.id))
        for admin in committee:
            if row(hall, mine.id, "state") == "review":
                admin.follow(admin.vote(mine.id, "favour" if how == "accepted" else "against"))
    elif how == "withdrawn":
        mine.follow(mine.withdraw())
    else:
        mine.follow(mine.erase())
    assert row(hall, mine.id, "state") == how


@pytest.mark.parametrize("how", ["accepted", "declined", "withdrawn", "erased"])
def test_no_correction_after_the_end(hall, committee, holder, how):
    mine, path = holder(), "/receipt/correct"
    form = mine.page(path).form(path)
    review = Page(mine.submit(form, {"why": "Late"}, ("step", "review")).text).form(path)
    ended(hall, committee, mine, how)
    before = everything(hall, mine.id)
    got = mine.get(path)
    assert (got.status_code, got.headers["Location"]) == (303, "/receipt")
    assert path not in mine.page("/receipt").links
    for late, button in ((form, ("step", "review")), (review, ("step", "send"))):
        got = mine.submit(late, button=button)
        # An erased one's code was forgotten: it is asked for, and opens nothing.
        assert got.status_code == (422 if how == "erased" else 409)
    assert everything(hall, mine.id) == before


# ---- is it still needed? ----

@pytest.mark.parametrize("prefix", ["", "/es"])
@pytest.mark.parametrize("offers", [False, True], ids=["asked", "offered"])
def test_still_needed(hall, committee, holder, offers, prefix):
    answers = {"needs": [], "offers": ["food"], "whom": "anyone"} if offers else {}
    mine, admin = holder("/aid/request", prefix, **answers), committee[0]
    page = mine.page(f"{prefix}/receipt")
    # Unasked, it can be settled at any time.
    assert [b.value for f in page.forms if f.action.endswith("/needed")
            for b in f.controls if b.name == "still"] == ["no"]
    hall.sql(f"UPDATE submission SET asked_day = {today() - 8 * DAY}, sunk = 1, moved_day ="
             f" {today() - 22 * DAY} WHERE id = X'{mine.id}'")
    page = mine.page(f"{prefix}/receipt")
    assert page.lang == ("es" if prefix else "en")
    assert prefix or ("your offer still stand" if offers else "still needed?") in page.text("h2")
    key = "offer" if offers else "ask"
    assert "no answer" in listed(admin, "aid", key)[mine.id]
    assert "was asked on" in admin.case(mine.id).text("aside")

    form = page.form("/needed")
    for wrong in ("", "maybe", "YES", None):
        got = mine.post(form.action, data={"token": form["token"],
                                           **({"still": wrong} if wrong is not None else {})})
        assert got.status_code == 422
    assert row(hall, mine.id, "sunk, state") == ("1", "offered" if offers else "needed")
    got = mine.needed("yes", prefix)
    assert got.headers["Location"] == f"{prefix}/receipt"
    assert row(hall, mine.id, "asked_day, sunk, moved_day, ended_day, desk_unread") \
        == (None, "0", str(today()), None, "1")
    assert [m.said for m in admin.case(mine.id).talk()] == [None]
    # Said once; nobody asks any more.
    mine.follow(mine.post(form.action, data={"token": form["token"], "still": "yes"}))
    assert rows(hall, mine.id, "message") == 1

    mine.follow(mine.needed("no", prefix))
    assert row(hall, mine.id, "state, ended_day") == ("complete", str(today()))
    assert mine.id in listed(admin, "aid", "complete")
    assert mine.id not in listed(admin, "aid", key)
    page = mine.page(f"{prefix}/receipt")
    assert not page.has_form("/needed") and page.has_form("/message")
    got = mine.post(form.action, data={"token": form["token"], "still": "no"})
    assert got.status_code == 409 and rows(hall, mine.id, "message") == 2
    hall.settle()
    assert rows(hall, mine.id, "facet") == 0


@pytest.mark.parametrize("deed", ["write", "correct"])
def test_whoever_does_something_is_there(hall, holder, deed):
    mine = holder("/aid/request")
    hall.sql(f"UPDATE submission SET asked_day = {today()}, sunk = 1 WHERE id = X'{mine.id}'")
    mine.follow(mine.write("Hello") if deed == "write" else mine.correct({"details": "More"}))
    assert row(hall, mine.id, "asked_day, sunk") == (None, "0")


def test_only_help_is_settled(hall, committee, holder):
    """An application is not ended by a word that its page does not offer."""
    for path in ("/join", "/support"):
        mine = holder(path)
        page = mine.page("/receipt")
        assert not page.has_form("/needed")
        for still in ("yes", "no"):
            got = mine.post("/receipt/needed", data={
                "token": page.form("/close")["token"], "still": still})
            assert got.status_code == 409
        assert row(hall, mine.id, "state") == "received" and rows(hall, mine.id, "message") == 0


def test_the_courier_asks_and_sinks(hall, committee, holder):
    mine, fresh = holder("/aid/request"), holder("/aid/request")
    hall.sql(f"UPDATE submission SET moved_day = {today() - 15 * DAY} WHERE id = X'{mine.id}';"
             "UPDATE duty SET next_at = 0 WHERE name = 'remind'")
    wait_for(lambda: row(hall, mine.id, "asked_day") == str(today()))
    assert row(hall, mine.id, "sunk") == "0" and row(hall, fresh.id, "asked_day") is None
    assert mine.page("/receipt").form("/needed", ("still", "yes"))
    hall.sql(f"UPDATE submission SET asked_day = {today() - 8 * DAY} WHERE id = X'{mine.id}';"
             "UPDATE duty SET next_at = 0 WHERE name = 'remind'")
    wait_for(lambda: row(hall, mine.id, "sunk") == "1")
    order = list(listed(committee[0], "aid", "ask"))
    assert order.index(fresh.id) < order.index(mine.id), "it sinks below the others"


# ---- the end ----

def live(hall, committee, mine, path):
    """Everything that can hang on a case does; gives what the store has of it, as hex."""
    admin = committee[0]
    mine.follow(mine.write("A question " + word()))
    admin.follow(admin.say(mine.id, "An answer " + word()))
    if row(hall, mine.id, "ended_day") is None:
        # In a form's words that the other forms have too.
        mine.follow(mine.correct({"phone": "+12125550199"}))
    if path == "/aid/request":
        admin.follow(admin.note(mine.id, "A note " + word()))
    admin.case(mine.id)         # now the desk knows the person again
    hall.settle()
    secrets = [f"SELECT HEX({column}) FROM submission WHERE id = X'{mine.id}'" for column in
               ("receipt", "desk_key", "receipt_key", "body")]
    secrets += [f"SELECT HEX({column}) FROM {table} WHERE submission = X'{mine.id}'"
                for table, column in (("message", "body"), ("note", "body"), ("contact", "hash"),
                                      ("revision", "body"), ("elector", "COALESCE(reason, '')"))]
    out = {cell for query in secrets for (cell,) in hall.sql(query) if cell}
    assert rows(hall, mine.id, "message") >= 2 and rows(hall, mine.id, "contact") >= 1
    return out


def whole(hall):
    """The whole database as text, what is sealed as hex."""
    done = subprocess.run([*hall.client("mariadb-dump"), "--hex-blob", hall.database],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("path, stage", [
    ("/join", "received"), ("/join", "review"), ("/join", "accepted"), ("/join", "declined"),
    ("/support", "received"), ("/support", "accepted"), ("/aid/request", "needed"),
    ("/aid/request", "started"), ("/aid/request", "complete"), ("/aid/request", "passedon")])
def test_erase_everything(hall, committee, holder, path, stage):
    admin, mark = committee[0], word()
    mine = holder(path, name=mark, phone="+12125550177")
    secrets = live(hall, committee, mine, path)
    if stage in ("review", "accepted", "declined"):
        admin.follow(admin.open(mine.id))
        admin.follow(admin.vote(mine.id, "against" if stage == "declined" else "favour"))
        for other in committee[1:]:
            if stage != "review" and row(hall, mine.id, "state") == "review":
                other.follow(other.vote(mine.id, "favour" if stage == "accepted" else "against"))
    elif stage not in ("received", "needed"):
        admin.follow(admin.move(mine.id, stage, "Moved " + word()))
    assert row(hall, mine.id, "state") == stage
    secrets |= live(hall, committee, mine, path)
    assert [s for s in secrets if s in whole(hall)], "nothing is found where there is something"
    late = [f for f in admin.case(mine.id).forms if f"/case/{mine.id}/" in f.action]
    ask = mine.page("/receipt/erase")
    assert row(hall, mine.id, "state") == stage, "asking changes nothing"

    gone = mine.follow(mine.submit(ask.form("/receipt/erase")))
    assert gone.text("h1") == "Everything is erased" and "receipt" not in mine.cookies
    # The code is one that never was, for this browser and for every other.
    never = Visitor(hall).enter(mine.code[:-1] + ("0" if mine.code[-1] != "0" else "1"))
    assert never.status_code == 422
    for who in (mine, Visitor(hall)):
        got = who.enter(mine.code)
        assert got.status_code == 404 and "Set-Cookie" not in got.headers
        assert mark not in got.text
    # In the store there is a line without a word about them.
    hall.settle()
    for table in CONTENT:
        assert rows(hall, mine.id, table) == 0, table
    assert row(hall, mine.id, "state, kind, urgency, facets, LENGTH(body), LENGTH(desk_key),"
               " LENGTH(receipt_key), desk_unread, holder_unread, asked_day, sunk") \
        == ("erased", "", "0", "", "0", "0", "0", "0", "0", None, "0")
    assert row(hall, mine.id, "ended_day") is not None
    assert hall.value("SELECT COUNT(*) FROM elector WHERE reason IS NOT NULL"
                      f" AND submission = X'{mine.id}'") == "0"
    assert hall.value("SELECT COUNT(*) FROM round WHERE ended_at IS NULL"
                      f" AND submission = X'{mine.id}'") == "0"
    left = whole(hall)
    assert len(secrets) >= 7 and not [s for s in secrets if s in left]

    # The desk reads that it is erased, and can do nothing more to it.
    case = admin.case(mine.id)
    assert case.text("h1") == "Erased" and mark not in case.html and not case.talk()
    assert not [f for f in case.forms if f"/case/{mine.id}/" in f.action]
    before = everything(hall, mine.id)
    for form in late:
        got = admin.submit(form, {n: v for n, v in (
            ("text", "Late"), ("vote", "favour"), ("reason", "Late")) if n in form.names()})
        assert got.status_code == 409, form.action
    assert everything(hall, mine.id) == before
    for key in re.findall(r"list=(\w+)", admin.queue(FORMS[path]).html):
        assert mine.id not in listed(admin, FORMS[path], key), key


def test_withdrawn_can_still_be_erased(hall, committee, holder):
    mine = holder("/aid/request", "/es")
    secrets = live(hall, committee, mine, "/aid/request")
    mine.follow(mine.withdraw("/es"))
    for table in CONTENT:
        assert rows(hall, mine.id, table) == 0, table
    assert Visitor(hall).status(mine.code).text("h1") == "Where it stands"
    page = mine.page("/es/receipt")
    assert page.lang == "es" and not page.has_form("/message") and not page.has_form("/needed")
    for deed, data in DEEDS.items():
        if deed not in ("close", "erase"):
            got = mine.post(f"/receipt/{deed}", data={
                **data, "token": page.form("/close")["token"]})
            assert got.status_code == 409, deed
    assert row(hall, mine.id, "state") == "withdrawn" and rows(hall, mine.id, "message") == 0
    gone = mine.follow(mine.erase("/es"))
    assert gone.lang == "es" and Visitor(hall).enter(mine.code).status_code == 404
    assert row(hall, mine.id, "state, kind") == ("erased", "")
    left = whole(hall)
    assert not [s for s in secrets if s in left]


def test_nothing_is_written_behind_the_end(hall, committee, holder):
    """Erasing at the moment in which others write."""
    for n in range(4):
        mine, admin = holder("/aid/request"), committee[0]
        page, case = mine.page("/receipt"), admin.case(mine.id)
        ask = mine.page("/receipt/erase").form("/erase")
        calls = [lambda: mine.submit(ask), lambda: mine.submit(page.form("/message"), {
                     "text": "Once more"}),
                 lambda: admin.submit(case.form("/message"), {"text": "To you"}),
                 lambda: admin.submit(case.form("/note"), {"text": "They called"})]
        got = [answer.status_code for answer in at_once(*calls[n:], *calls[:n])]
        assert set(got) <= {303, 409, 422}, got
        assert row(hall, mine.id, "state") == "erased"
        for table in CONTENT:
            assert rows(hall, mine.id, table) == 0, table


def test_who_served_elsewhere_reads_nothing(hall, committee, holder):
    """Another desk's admin neither reads the conversation nor writes to it."""
    mine, mark = holder("/aid/request"), word()
    mine.follow(mine.write(mark))
    other = Admin(hall, "Noor " + word(4)).accept(committee[0].invite(["membership"]))
    form = committee[0].case(mine.id).form("/message")
    assert mark not in other.page(f"/admin/case/{mine.id}", 404).html
    got = other.post(form.action, data={
        "token": other.page("/admin/").form("/logout")["token"], "text": "Hello"})
    assert got.status_code == 404 and rows(hall, mine.id, "message") == 1
    assert row(hall, mine.id, "desk_unread") == "0"


# ---- two receipts in one browser ----

@pytest.mark.parametrize("what", ["message", "withdraw", "erase", "needed", "correct"])
def test_page_of_another_receipt(hall, what):
    """Somebody has the pages of two receipts open.  What is sent from the first page does
    nothing to the second, which the browser remembers."""
    first, second = (Visitor(hall).apply({"name": word()}, "/aid/request") for _ in "12")
    visitor = Visitor(hall)
    page = visitor.status(first)
    close = page.form("/receipt/close")
    if what in ("withdraw", "erase", "correct"):
        page = visitor.page(f"/receipt/{what}")
    form = page.form(f"/receipt/{what}")
    visitor.submit(close)
    visitor.status(second)
    text = "Meant for the first " + word()
    data = {"message": {"text": text}}.get(what, {})
    if what == "correct":
        data = {"name": text}
    got = visitor.submit(form, data)
    assert got.status_code == 409
    for code in (first, second):
        page = Visitor(hall).status(code)
        assert text not in page.text() and page.has_form("/receipt/needed")
