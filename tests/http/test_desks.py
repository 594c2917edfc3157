"""Desks: who serves where, what that opens, and what stays shut with the database in hand.

Rosa serves at every desk; Mia at that of members, Sol at that of supporters, Ada and Ali at
that of mutual aid.
"""

import functools
import os
import re
import subprocess
from collections import namedtuple

import pytest

from conftest import alone
from portal import PASSWORD, Admin, Page, Visitor
from stack import SRC
from test_review import deeds, state, votes
from test_sealed import spellings

DESKS = {"membership": "/join", "supporters": "/support", "aid": "/aid/request"}
TITLES = {"membership": "Membership", "supporters": "Supporters", "aid": "Mutual aid"}
LISTS = ("received", "review", "ask", "offer", "mine", "unread", "suspect", "ending", "")

Staff = namedtuple("Staff", "rosa mia sol ada ali")


# ---- a site whose admins serve at different desks, for other files too ----

@functools.cache
def start(sites):
    return sites("house", least_seconds=0)


@functools.cache
def found(stack):
    rosa = Admin(stack, "Rosa").accept(stack.invitation)
    others = (("Mia", "membership"), ("Sol", "supporters"), ("Ada", "aid"), ("Ali", "aid"))
    return Staff(rosa, *(Admin(stack, name).accept(rosa.invite([desk]))
                         for name, desk in others))


@pytest.fixture(scope="session")
def house(sites):
    """One for all files that use it."""
    alone()
    return start(sites)


@pytest.fixture(scope="session")
def staff(house):
    return found(house)


@pytest.fixture
def hand_in(house):
    """Somebody wrote to a desk: their receipt code and the id of the case."""
    def make(desk, **answers):
        before = {id_ for (id_,) in house.sql("SELECT HEX(id) FROM submission")}
        code = Visitor(house).apply(answers, DESKS[desk])
        (row,) = {id_ for (id_,) in house.sql("SELECT HEX(id) FROM submission")} - before
        return code, row.lower()
    return make


@pytest.fixture
def guest(house, staff):
    """Others who are invited, for a test that takes them away again."""
    names = []

    def make(name, *desks):
        names.append(name)
        return Admin(house, name).accept(staff.rosa.invite(desks))
    yield make
    for name in names:
        house.sql(f"""
            SET @who = (SELECT id FROM admin WHERE name = '{name}');
            UPDATE submission SET assigned_to = NULL WHERE assigned_to = @who;
            UPDATE submission SET entered_by = NULL WHERE entered_by = @who;
            DELETE FROM note WHERE admin = @who;
            DELETE FROM message WHERE author = @who;
            DELETE FROM elector WHERE admin = @who;
            DELETE FROM session WHERE admin = @who;
            DELETE FROM desk_key WHERE admin = @who;
            DELETE FROM factor_code WHERE admin = @who;
            DELETE FROM admin WHERE id = @who;""")


def id_of(house, name):
    return house.value(f"SELECT LOWER(HEX(id)) FROM admin WHERE name = '{name}'")


def serving(house, desk):
    return [name for (name,) in house.sql(
        "SELECT name FROM desk_key JOIN admin ON id = admin"
        f" WHERE desk = '{desk}' ORDER BY name")]


def session_token(admin):
    """What every form of this session carries."""
    return admin.page("/admin/find").form("/logout")["token"]


def routes(access="ADMIN"):
    """(method, path) of the back office's pages for who is in."""
    found = re.findall(r'\.method = (GET|POST), \.path = "([^"]+)",.*?\.access = (\w+)',
                       (SRC / "cgi/admin/admin.c").read_text(), re.S)
    assert len(found) > 35
    return [(method, path) for method, path, who in found if who == access]


