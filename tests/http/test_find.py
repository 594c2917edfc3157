"""Finding a person by address or number, and seeing that two cases are of one person."""

import re
from urllib.parse import quote

import pytest

from portal import Page, Visitor, word
from test_desks import guest, hand_in, house, session_token, staff  # noqa: F401
from test_join import HOSTILE


def look(admin, who, status=200):
    got = admin.submit(admin.page("/admin/find").form("/find"), {"who": who})
    assert got.status_code == status, (who, got.status_code)
    return Page(got.text)


def found(page):
    """The cases that a page leads to."""
    return set(re.findall(r'href="/admin/case/([0-9a-f]{32})[?"]', page.html))


@pytest.fixture
def person(house, staff, hand_in):
    """One who wrote to all three desks, and was looked at there: address, cases by desk."""
    email = f"{word()}@example.org"
    ids = {desk: hand_in(desk, email=email.title() if desk == "aid" else email)[1]
           for desk in ("membership", "supporters", "aid")}
    staff.mia.case(ids["membership"])
    staff.sol.case(ids["supporters"])
    staff.ada.case(ids["aid"])
    return email, ids


# ---- spellings ----

def test_address_in_other_spellings(staff, hand_in):
    name = word()
    _, id_ = hand_in("membership", email=f"{name}.Kim@Example.org")
    assert found(look(staff.mia, f"{name}.kim@example.org")) == set(), "nobody has opened it"
    staff.mia.case(id_)
    for who in (f"{name}.Kim@Example.org", f"{name}.kim@example.org".upper(),
                f"  {name}.kim@EXAMPLE.org \t"):
        assert found(look(staff.mia, who)) == {id_}, who
    for who in (f"{name}@example.org", f"{name}.kim@example.com", f"x{name}.kim@example.org",
                f"{name}kim@example.org"):
        page = look(staff.mia, who)
        assert found(page) == set() and 'class="empty"' in page.html, who


def test_number_in_other_spellings(staff, hand_in):
    tail = f"555{int(word(4)[1:], 16) % 10000:04}"
    _, id_ = hand_in("aid", phone=f"(212) {tail[:3]}-{tail[3:]}", reach="phone")
    staff.ada.case(id_)
    for who in (f"212{tail}", f"+1 212 {tail}", f"+1-212-{tail[:3]}-{tail[3:]}",
                f"001212{tail}", f"212.{tail[:3]}.{tail[3:]}", f"(212){tail}",
                f" 1 (212) {tail[:3]} {tail[3:]} "):
        assert found(look(staff.ada, who)) == {id_}, who
    for who in (f"213{tail}", tail, f"212{tail[:-1]}{(int(tail[-1]) + 1) % 10}"):
        assert found(look(staff.ada, who)) == set(), who


def test_found_by_either(staff, hand_in):
    """Who gave both is found by both; who corrected one, by the new one too."""
    email, tail = f"{word()}@example.org", f"212555{int(word(4)[1:], 16) % 10000:04}"
    code, id_ = hand_in("supporters", email=email, phone=tail)
    staff.sol.case(id_)
    assert found(look(staff.sol, email)) == found(look(staff.sol, tail)) == {id_}
    holder, other = Visitor(staff.sol.stack), f"{word()}@example.org"
    holder.status(code)
    holder.follow(holder.correct({"email": other}))
    staff.sol.case(id_)
    assert found(look(staff.sol, other)) == {id_}


# ---- who finds what ----

def test_nothing_of_other_desks(house, staff, person):
    email, ids = person
    assert found(look(staff.rosa, email)) == set(ids.values())
    for admin, desk in ((staff.mia, "membership"), (staff.sol, "supporters"),
                        (staff.ada, "aid"), (staff.ali, "aid")):
        page = look(admin, email)
        assert found(page) == {ids[desk]}, admin.name
        assert len(re.findall("<li>", page.html.partition("<main")[2])) == 1, admin.name
        assert not any(id_ in page.html for d, id_ in ids.items() if d != desk)


def test_circles_know_a_person_by_different_hashes(house, person):
    _, ids = person
    hashes = {desk: {h for (h,) in house.sql("SELECT HEX(hash) FROM contact"
                                             f" WHERE submission = X'{id_}'")}
              for desk, id_ in ids.items()}
    assert hashes["membership"] == hashes["supporters"] and len(hashes["aid"]) == 1
    assert not hashes["aid"] & hashes["membership"]


def test_same_person(staff, person):
    """A hint beside the case, with a link where one may go; nothing is put together."""
    _, ids = person
    for admin, desk in ((staff.mia, "membership"), (staff.sol, "supporters")):
        page = admin.case(ids[desk])
        other = "supporters" if desk == "membership" else "membership"
        assert found(page) == set() and ids[other] not in page.html
        notice = re.search(r'<div class="notice">.*?</div>', page.html, re.S)[0]
        assert {"membership": "Membership", "supporters": "Supporters"}[other] in notice
        assert "Mutual aid" not in notice and ids["aid"] not in page.html
    page = staff.rosa.case(ids["membership"])
    assert found(page) == {ids["supporters"]}
    page = staff.rosa.case(ids["aid"])
    assert not found(page) & set(ids.values())
    assert "Supporters" not in page.text("main") and "Membership" not in page.text("main")


