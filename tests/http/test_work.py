"""A case of the aid desk is worked on: states, who takes it on, what fits it, the log."""

import re
import time

import pytest

from portal import Page, Visitor, word
from stack import wait_for
from test_desks import hand_in, house, id_of, session_token, staff  # noqa: F401
from test_join import at_once
from test_review import deeds, state

OPEN = ("needed", "offered", "started", "noanswer", "delivery", "assigned")
ENDED = ("complete", "passedon", "outofarea", "duplicate")
FOR = {"ask": {"needed", "started", "noanswer", "delivery", "assigned", *ENDED},
       "offer": {"offered", "started", "assigned", *ENDED}}


def columns(house, id_, names):
    (row,) = house.sql(f"SELECT {names} FROM submission WHERE id = X'{id_}'")
    return row


def log(page):
    """The notes, as (who, how or where to, text), the latest first."""
    inner = re.search(r'<ol class="log">(.*?)</ol>', page.html, re.S)[1]
    out = []
    for note in re.findall(r"<li>(.*?)</li>", inner, re.S):
        said = re.search(r'<p class="said">(.*?)</p>', note, re.S)
        out.append((re.search(r"<strong>(.*?)</strong>", note)[1],
                    re.findall(r'<span class="tag[^"]*">(.*?)</span>', note),
                    said and said[1]))
    return out


def buttons(page):
    """The states to which it can go."""
    return {c.value for c in page.form("/state").controls if c.tag == "button"}


# ---- states ----

@pytest.mark.parametrize("kind, came_from", [
    (kind, came_from) for kind in FOR for came_from in OPEN + ENDED if came_from in FOR[kind]])