def all_of(house, id_):
    """What a refused request must leave as it is."""
    return house.sql("SELECT state, SHA2(body, 256), SHA2(desk_key, 256), ended_day,"
                     " HEX(assigned_to), moved_day, asked_day, sunk, desk_unread, holder_unread,"
                     " (SELECT COUNT(*) FROM message WHERE submission = s.id),"
                     " (SELECT COUNT(*) FROM note WHERE submission = s.id),"
                     " (SELECT COUNT(*) FROM round WHERE submission = s.id),"
                     " (SELECT COUNT(*) FROM elector WHERE submission = s.id"
                     "  AND vote IS NOT NULL),"
                     " (SELECT COUNT(*) FROM contact WHERE submission = s.id),"
                     " (SELECT number FROM audit_head)"
                     f" FROM submission s WHERE s.id = X'{id_}'")


# ---- what others do not even learn of ----

DEEDS = {"open": {}, "vote": {"vote": "favour", "reason": "x"}, "recuse": {},
         "message": {"text": "x"}, "state": {"state": "started", "was": "needed"},
         "assign": {"admin": "nobody", "was": "nobody"}, "note": {"way": "call", "text": "x"}}


def test_every_deed_is_tried():
    """The table above is the program's."""
    assert set(DEEDS) == {path.removeprefix("/admin/case/*/") for method, path in routes()
                          if method == "POST" and path.startswith("/admin/case/")}


@pytest.mark.parametrize("desk", DESKS)
def test_case_of_another_desk_is_not_there(house, staff, hand_in, desk):
    _, id_ = hand_in(desk, name="Planted words")
    if desk == "supporters":        # one that can be voted on
        staff.rosa.follow(staff.rosa.open(id_))
    for admin in staff:
        if admin.name in serving(house, desk):
            assert "Planted words" in admin.case(id_).text("dd")
            continue
        before = all_of(house, id_)
        missing = admin.get("/admin/case/" + "0" * 32)
        got = admin.get(f"/admin/case/{id_}")
        assert got.status_code == 404 and got.text == missing.text
        for deed, body in DEEDS.items():
            got = admin.post(f"/admin/case/{id_}/{deed}",
                             data={"token": session_token(admin), **body})
            assert got.status_code == 404, (admin.name, deed)
            assert got.text == missing.text, (admin.name, deed)
        assert all_of(house, id_) == before


def test_what_another_kind_of_desk_does_is_not_there(staff, hand_in, house):
    """Of a case that is decided on there is nothing to work on, and the other way round."""
    _, decided = hand_in("membership")
    _, worked = hand_in("aid")
    token = session_token(staff.rosa)
    for id_, of, status in ((decided, ("state", "assign", "note"), 404),
                            (worked, ("open", "vote", "recuse"), 409)):
        before = all_of(house, id_)
        for deed in of:
            got = staff.rosa.post(f"/admin/case/{id_}/{deed}",
                                  data={"token": token, **DEEDS[deed]})
            assert got.status_code == status, deed
        assert all_of(house, id_) == before


def test_lists_of_other_desks_are_not_there(staff, hand_in):
    """Nor a word of how many wait there."""
    for desk in DESKS:
        hand_in(desk)
    for admin, mine in zip(staff[1:], ("membership", "supporters", "aid", "aid")):
        own = admin.page("/admin/queue")
        assert own.text("h1") == TITLES[mine] and "/admin/case/" in own.html
        for desk in set(DESKS) - {mine}:
            for key in LISTS:
                assert admin.get(f"/admin/queue?desk={desk}&list={key}").status_code == 404
            assert admin.get(f"/admin/queue?desk={desk}").status_code == 404
            assert f"desk={desk}" not in own.html and TITLES[desk] not in own.text("main")
    page = staff.rosa.page("/admin/queue")
    assert all(f"desk={desk}&amp;list=" in page.html or f"/admin/queue?desk={desk}\"" in page.html
               for desk in DESKS)