def test_not_when_nobody_serves(house, staff, guest, person):
    email, _ = person
    eve = guest("Eve", "aid")
    assert found(look(eve, email))
    page = eve.page("/admin/people")
    eve.follow(eve.submit(page.form("/leave", ("desk", "aid"))))
    assert found(look(eve, email)) == set()


def test_what_was_erased_is_not_found(house, staff, hand_in):
    for how in ("withdraw", "erase"):
        email = f"{word()}@example.org"
        code, id_ = hand_in("membership", email=email)
        staff.mia.case(id_)
        assert found(look(staff.mia, email)) == {id_}
        holder = Visitor(house)
        holder.status(code)
        assert getattr(holder, how)().status_code in (200, 303)
        assert found(look(staff.mia, email)) == set(), how
        assert house.value(f"SELECT COUNT(*) FROM contact WHERE submission = X'{id_}'") == "0"


# ---- what is typed ----

@pytest.mark.parametrize("who", ["", " ", "x", "Ana Kim", "@", "a@", "@b", "a@b@c", "a b@c.org",
                                 "12345", "1" * 18, "212-555-010x", "+", "%", "' OR 1=1 -- ",
                                 "a\x01@b.org", "x" * 300 + "@example.org"])
def test_garbage(staff, who):
    page = look(staff.mia, who, 422)
    assert page.errors() == ["who"] and "who" in page.ids
    assert page.form("/find")["who"] == who
    assert found(page) == set() and 'class="empty"' not in page.html


def test_hostile_text_comes_back_as_text(staff):
    for text in HOSTILE:
        page = look(staff.mia, text, 422)
        assert page.form("/find")["who"] == text


def test_too_long(staff):
    got = staff.mia.post("/admin/find", data={
        "token": session_token(staff.mia), "who": "a" * 1000 + "@"})
    assert got.status_code == 422
    assert staff.mia.post("/admin/find", data={"token": session_token(staff.mia)}
                          ).status_code == 422
    assert staff.mia.post("/admin/find", data={"who": "a@example.org"}).status_code == 403


def test_first_visit_is_empty(staff):
    page = staff.mia.page("/admin/find")
    assert page.errors() == [] and page.form("/find")["who"] == ""
    assert 'class="empty"' not in page.html
    assert staff.mia.page("/es/admin/find").lang == "es"


def test_it_stands_in_no_address_and_no_log(house, staff, person):
    email, ids = person
    page = staff.mia.page("/admin/find")
    assert page.form("/find").method == "post"
    look(staff.mia, email)
    unknown = f"{word()}@example.org"
    before = house.sql("SELECT (SELECT COUNT(*) FROM contact), (SELECT number FROM audit_head)")
    got = staff.mia.post("/admin/find", data={
        "token": session_token(staff.mia), "who": unknown})
    assert got.headers["Cache-Control"] == "no-store"
    assert house.sql("SELECT (SELECT COUNT(*) FROM contact),"
                     " (SELECT number FROM audit_head)") == before, "looking leaves nothing"
    logs = house.logs().lower()
    for text in (email, unknown):
        for spelling in (text, quote(text, safe=""), text.partition("@")[0]):
            assert spelling not in logs
    # In an address it is not even read.
    got = staff.mia.get("/admin/find", params={"who": email})
    page = Page(got.text)
    assert found(page) == set() and page.form("/find")["who"] == ""
    assert ids["membership"] not in page.html


def test_many(house, staff, hand_in):
    """Fifty are the most that are shown; the page says so."""
    email = f"{word()}@example.org"
    _, id_ = hand_in("aid", email=email)
    staff.ada.case(id_)
    house.sql(";".join(
        f"INSERT INTO submission (id, desk, form, state, received_day, receipt, desk_key,"
        f" receipt_key, body) SELECT X'{n:032x}', desk, form, state,"
        f" received_day - {n} * 86400, RANDOM_BYTES(32), desk_key, receipt_key, body"
        f" FROM submission WHERE id = X'{id_}';"
        f"INSERT INTO contact SELECT hash, X'{n:032x}' FROM contact"
        f" WHERE submission = X'{id_}'" for n in range(1, 51)))
    try:
        page = look(staff.ada, email)
        assert len(found(page)) == 50 and id_ in found(page), "the newest are there"
        assert "newest" in page.text("main")
    finally:
        house.sql(";".join(f"DELETE FROM submission WHERE id = X'{n:032x}'"
                           for n in range(1, 51)))
    page = look(staff.ada, email)
    assert found(page) == {id_} and "newest" not in page.text("main")