def test_every_way_from_state_to_state(house, staff, hand_in, kind, came_from):
    _, id_ = hand_in("aid", **({"needs": [], "offers": ["food"]} if kind == "offer" else {}))
    assert state(house, id_) == ("needed" if kind == "ask" else "offered")
    as_it_was = (f"UPDATE submission SET state = '{came_from}', sunk = 1, asked_day = 86400,"
                 " moved_day = 86400, ended_day = "
                 f"{'86400' if came_from in ENDED else 'NULL'} WHERE id = X'{id_}'")
    house.sql(as_it_was)
    may = {"started"} if came_from in ENDED else FOR[kind] - {came_from}
    page = staff.ada.case(id_)
    assert buttons(page) == may
    token = session_token(staff.ada)
    path = f"/admin/case/{id_}/state"
    for to in set(OPEN + ENDED) - may:
        got = staff.ada.post(path, data={"token": token, "was": came_from, "state": to})
        assert got.status_code == 409, to
    for to in ("withdrawn", "erased", "accepted", "received", "", "nothing"):
        got = staff.ada.post(path, data={"token": token, "was": came_from, "state": to})
        assert got.status_code == 422 and Page(got.text).errors() == ["state"], to
    assert columns(house, id_, "state, sunk, asked_day, moved_day") == (
        came_from, "1", "86400", "86400")
    assert deeds(house, id_) == []
    today = str(int(time.time()) // 86400 * 86400)
    for to in sorted(may)[:3]:
        house.sql(as_it_was)
        page = staff.ada.follow(staff.ada.move(id_, to, f"To {to}"))
        assert columns(house, id_, "state, ended_day, sunk, asked_day, moved_day") == (
            to, today if to in ENDED else None, "0", None, today)
        assert log(page)[0][0] == "Ada" and log(page)[0][2] == f"To {to}"
        assert page.has_form("/assign") == (to not in ENDED)
    assert deeds(house, id_) == ["case.state"] * len(sorted(may)[:3])


def test_what_the_holder_sees(house, staff, hand_in):
    """That something happens, and not a word of what was noted with it."""
    code, id_ = hand_in("aid")
    before = Visitor(house).status(code).text("main")
    staff.ada.follow(staff.ada.move(id_, "started", "Not for the holder"))
    staff.ada.follow(staff.ada.note(id_, "Nor this one", way="visit"))
    page = Visitor(house).status(code)
    assert page.text("main") != before
    assert "Not for the holder" not in page.html and "Nor this one" not in page.html


def test_changed_meanwhile(house, staff, hand_in):
    """The second is shown how it stands, and what they typed; nothing is done."""
    _, id_ = hand_in("aid")
    late = staff.ali.case(id_).form("/state")
    staff.ada.follow(staff.ada.move(id_, "started"))
    got = staff.ali.submit(late, {"text": "A long story"}, ("state", "complete"))
    page = Page(got.text)
    assert got.status_code == 409 and "notice--bad" in page.html
    assert page.form("/state")["was"] == "started"
    assert page.form("/state")["text"] == "A long story"
    assert state(house, id_) == "started" and deeds(house, id_) == ["case.state"]
    assert len(log(page)) == 1
    staff.ali.follow(staff.ali.submit(page.form("/state"), button=("state", "complete")))
    assert state(house, id_) == "complete"
    assert log(staff.ada.case(id_))[0][2] == "A long story"
    # Without the page there is nothing to compare with.
    got = staff.ada.post(f"/admin/case/{id_}/state", data={
        "token": session_token(staff.ada), "state": "started"})
    assert got.status_code == 409 and state(house, id_) == "complete"


def test_at_once(house, staff, hand_in):
    for _ in range(3):
        _, id_ = hand_in("aid")
        forms = [(admin, admin.case(id_).form("/state"))
                 for admin in (staff.ada, staff.ali, staff.rosa)]
        got = at_once(*[lambda a=a, f=f, s=s: a.submit(f, button=("state", s)).status_code
                        for (a, f), s in zip(forms, ("started", "complete", "delivery"))])
        assert sorted(got) == [303, 409, 409]
        assert deeds(house, id_) == ["case.state"]


def test_withdrawn_meanwhile(house, staff, hand_in):
    """Nothing can be done to it any more, however it was opened."""
    code, id_ = hand_in("aid", name="Words that go")
    page = staff.ada.case(id_)
    staff.ada.follow(staff.ada.note(id_, "A call that goes too", way="call"))
    holder = Visitor(house)
    holder.status(code)
    holder.withdraw()
    before = deeds(house, id_)
    for got in (staff.ada.submit(page.form("/state"), button=("state", "complete")),
                staff.ada.submit(page.form("/assign", ("admin", "nobody")), {"admin": id_of(
                    house, "Ada")}),
                staff.ada.submit(page.form("/note"), {"text": "Late"}),
                staff.ada.submit(page.form("/message"), {"text": "Late"})):
        assert got.status_code == 409
        assert "Words that go" not in got.text and "goes too" not in got.text
        assert not Page(got.text).has_form("/state")
    assert columns(house, id_, "state, LENGTH(body), assigned_to") == ("withdrawn", "0", None)
    assert house.value(f"SELECT COUNT(*) FROM note WHERE submission = X'{id_}'") == "0"
    assert deeds(house, id_) == before


def test_long_and_empty(house, staff, hand_in):
    _, id_ = hand_in("aid")
    page = staff.ada.case(id_)
    longest, too_long = "ü" * 4000, "ü" * 4001
    for ending, button, field in (("/state", ("state", "started"), "note"),
                                  ("/note", None, "note")):
        got = staff.ada.submit(page.form(ending), {"text": too_long}, button)
        again = Page(got.text)
        assert got.status_code == 422 and again.errors() == [field] and field in again.ids
        assert again.form(ending)["text"] == too_long
    for text in ("", " \n\t "):
        got = staff.ada.submit(page.form("/note"), {"text": text, "way": "visit"})
        again = Page(got.text)
        assert got.status_code == 422 and again.errors() == ["note"]
        assert again.form("/note")["way"] == "visit"
    for way in ("", "state", "pigeon"):
        got = staff.ada.post(f"/admin/case/{id_}/note", data={
            "token": session_token(staff.ada), "way": way, "text": "x"})
        assert got.status_code == 422, way
    assert deeds(house, id_) == [] and log(staff.ada.case(id_)) == []
    page = staff.ada.follow(staff.ada.note(id_, longest))
    assert log(page)[0][2] == longest


# ---- who takes it on ----

def test_taking_it_on(house, staff, hand_in):
    _, id_ = hand_in("aid")
    page = staff.ada.case(id_)
    (mine,) = [form for form in page.forms if form.action.endswith("/assign")
               and not any(c.tag == "select" for c in form.controls)]
    page = staff.ada.follow(staff.ada.submit(mine))
    assert columns(house, id_, "HEX(assigned_to), state")[0].lower() == id_of(house, "Ada")
    assert "Ada" in page.text("aside")
    # To another, and to nobody again.
    staff.ada.follow(staff.ada.assign(id_, id_of(house, "Ali")))
    assert columns(house, id_, "HEX(assigned_to)")[0].lower() == id_of(house, "Ali")
    staff.ali.follow(staff.ali.assign(id_, "nobody"))
    assert columns(house, id_, "assigned_to") == (None,)
    assert deeds(house, id_) == ["case.assign"] * 3
    # Only who serves there is offered.
    form = staff.ada.case(id_).form("/assign", ("admin", "nobody"))
    (select,) = [c for c in form.controls if c.tag == "select"]
    assert set(select.options) == {"nobody", *(id_of(house, n) for n in ("Ada", "Ali", "Rosa"))}


def test_not_to_somebody_elsewhere(house, staff, hand_in):
    _, id_ = hand_in("aid")
    token = session_token(staff.ada)
    for who, status in ((id_of(house, "Mia"), 409), ("0" * 32, 409), ("zz", 422), ("", 422),
                        (id_of(house, "Ada") + "0", 422), ("NOBODY", 422)):
        got = staff.ada.post(f"/admin/case/{id_}/assign", data={
            "token": token, "was": "nobody", "admin": who})
        assert got.status_code == status, who
    for was in (id_of(house, "Ali"), "", "zz"):
        got = staff.ada.post(f"/admin/case/{id_}/assign", data={
            "token": token, "was": was, "admin": id_of(house, "Ada")})
        assert got.status_code == 409, was
    house.sql(f"UPDATE submission SET state = 'complete', ended_day = 0 WHERE id = X'{id_}'")
    got = staff.ada.post(f"/admin/case/{id_}/assign", data={
        "token": token, "was": "nobody", "admin": id_of(house, "Ada")})
    assert got.status_code == 409, "it has ended"
    assert columns(house, id_, "assigned_to") == (None,) and deeds(house, id_) == []


def test_two_take_it(house, staff, hand_in):
    _, id_ = hand_in("aid")
    forms = {name: (admin, admin.case(id_).form("/assign", ("admin", "nobody")))
             for name, admin in (("Ada", staff.ada), ("Ali", staff.ali))}
    got = at_once(*[lambda n=n, a=a, f=f: a.submit(f, {"admin": id_of(house, n)}).status_code
                    for n, (a, f) in forms.items()])
    assert sorted(got) == [303, 409] and deeds(house, id_) == ["case.assign"]
    winner = dict(zip(forms, got))
    assert columns(house, id_, "HEX(assigned_to)")[0].lower() == id_of(
        house, next(n for n, status in winner.items() if status == 303))


# ---- the log ----

def test_log(house, staff, hand_in):
    """The desk reads it, who holds the receipt does not, and the store neither."""
    code, id_ = hand_in("aid")
    words = [f"Said {word()} & <b>done</b>" for _ in range(5)]
    for text, way in zip(words, ("call", "text", "visit", "mail", "other")):
        staff.ada.follow(staff.ada.note(id_, text, way=way))
    seen = log(staff.ali.case(id_))
    assert [who for who, _, _ in seen] == ["Ada"] * 5
    assert len({tags[0] for _, tags, _ in seen}) == 5
    assert [said.split()[1] for _, _, said in seen] == [t.split()[1] for t in words[::-1]]
    assert "<b>done" not in staff.ali.case(id_).html
    page = Visitor(house).status(code)
    stored = "".join(x for row in house.sql(
        f"SELECT HEX(body) FROM note WHERE submission = X'{id_}'") for x in row)
    for text in words:
        marker = text.split()[1]
        assert marker not in page.html and marker not in house.logs()
        assert marker.encode().hex().upper() not in stored
    assert deeds(house, id_) == ["case.note"] * 5


def test_note_in_another_place(house, staff, hand_in):
    """One that was put elsewhere, or changed, says so and hides no other."""
    _, id_ = hand_in("aid")
    _, other = hand_in("aid")
    for at, text in ((id_, "First"), (id_, "Second"), (other, "Of another case")):
        staff.ada.follow(staff.ada.note(at, text))
    for sql in (f"UPDATE note SET body = (SELECT body FROM n WHERE submission = X'{other}')"
                f" WHERE submission = X'{id_}' AND number = 1",
                "UPDATE note SET body = (SELECT body FROM n WHERE number = 2 AND submission ="
                f" X'{id_}') WHERE submission = X'{id_}' AND number = 1",
                f"UPDATE note SET body = '' WHERE submission = X'{id_}' AND number = 1"):
        house.sql("CREATE TABLE n AS SELECT * FROM note;" + sql)
        try:
            notes = log(staff.ada.case(id_))
            assert [said for _, _, said in notes] == ["Second", None]
            assert "Of another case" not in staff.ada.case(id_).html
        finally:
            house.sql("UPDATE note JOIN n USING (submission, number) SET note.body = n.body;"
                      "DROP TABLE n")
    assert [said for _, _, said in log(staff.ada.case(id_))] == ["Second", "First"]


def test_full_log(house, staff, hand_in):
    """A log that is full takes no more words, and holds no case up."""
    _, id_ = hand_in("aid")
    staff.ada.follow(staff.ada.note(id_, "The first"))
    house.sql("INSERT INTO note SELECT submission, seq, admin, day, body FROM note JOIN"
              f" seq_2_to_200 WHERE submission = X'{id_}'")
    before = deeds(house, id_)
    for got, ending in ((staff.ada.note(id_, "One too many"), "/note"),
                        (staff.ada.move(id_, "started", "One too many"), "/state")):
        page = Page(got.text)
        assert got.status_code == 422 and page.errors() == ["note"]
        assert page.form(ending)["text"] == "One too many"
    assert state(house, id_) == "needed" and deeds(house, id_) == before
    staff.ada.follow(staff.ada.move(id_, "started"))
    assert state(house, id_) == "started"
    assert house.value(f"SELECT COUNT(*) FROM note WHERE submission = X'{id_}'") == "200"


# ---- what could fit ----

def suggested(page):
    inner = re.search(r'<ul class="beside">(.*?)</ul>', page.html, re.S)[1]
    return re.findall(r"/admin/case/([0-9a-f]{32})", inner)


def test_suggestions(house, staff, hand_in):
    """Near first, then who understands, then how much fits, then the oldest."""
    house.sql("UPDATE submission SET ended_day = 0, state = 'complete', filed = 0")

    def offer(*what, area="riverside", language="es"):
        return hand_in("aid", needs=[], offers=list(what), area=area, language=language)[1]
    far_two = offer("shelter", "money", area="north-hill")
    far_other = offer("shelter", "money", area="north-hill", language="other")
    near_other = offer("shelter", "money", language="other")
    near_one = offer("shelter")
    near_old = offer("money")
    near_two = offer("money", "shelter", "food")
    hidden = [offer("food"), offer("shelter"), offer("shelter")]
    house.sql(f"UPDATE submission SET suspect = 1 WHERE id = X'{hidden[1]}';"
              f"UPDATE submission SET received_day = received_day - 864000 WHERE id = X'{near_old}'")
    staff.ada.follow(staff.ada.move(hidden[2], "complete"))
    _, id_ = hand_in("aid", needs=["shelter", "money"], area="riverside", language="es",
                     name="Who asks")
    wait_for(lambda: house.value("SELECT COUNT(*) FROM submission WHERE filed = 0") == "0")
    page = staff.ada.case(id_)
    assert suggested(page) == [near_two, near_old, near_one, near_other, far_two, far_other]
    assert suggested(staff.ada.case(near_two)) == [id_]
    assert "Who asks" in staff.ada.case(near_two).text("aside")
    assert suggested(staff.ada.case(hidden[0])) == []
    # What has ended is offered no more, and what has begun still is.
    staff.ada.follow(staff.ada.move(near_two, "started"))
    staff.ada.follow(staff.ada.move(near_old, "passedon"))
    assert suggested(staff.ada.case(id_)) == [near_two, near_one, near_other, far_two, far_other]


def test_audit(house):
    done = house.openhall("audit", "verify")
    assert done.returncode == 0, done.stderr
    written = {action for (action,) in house.sql("SELECT DISTINCT action FROM audit")}
    assert {"case.state", "case.assign", "case.note"} <= written