def test_entry_at_other_desks_is_not_there(house, staff):
    before = house.value("SELECT COUNT(*) FROM submission")
    for admin, mine in zip(staff[1:], ("membership", "supporters", "aid", "aid")):
        assert admin.get(f"/admin/entry/{mine}").status_code == 200
        form = admin.page(f"/admin/entry/paper/{mine}").form(f"/paper/{mine}")
        for desk in (set(DESKS) - {mine}) | {"nothing"}:
            for way in ("", "phone/", "paper/"):
                assert admin.get(f"/admin/entry/{way}{desk}").status_code == 404
            for step in ("send", "review", "change"):
                got = admin.post(f"/admin/entry/phone/{desk}", data={
                    "token": form["token"], "once": form["once"], "needs": "food",
                    "urgency": "today", "whom": "myself", "area": "riverside",
                    "reach": "receipt", "visible": "matter", "email": "a@example.org",
                    "step": step})
                assert got.status_code == 404, (admin.name, desk, step)
    assert house.value("SELECT COUNT(*) FROM submission") == before


def test_who_keeps_the_units(house, staff):
    for admin in (staff.ada, staff.mia, staff.sol):
        keeps = admin is not staff.ada
        page = admin.page("/admin/units")
        assert ("/admin/units/new" in page.links) == keeps
        got = admin.get("/admin/units/new")
        assert got.status_code == (200 if keeps else 403)
        got = admin.post("/admin/units/new", data={
            "token": session_token(admin), "step": "save", "kind": "city",
            "name": f"Unit of {admin.name}", "state": "forming", "area": "", "about": ""})
        assert got.status_code == (303 if keeps else 403)
        slug = f"unit-of-{admin.name.lower()}"
        assert admin.get(f"/admin/units/{slug}").status_code == (200 if keeps else 403)
    # Nor to change what another made.
    for step in ("save", "remove"):
        got = staff.ada.post("/admin/units/unit-of-mia", data={
            "token": session_token(staff.ada), "step": step, "kind": "city",
            "name": "Another", "state": "resting"})
        assert got.status_code == 403
    assert house.sql("SELECT name, state FROM unit ORDER BY name") == [
        ("Unit of Mia", "forming"), ("Unit of Sol", "forming")]
    # Who does not keep them sees no way to change them either.
    page = staff.ada.page("/admin/units")
    assert "Unit of Mia" in page.text("main")
    assert not any("/admin/units/" in link for link in page.links)


# ---- invitations ----

def test_invitation_opens_the_ticked_desks_only(house, staff, hand_in, guest):
    ids = {desk: hand_in(desk)[1] for desk in DESKS}
    form = staff.rosa.page("/admin/people").form("/invite")
    page = Page(staff.rosa.submit(form, {"desk": ["supporters", "aid"]}).text)
    said = page.text("main")
    assert TITLES["supporters"] in said and TITLES["aid"] in said
    assert TITLES["membership"] not in said
    newcomer = guest("Newcomer", "supporters", "aid")
    for desk, id_ in ids.items():
        newcomer.case(id_, 404 if desk == "membership" else 200)
    assert "Newcomer" not in serving(house, "membership")
    # What they have they can give on, and nothing else.
    offered = [c.value for c in newcomer.page("/admin/people").form("/invite").controls
               if c.name == "desk"]
    assert offered == ["supporters", "aid"]


@pytest.mark.parametrize("desks, status", [
    (["aid"], 403), (["membership", "aid"], 403), (["nothing"], 403),
    (["membership", "nothing"], 403), ([""], 403), ([], 422)], ids=str)
def test_invitation_to_what_one_has_not(house, staff, desks, status):
    before = house.sql("SELECT (SELECT COUNT(*) FROM invitation), (SELECT number FROM audit_head)")
    got = staff.mia.post("/admin/people/invite", data={
        "token": session_token(staff.mia), "desk": desks})
    page = Page(got.text)
    assert got.status_code == status and "invitation=" not in got.text
    if status == 403:
        assert "no invitation was made" in page.text("main")
    else:
        assert page.errors() == ["invite"] and "invite" in page.ids
        assert page.form("/invite")["desk"] == []
    assert house.sql("SELECT (SELECT COUNT(*) FROM invitation),"
                     " (SELECT number FROM audit_head)") == before


# ---- granting and leaving ----

def add(by, house, name, desk):
    """Press the button on the page of the people."""
    form = by.page("/admin/people").form(f"/{id_of(house, name)}/grant", ("desk", desk))
    return by.submit(form)


def leave(admin, desk):
    return admin.submit(admin.page("/admin/people").form("/leave", ("desk", desk)))


def test_granting_and_leaving(house, staff, hand_in, guest):
    """What a key opens it opens at once, also what came before; and then no more."""
    _, id_ = hand_in("aid", name="Came before")
    eve = guest("Eve", "membership")
    eve.case(id_, 404)
    staff.rosa.follow(add(staff.rosa, house, "Eve", "aid"))
    assert "Came before" in eve.case(id_).text("dd")
    assert "Came before" in eve.queue("aid").text("table")
    assert not staff.rosa.page("/admin/people").has_form(
        f"/{id_of(house, 'Eve')}/grant") or "aid" not in [
        f["desk"] for f in staff.rosa.page("/admin/people").forms
        if f.action.endswith(f"/{id_of(house, 'Eve')}/grant")]
    # Also after another log-in, with the key from the store.
    again = Admin(house, "Eve").login()
    assert "Came before" in again.case(id_).text("dd")
    again.follow(leave(again, "aid"))
    for admin in (eve, again):
        admin.case(id_, 404)
        admin.queue("aid", status=404)
        assert admin.get("/admin/entry/aid").status_code == 404
    assert "Eve" not in serving(house, "aid") and "Eve" in serving(house, "membership")
    eve_id = id_of(house, "Eve")
    assert house.sql("SELECT action FROM audit WHERE action LIKE 'desk.%'"
                     f" AND (subject = X'{eve_id}' OR admin = X'{eve_id}')"
                     " ORDER BY number") == [("desk.granted",), ("desk.left",)]
    # Who has left cannot let themselves in again.
    got = again.post(f"/admin/people/{eve_id}/grant", data={
        "token": session_token(again), "desk": "aid"})
    assert got.status_code == 403 and "you do not serve there" in Page(got.text).text("main")
    again.case(id_, 404)
    got = again.post("/admin/people/leave", data={"token": session_token(again), "desk": "aid"})
    assert got.status_code == 404 and "any more" in Page(got.text).text("main")


def test_grants_that_are_refused(house, staff):
    before = house.sql("SELECT desk, HEX(admin), HEX(sealed_key) FROM desk_key"
                       " ORDER BY 1, 2")
    head = house.value("SELECT number FROM audit_head")
    mia, ali = id_of(house, "Mia"), id_of(house, "Ali")
    for to, desk, status in ((mia, "aid", 403), (ali, "aid", 403), (ali, "supporters", 403),
                             (ali, "nothing", 403), (ali, "", 403),
                             ("0" * 32, "membership", 404), ("zz", "membership", 404)):
        got = staff.mia.post(f"/admin/people/{to}/grant", data={
            "token": session_token(staff.mia), "desk": desk})
        assert got.status_code == status, (to, desk)
        assert Page(got.text).text("h1") == "People"
    assert house.sql("SELECT desk, HEX(admin), HEX(sealed_key) FROM desk_key"
                     " ORDER BY 1, 2") == before
    assert house.value("SELECT number FROM audit_head") == head


def test_leaving_frees_what_was_theirs(house, staff, hand_in, guest):
    _, asked = hand_in("aid")
    _, applied = hand_in("membership")
    _, voted = hand_in("membership")
    eve = guest("Eve", "membership", "aid")
    eve.follow(eve.assign(asked, id_of(house, "Eve")))
    eve.follow(eve.move(asked, "assigned"))
    for id_ in (applied, voted):
        staff.rosa.follow(staff.rosa.open(id_))
    eve.follow(eve.vote(voted, "favour"))
    eve.follow(leave(eve, "aid"))
    assert house.sql("SELECT state, assigned_to FROM submission"
                     f" WHERE id = X'{asked}'") == [("started", None)]
    assert votes(house, applied) == ["-", "-", "-"], "that desk was not left"
    eve.follow(leave(eve, "membership"))
    assert votes(house, applied) == ["-", "-", "recused"]
    assert votes(house, voted) == ["-", "-", "favour"], "what was said stays"
    assert "Eve" in staff.mia.case(voted).text("aside")
    assert "Recused" in staff.mia.case(applied).text("aside")
    # At no desk there is a page that says so, and nothing else.
    for path in ("/admin/", "/admin/queue"):
        page = eve.page(path)
        assert "at no desk" in page.text("main") and "/admin/case/" not in page.html
    assert "at no desk" in eve.page("/admin/people").text("main")
    for desk in DESKS:
        page = eve.queue(desk)
        assert "at no desk" in page.text("main") and "/admin/case/" not in page.html
    got = eve.submit(eve.page("/admin/find").form("/find"), {"who": "a@example.org"})
    assert got.status_code == 200 and "Nothing was found" in Page(got.text).text("main")


def test_last_at_a_desk_cannot_leave(house, staff, hand_in):
    _, id_ = hand_in("supporters", name="Not left alone")
    staff.rosa.follow(leave(staff.rosa, "supporters"))
    try:
        page = staff.sol.page("/admin/people")
        assert not page.has_form("/leave") and "the only one" in page.text("main")
        got = staff.sol.post("/admin/people/leave", data={
            "token": session_token(staff.sol), "desk": "supporters"})
        assert got.status_code == 409
        assert "Nobody else serves" in Page(got.text).text("main")
        assert serving(house, "supporters") == ["Sol"]
        assert "Not left alone" in staff.sol.case(id_).text("dd")
        staff.rosa.case(id_, 404)
        # Rosa, who gave it away, gets it back from who has it.
        assert staff.sol.page("/admin/people").has_form(f"/{id_of(house, 'Rosa')}/grant")
    finally:
        staff.sol.follow(add(staff.sol, house, "Rosa", "supporters"))
    assert "Not left alone" in staff.rosa.case(id_).text("dd")


# ---- removing ----

def remove(by, id_):
    page = by.page(f"/admin/people/{id_}/remove")
    return by.submit(page.form(f"/people/{id_}/remove"))


def test_removed(house, staff, hand_in):
    """Out at once, everywhere; the name stays beside what they said."""
    _, id_ = hand_in("membership")
    _, waiting = hand_in("membership")
    zed = Admin(house, "Zed").accept(staff.rosa.invite(["membership"]))
    other = Admin(house, "Zed").login()
    for case in (id_, waiting):
        staff.rosa.follow(staff.rosa.open(case))
    zed.follow(zed.vote(id_, "favour", "A reason of Zed's"))
    link = zed.invite()
    zed_id = id_of(house, "Zed")
    form = zed.case(waiting).form("/vote")

    page = staff.rosa.page(f"/admin/people/{zed_id}/remove")
    assert "Remove Zed?" in page.text("h1") and TITLES["membership"] in page.text("main")
    assert "Zed" in serving(house, "membership"), "asking does nothing"
    page = staff.rosa.follow(remove(staff.rosa, zed_id))
    assert "Zed" not in page.text("main")

    for session in (zed, other):
        for path in ("/admin/", f"/admin/case/{id_}", "/admin/account", "/admin/code"):
            got = session.get(path)
            assert (got.status_code, got.headers["Location"]) == (303, "/admin/login")
    got = zed.submit(form, {"vote": "favour", "reason": "Too late"})
    assert got.status_code == 422 and Page(got.text).has_form("/admin/login")
    unknown = Admin(house, "Nobody ever").try_login()
    got = Admin(house, "Zed").try_login()
    assert got.status_code == unknown.status_code == 422
    assert Visitor(house).get(link).status_code == 404, "what they promised is void"

    for admin in (staff.rosa, staff.mia):
        aside = admin.case(id_).text("aside")
        assert "Zed" in aside and "A reason of Zed's" in aside
    assert votes(house, id_) == ["-", "-", "favour"]
    assert votes(house, waiting) == ["-", "-", "recused"]
    assert house.sql("SELECT LENGTH(wrapped_key), removed_at IS NOT NULL,"
                     " (SELECT COUNT(*) FROM desk_key WHERE admin = a.id),"
                     " (SELECT COUNT(*) FROM session WHERE admin = a.id),"
                     " (SELECT COUNT(*) FROM invitation WHERE invited_by = a.id)"
                     f" FROM admin a WHERE id = X'{zed_id}'") == [("0", "1", "0", "0", "0")]
    assert house.sql("SELECT action, admin = (SELECT id FROM admin WHERE name = 'Rosa')"
                     f" FROM audit WHERE subject = X'{zed_id}' AND action = 'admin.removed'"
                     ) == [("admin.removed", "1")]

    # Once, and for good; nobody can come in under that name.
    for path in ("remove", "grant"):
        got = staff.rosa.post(f"/admin/people/{zed_id}/{path}", data={
            "token": session_token(staff.rosa), "desk": "aid"})
        assert got.status_code == 404 and "removed already" in Page(got.text).text("main")
    assert staff.rosa.get(f"/admin/people/{zed_id}/remove").status_code == 404
    link = staff.rosa.invite(["aid"])
    form = Visitor(house).page(link).form("/welcome")
    got = Visitor(house).submit(form, {"name": "zed", "password": PASSWORD,
                                       "again": PASSWORD})
    assert got.status_code == 422 and Page(got.text).errors() == ["name"]


def test_who_cannot_remove_whom(house, staff, guest):
    """Who serves at all of their desks can, and nobody else."""
    guest("Eve", "membership", "aid")
    before = house.sql("SELECT (SELECT COUNT(*) FROM admin WHERE removed_at IS NULL),"
                       " (SELECT COUNT(*) FROM desk_key), (SELECT number FROM audit_head)")
    for by, name, status, said in (
            (staff.mia, "Eve", 403, "a desk where you do not"),
            (staff.ada, "Eve", 403, "a desk where you do not"),
            (staff.sol, "Mia", 403, "a desk where you do not"),
            (staff.mia, "Rosa", 403, "a desk where you do not"),
            (staff.mia, "Mia", 409, "cannot remove yourself"),
            (staff.rosa, "Rosa", 409, "cannot remove yourself")):
        id_ = id_of(house, name)
        assert f"/admin/people/{id_}/remove" not in by.page("/admin/people").links
        asked = by.get(f"/admin/people/{id_}/remove")
        sent = by.post(f"/admin/people/{id_}/remove", data={"token": session_token(by)})
        for got in (asked, sent):
            assert got.status_code == status, (by.name, name)
            assert said in Page(got.text).text("main"), (by.name, name)
    for id_ in ("0" * 32, "zz"):
        assert staff.rosa.get(f"/admin/people/{id_}/remove").status_code == 404
    assert house.sql("SELECT (SELECT COUNT(*) FROM admin WHERE removed_at IS NULL),"
                     " (SELECT COUNT(*) FROM desk_key), (SELECT number FROM audit_head)"
                     ) == before
    # Without another's token nothing of this works either.
    for path in (f"/admin/people/{id_of(house, 'Eve')}/remove", "/admin/people/leave",
                 f"/admin/people/{id_of(house, 'Mia')}/grant", "/admin/people/invite"):
        got = staff.rosa.post(path, data={"token": session_token(staff.mia), "desk": "aid"})
        assert got.status_code == 403, path
    assert "Eve" in serving(house, "aid") and "Rosa" in serving(house, "aid")
    assert "Mia" not in serving(house, "aid")


# ---- with the database in hand ----

MIA, ADA = ("(SELECT id FROM admin WHERE name = '%s')" % name for name in ("Mia", "Ada"))

# What somebody who can write every row would try, so that Mia reads a case of the aid desk;
# and how it is undone.
THEFTS = {
    "the key of another": (
        f"INSERT INTO desk_key SELECT 'aid', {MIA}, sealed_key FROM desk_key"
        f" WHERE desk = 'aid' AND admin = {ADA}",
        f"DELETE FROM desk_key WHERE desk = 'aid' AND admin = {MIA}"),
    "one's own key, renamed": (
        f"INSERT INTO desk_key SELECT 'aid', {MIA}, sealed_key FROM desk_key"
        f" WHERE desk = 'membership' AND admin = {MIA}",
        f"DELETE FROM desk_key WHERE desk = 'aid' AND admin = {MIA}"),
    "the case at one's own desk": (
        "UPDATE submission SET desk = 'membership', form = 'join' WHERE id = X'{theirs}'",
        "UPDATE submission SET desk = 'aid', form = 'aid' WHERE id = X'{theirs}'"),
    "the content in one's own case": (
        "UPDATE submission SET body = (SELECT body FROM kept WHERE id = X'{theirs}')"
        " WHERE id = X'{own}'", "UPDATE submission s JOIN kept k ON k.id = s.id"
        " SET s.body = k.body, s.desk_key = k.desk_key"),
    "content and key in one's own case": (
        "UPDATE submission s JOIN kept k ON k.id = X'{theirs}' SET s.body = k.body,"
        " s.desk_key = k.desk_key WHERE s.id = X'{own}'",
        "UPDATE submission s JOIN kept k ON k.id = s.id"
        " SET s.body = k.body, s.desk_key = k.desk_key"),
    "a session of the other": (
        f"UPDATE session SET admin = {ADA} WHERE id = X'{{session}}'",
        f"UPDATE session SET admin = {MIA} WHERE id = X'{{session}}'"),
    "a session with the other's key": (
        f"UPDATE session SET admin = {ADA}, wrapped_key = (SELECT wrapped_key FROM admin"
        " WHERE name = 'Ada') WHERE id = X'{session}'",
        f"UPDATE session SET admin = {MIA}, wrapped_key = (SELECT wrapped_key FROM stolen)"
        " WHERE id = X'{session}'"),
}


@pytest.mark.parametrize("theft", THEFTS)
def test_database_in_hand(house, staff, hand_in, theft):
    """Neither of two admins of different desks opens what is the other's."""
    _, own = hand_in("membership", name="Words for members")
    _, theirs = hand_in("aid", name="Words for neighbours")
    before = {id_ for (id_,) in house.sql("SELECT HEX(id) FROM session")}
    mia = Admin(house, "Mia").login()
    (session,) = {id_ for (id_,) in house.sql("SELECT HEX(id) FROM session")} - before
    do, undo = (text.format(own=own, theirs=theirs, session=session)
                for text in THEFTS[theft])
    house.sql("CREATE TABLE kept AS SELECT id, body, desk_key FROM submission;"
              f"CREATE TABLE stolen AS SELECT wrapped_key FROM session WHERE id = X'{session}'")
    try:
        house.sql(do)
        for id_ in (theirs, own):
            got = mia.get(f"/admin/case/{id_}")
            assert "Words for neighbours" not in got.text
            assert got.status_code in (303, 404, 500) or id_ == own
        for path in ("/admin/queue?desk=aid", "/admin/queue", "/admin/"):
            assert "Words for neighbours" not in mia.get(path).text
        # Nor does she hand on what she cannot open.
        got = mia.post(f"/admin/people/{id_of(house, 'Sol')}/grant", data={
            "token": session_token(mia) if mia.get("/admin/find").ok and
            mia.get("/admin/find").status_code == 200 else "", "desk": "aid"})
        assert got.status_code != 303
    finally:
        house.sql(undo + "; DROP TABLE kept, stolen")
    assert serving(house, "aid") == ["Ada", "Ali", "Rosa"]
    assert "Words for neighbours" in staff.ada.case(theirs).text("dd")
    assert "Words for members" in mia.case(own).text("dd")


def test_another_password_in_the_row_of_another(house, staff):
    """Who puts their own password's key where another's was does not become them."""
    house.sql("CREATE TABLE kept AS SELECT id, salt, wrapped_key FROM admin")
    mia = Admin(house, "Ada", "quite another password")
    try:
        eve = Admin(house, "Mia").login()
        eve.follow(eve.submit(eve.page("/admin/account").form("/password"), {
            "old": PASSWORD, "password": mia.password, "again": mia.password}))
        house.sql("UPDATE admin a JOIN admin b ON b.name = 'Mia' SET a.salt = b.salt,"
                  " a.wrapped_key = b.wrapped_key WHERE a.name = 'Ada'")
        assert mia.try_login().status_code != 303
        assert Admin(house, "Mia", mia.password).try_login().status_code == 303
    finally:
        house.sql("UPDATE admin a JOIN kept k ON k.id = a.id SET a.salt = k.salt,"
                  " a.wrapped_key = k.wrapped_key; DROP TABLE kept; DELETE FROM throttle")
    staff.mia.login()


MARK = "d8Kx" + os.urandom(6).hex()


def test_dump_says_nothing(house, staff, hand_in):
    """Everything that was typed at three desks, by everybody, by every way in."""
    plain = "p5Nw" + os.urandom(6).hex()
    for desk, path in DESKS.items():
        visitor = Visitor(house)
        form = visitor.page(path).form(path)
        answers = {c.name: f"Ñ {MARK} {c.name[:4]}" for c in form.controls
                   if c.tag == "textarea" or c.type == "text" and c.name not in
                   ("website", "people", "postcode", "pledge")}
        code, id_ = hand_in(desk, **answers, email=f"{MARK}@example.org")
        admin = {"membership": staff.mia, "supporters": staff.sol, "aid": staff.ada}[desk]
        assert admin.case(id_).text("dd").count(MARK) > 2
        admin.follow(admin.say(id_, f"From the desk: {MARK}"))
        visitor.status(code)
        visitor.follow(visitor.correct({"name": f"Corrected: {MARK}"}))
        visitor.follow(visitor.write(f"From the holder: {MARK}"))
        if desk == "aid":
            admin.follow(admin.note(id_, f"Called: {MARK}", way="call"))
            admin.follow(admin.move(id_, "started", f"Moved: {MARK}"))
        else:
            staff.rosa.follow(staff.rosa.open(id_))
            admin.follow(admin.vote(id_, "favour", f"Reason: {MARK}"))
        admin.submit(admin.page("/admin/find").form("/find"), {"who": f"{MARK}@example.org"})
    Admin(house, f"Named {plain}").accept(staff.rosa.invite(["aid"]))
    staff.rosa.follow(remove(staff.rosa, id_of(house, f"Named {plain}")))
    for how in ([], ["--hex-blob"]):
        done = subprocess.run([*house.client("mariadb-dump"), "--all-databases",
                               "--skip-extended-insert", *how], capture_output=True,
                              timeout=60)
        assert done.returncode == 0, done.stderr
        for table in ("message", "note", "revision", "contact", "elector",
                      "desk_key"):
            assert f"INSERT INTO `{table}`".encode() in done.stdout
        assert plain.encode() in done.stdout, "the search would find it"
        for needle in spellings(MARK):
            assert needle not in done.stdout, needle
    logs = house.logs()
    assert all(needle.decode("latin-1") not in logs for needle in spellings(MARK))


def test_facets_are_what_the_form_declares(house):
    """What stands readable is a choice of the form's, and never what was typed."""
    declared = {desk: set(re.findall(r'index="(\w+)"', (
        SRC / f"www/sites/party/forms/{form}.xml").read_text()))
        for desk, form in (("membership", "join"), ("supporters", "support"), ("aid", "aid"))}
    rows = house.sql("SELECT desk, facets FROM submission")
    assert len(rows) > 10 and any(facets for _, facets in rows)
    for desk, facets in rows:
        names = {pair.partition("=")[0] for pair in facets.split("&") if pair}
        assert names <= declared[desk], (desk, facets)


# ---- what the book says ----

def test_audit(house):
    done = house.openhall("audit", "verify")
    assert done.returncode == 0, done.stderr
    written = {action for (action,) in house.sql("SELECT DISTINCT action FROM audit")}
    assert {"desk.granted", "desk.left", "admin.removed", "admin.password", "case.open",
            "case.vote", "case.message", "case.note", "case.state", "case.assign",
            "unit.added"} <= written
