"""The second factor: one-time codes and recovery codes, by choice or because the site asks for
them; passwords, and what a session of the first step opens, which is nothing."""

import base64
import ctypes
import ctypes.util
import re
import time
from urllib.parse import quote

import pytest

from conftest import alone
from portal import PASSWORD, Admin, Page, Visitor, totp, word
from stack import Stack, site_copy
from test_desks import (guest, hand_in, house, id_of, routes,  # noqa: F401
                        serving, session_token, staff)
from test_join import at_once
from test_review import state, votes

ANOTHER = "another four words here"


@pytest.fixture
def ana(house, guest):
    """A new admin at the desk of supporters, with a second factor."""
    yield guest("Ana", "supporters").set_factor()
    house.sql("DELETE FROM throttle")


@pytest.fixture(scope="module")
def strict(folder):
    """A site that asks every admin for a second factor, and its first admin, on the way in."""
    alone()
    (folder / "strict").mkdir()
    site = site_copy(folder / "strict", least_seconds=0, second_factor='"required"')
    with Stack(folder / "strict", site) as stack:
        yield stack


def new_session(stack, name="Ana", password=PASSWORD):
    """Somebody who has given the password only."""
    admin = Admin(stack, name, password)
    got = admin.try_login()
    assert (got.status_code, got.headers["Location"]) == (303, "/admin/code"), got.text[:500]
    return admin


def steady():
    """Wait until the code of now stays the code of now for a while."""
    if time.time() % 30 > 26:
        time.sleep(30.1 - time.time() % 30)


def forget_codes(stack):
    """As if some time had passed: a one-time code is good once."""
    stack.sql("UPDATE admin SET factor_step = 0")


def recover(admin, code):
    return admin.submit(admin.page("/admin/code").form("/admin/code", "recovery"),
                        {"recovery": code})


def is_in(admin):
    return admin.get("/admin/").status_code == 200


def deeds_of(stack, name):
    return [action for (action,) in stack.sql(
        f"SELECT action FROM audit WHERE admin = X'{id_of(stack, name)}' ORDER BY number")]


def secret_on(page):
    return re.search(r"<code>([A-Z2-7 ]+)</code>", page.html)[1].replace(" ", "")


# ---- setting it up ----

def squares(text):
    """The QR code of a text, by the library that draws it: rows of True for dark."""
    class Code(ctypes.Structure):
        _fields_ = [("version", ctypes.c_int), ("width", ctypes.c_int),
                    ("data", ctypes.POINTER(ctypes.c_ubyte))]
    lib = ctypes.CDLL(ctypes.util.find_library("qrencode") or "libqrencode.so.4")
    lib.QRcode_encodeString8bit.restype = ctypes.POINTER(Code)
    code = lib.QRcode_encodeString8bit(text.encode(), 0, 0).contents
    return [[bool(code.data[y * code.width + x] & 1) for x in range(code.width)]
            for y in range(code.width)]


def drawn(page):
    """The same, as the page draws it; the quiet border is left out."""
    left, top, width, height = map(int, re.search(
        r'viewBox="(-?\d+) (-?\d+) (\d+) (\d+)"', page.html).groups())
    assert width == height and left == top <= -4
    side = width + 2 * left
    out = [[False] * side for _ in range(side)]
    path = re.search(r'<path d="([^"]*)"', page.html)[1]
    for x, y, n in re.findall(r"M(\d+) (\d+)h(\d+)", path):
        for at in range(int(x), int(x) + int(n)):
            out[int(y)][at] = True
    return out


def test_setting_up(house, staff, guest):
    ana = guest("Ana", "supporters")
    assert "off" in ana.page("/admin/account").text("main")
    page = ana.page("/admin/factor")
    text = secret_on(page)
    assert len(base64.b32decode(text)) == 20
    assert secret_on(ana.page("/admin/factor")) == text, "a reload does not void the picture"
    issuer = quote("Daybreak Workers' Party", safe="")
    assert drawn(page) == squares(
        f"otpauth://totp/{issuer}:Ana?secret={text}&issuer={issuer}")
    other = Admin(house, "Ana").login()
    assert secret_on(other.page("/admin/factor")) != text

    form = page.form("/admin/factor", "first")
    good = totp(base64.b32decode(text))
    for wrong in ("000000" if good != "000000" else "111111", "", good[:5], good + "0",
                  "abcdef", "12 34 5x", totp(base64.b32decode(text), 5)):
        got = ana.submit(form, {"first": wrong})
        page = Page(got.text)
        assert got.status_code == 422 and page.errors() == ["first"], wrong
        assert secret_on(page) == text
    assert house.value("SELECT factor IS NULL FROM admin WHERE name = 'Ana'") == "1"
    assert is_in(other)

    old = ana.cookies["session"]
    steady()
    spaced = totp(base64.b32decode(text))
    got = ana.submit(form, {"first": f" {spaced[:3]} {spaced[3:]} "})
    codes = re.findall(r"<li>([0-9A-Z-]+)</li>", got.text)
    assert got.status_code == 200 and len(set(codes)) == 8
    assert got.headers["Cache-Control"] == "no-store"
    assert text not in got.text
    assert ana.cookies["session"] != old and is_in(ana)
    stale = Visitor(house)
    stale.cookies.set("session", old)
    assert stale.get("/admin/").headers["Location"] == "/admin/login"
    assert not is_in(other), "what came in without it is out"
    page = ana.page("/admin/account")
    assert "on" in page.text("main") and "Recovery codes left: 8" in page.text("main")
    assert deeds_of(house, "Ana").count("factor.set") == 1
    # Once more, as a reload of the page would: nothing changes.
    got = ana.submit(form, {"first": spaced})
    assert got.status_code in (422, 409) and not re.search(r"<li>[0-9A-Z-]{20,}</li>", got.text)
    assert house.value("SELECT COUNT(*) FROM factor_code WHERE admin ="
                       f" X'{id_of(house, 'Ana')}'") == "8"


def test_nothing_of_it_stands_in_the_store(house, ana):
    raw = ana.factor
    stored = "".join(row[0] for row in house.sql(
        "SELECT CONCAT(HEX(factor), HEX(salt), HEX(wrapped_key)) FROM admin"
        f" WHERE id = X'{id_of(house, 'Ana')}'") + house.sql("SELECT HEX(id) FROM factor_code"))
    assert raw.hex().upper() not in stored
    assert base64.b32encode(raw).hex().upper() not in stored
    for code in ana.recovery:
        assert code.encode().hex().upper() not in stored
        assert code.replace("-", "").encode().hex().upper() not in stored
    logs = house.logs()
    for text in (base64.b32encode(raw).decode(), *ana.recovery):
        assert text not in logs and text.replace("-", "") not in logs


# ---- the second step ----

def test_code_is_asked_for(house, staff, ana, hand_in):
    _, id_ = hand_in("supporters", name="Behind two doors")
    pending = new_session(house)
    page = pending.page("/admin/code")
    assert "Ana" not in page.text() and "/admin/people" not in page.html
    steady()
    forget_codes(house)
    before = pending.cookies["session"]
    for wrong in (totp(ana.factor, 3), totp(ana.factor, -3), ""):
        got = pending.try_code(wrong)
        assert got.status_code == 422 and Page(got.text).errors() == ["code"], wrong
    assert pending.get(f"/admin/case/{id_}").headers["Location"] == "/admin/code"
    assert pending.cookies["session"] == before
    got = pending.try_code(totp(ana.factor))
    assert (got.status_code, got.headers["Location"]) == (303, "/admin/")
    assert pending.cookies["session"] != before
    assert "Behind two doors" in pending.case(id_).text("dd")
    stale = Visitor(house)
    stale.cookies.set("session", before)
    for path in ("/admin/", "/admin/code"):
        assert stale.get(path).headers["Location"] == "/admin/login"
    # Who is in is not asked again.
    assert pending.get("/admin/code").headers["Location"] == "/admin/"


def test_code_is_good_once(house, ana):
    steady()
    forget_codes(house)
    # The clock of a device may be a little off, and there is no way back.
    for steps, status in ((-1, 303), (-1, 422), (0, 303), (-1, 422), (0, 422), (1, 303),
                          (1, 422), (0, 422), (-1, 422)):
        house.sql("DELETE FROM throttle")
        got = new_session(house).try_code(totp(ana.factor, steps))
        assert got.status_code == status, steps


def test_code_of_two_at_once(house, ana):
    forget_codes(house)
    pending = [new_session(house) for _ in range(4)]
    forms = [p.page("/admin/code").form("/admin/code", "code") for p in pending]
    code = totp(ana.factor)
    got = at_once(*[lambda p=p, f=f: p.submit(f, {"code": code}).status_code
                    for p, f in zip(pending, forms)])
    assert got.count(303) == 1 and sum(map(is_in, pending)) == 1


def test_code_of_another(house, ana, guest):
    ben = guest("Ben", "supporters").set_factor()
    forget_codes(house)
    pending = new_session(house)
    assert pending.try_code(totp(ben.factor)).status_code == 422
    assert recover(pending, ben.recovery[0]).status_code == 422
    assert not is_in(pending)
    assert house.value("SELECT COUNT(*) FROM factor_code WHERE admin ="
                       f" X'{id_of(house, 'Ben')}'") == "8"
    # The secret itself does not open when it stands in another's row.
    house.sql("UPDATE admin a JOIN admin b ON b.name = 'Ben' SET a.factor = b.factor"
              " WHERE a.name = 'Ana'")
    forget_codes(house)
    assert new_session(house).try_code(totp(ben.factor)).status_code == 500


def test_recovery_codes(house, ana):
    spellings = (lambda c: c, str.lower, lambda c: c.replace("-", " "),
                 lambda c: f"  {c.lower().replace('-', '')} ")
    for n, spell in enumerate(spellings):
        pending = new_session(house)
        got = recover(pending, spell(ana.recovery[n]))
        assert (got.status_code, got.headers["Location"]) == (303, "/admin/"), n
        assert f"Recovery codes left: {7 - n}" in pending.page("/admin/account").text("main")
        for again in (ana.recovery[n], spell(ana.recovery[n])):
            late = new_session(house)
            assert recover(late, again).status_code == 422 and not is_in(late)
        house.sql("DELETE FROM throttle")
    assert deeds_of(house, "Ana").count("factor.recovered") == 4
    # Either field takes either.
    assert new_session(house).try_code(ana.recovery[4]).status_code == 303
    forget_codes(house)
    assert recover(new_session(house), totp(ana.factor)).status_code == 303
    # It is told when there are few.
    assert "Make new recovery codes" not in pending.page("/admin/account").text("main")
    recover(new_session(house), ana.recovery[5])
    assert "Make new recovery codes" in pending.page("/admin/account").text("main")


def test_recovery_code_at_once(house, ana):
    pending = [new_session(house) for _ in range(4)]
    forms = [p.page("/admin/code").form("/admin/code", "recovery") for p in pending]
    got = at_once(*[lambda p=p, f=f: p.submit(f, {"recovery": ana.recovery[0]}).status_code
                    for p, f in zip(pending, forms)])
    assert got.count(303) == 1 and sum(map(is_in, pending)) == 1


# ---- what the first step opens ----

def everything(stack):
    return stack.sql(
        "SELECT (SELECT COUNT(*) FROM admin), (SELECT COUNT(*) FROM invitation),"
        " (SELECT COUNT(*) FROM session), (SELECT COUNT(*) FROM desk_key),"
        " (SELECT COUNT(*) FROM submission), (SELECT COUNT(*) FROM message),"
        " (SELECT COUNT(*) FROM note), (SELECT COUNT(*) FROM factor_code),"
        " (SELECT COUNT(*) FROM unit), (SELECT COUNT(*) FROM round),"
        " (SELECT SHA2(GROUP_CONCAT(HEX(wrapped_key), HEX(COALESCE(factor, ''))), 256)"
        " FROM admin),"
        " (SELECT number FROM audit_head)")


# More than any page takes, so that each has what it needs.
EVERY = {"vote": "favour", "reason": "Said before the second step", "text": "Said before it",
         "state": "started", "was": "needed", "admin": "nobody", "way": "call",
         "desk": "supporters", "who": "a@example.org", "first": "123456", "current": "123456",
         "old": PASSWORD, "password": ANOTHER, "again": ANOTHER, "session": "00" * 32,
         "name": "A unit", "kind": "city", "area": "", "about": "", "step": "send",
         "email": "a@example.org"}


def paths_for(house, access="ADMIN"):
    id_ = house.value("SELECT LOWER(HEX(id)) FROM submission WHERE desk = 'supporters'"
                      " AND LENGTH(body) > 0 LIMIT 1")
    stars = {"case": id_, "people": id_of(house, "Ana"), "units": "new",
             "statements": "new", "events": "new",
             "entry": "supporters"}
    return [(method, path.replace("*", stars.get(path.split("/")[2], "")))
            for method, path in routes(access)]


def refused_everywhere(stack, admin, door, also=()):
    """Whatever one asks for leads to the next step, and does nothing."""
    token = admin.page(door).form("/admin/logout")["token"]
    before = everything(stack)
    for method, path in paths_for(stack) + list(also):
        if method == "GET":
            got = admin.get(path)
            assert (got.status_code, got.headers.get("Location")) == (303, door), path
            continue
        for sent in (token, "0" * 64, ""):
            got = admin.post(path, data={**EVERY, "token": sent})
            assert got.status_code in (200, 303, 422), (path, got.status_code)
            if got.status_code == 303:
                assert got.headers["Location"] == door, path
            else:
                page = Page(got.text)
                assert page.has_form(door) or page.has_form("/admin/login"), path
            # What was typed goes along, but no password and no code.
            secret = path.startswith(("/admin/account", "/admin/factor", "/admin/code"))
            assert not secret or "carried" not in got.text, path
    assert everything(stack) == before


def test_first_step_opens_nothing(house, staff, ana, hand_in):
    hand_in("supporters")
    pending = new_session(house)
    refused_everywhere(house, pending, "/admin/code",
                       [("GET", "/admin/factor"), ("POST", "/admin/factor")])
    # Not even with the right code of a device that they just made up.
    own = Admin(house, "Sol").login()
    made_up = secret_on(own.page("/admin/factor"))
    token = pending.page("/admin/code").form("/admin/logout")["token"]
    got = pending.post("/admin/factor", data={
        "token": token, "first": totp(base64.b32decode(made_up)), "current": ana.recovery[0]})
    assert got.status_code == 303 and "Recovery" not in got.text
    assert house.value("SELECT COUNT(*) FROM factor_code WHERE admin ="
                       f" X'{id_of(house, 'Ana')}'") == "8"
    assert not is_in(pending)


def test_pending_sessions_are_seen_and_ended(house, ana):
    pending = new_session(house)
    page = ana.page("/admin/account")
    assert page.html.count("tag--wait") == 1
    row = next(part for part in page.html.split("<tr>") if "tag--wait" in part)
    id_ = re.search(r'name="session" value="([0-9a-f]+)"', row)[1]
    ana.follow(ana.submit(page.form("/account/end", ("session", id_))))
    assert pending.get("/admin/code").headers["Location"] == "/admin/login"
    assert is_in(ana)
    # Leaving on one's own from between the two steps.
    pending = new_session(house)
    got = pending.submit(pending.page("/admin/code").form("/admin/logout"))
    assert got.headers["Location"] == "/admin/login"
    assert pending.get("/admin/code").headers["Location"] == "/admin/login"


# ---- how often it may fail ----

def test_throttled(house, ana, guest):
    ben = guest("Ben", "supporters").set_factor()
    forget_codes(house)
    pending = new_session(house)
    for n in range(5):
        assert pending.try_code(f"00000{n}").status_code == 422
    steady()
    got = pending.try_code(totp(ana.factor))
    assert got.status_code == 429 and got.headers["Retry-After"] == "60"
    assert "Wait a few minutes" in Page(got.text).text("main") and not is_in(pending)
    # Wherever from, and however often the password was right in between.
    other = new_session(house)
    assert other.try_code(totp(ana.factor)).status_code == 429
    # Who is in cannot be made to guess for them either.
    form = ana.page("/admin/factor").form("/factor/drop")
    assert ana.submit(form, {"current": totp(ana.factor)}).status_code == 429
    # Another's codes are counted apart, and a recovery code opens all the same.
    assert new_session(house, "Ben").try_code(totp(ben.factor)).status_code == 303
    assert recover(other, ana.recovery[0]).status_code == 303 and is_in(other)
    # Being in, they have shown who they are: it begins anew.
    assert house.value("SELECT COUNT(*) FROM throttle") == "0"
    pending = new_session(house)
    assert pending.try_code(totp(ana.factor)).status_code == 303


def test_wrong_recovery_codes_are_counted(house, ana):
    wrong = "0000-0000-0000-0000-0000-0000"
    assert Visitor(house).get("/admin/code").status_code == 303
    pending = new_session(house)
    for n in range(5):
        assert recover(pending, ana.recovery[0] if n == 9 else wrong).status_code == 422
    forget_codes(house)
    assert pending.try_code(totp(ana.factor)).status_code == 429


# ---- what was being sent ----

def test_what_was_typed_goes_through_both_steps(house, staff, ana, hand_in):
    _, id_ = hand_in("supporters")
    staff.rosa.follow(staff.rosa.open(id_))
    reason = f"Long thought over {word()},\r\n<b>& \"said\" = so"
    form = ana.case(id_).form("/vote")
    house.sql("UPDATE session SET expires_at = 1 WHERE admin = X'%s'" % id_of(house, "Ana"))
    got = ana.submit(form, {"vote": "favour", "reason": reason})
    first = Page(got.text).form("/admin/login")
    assert first["to"] == f"/admin/case/{id_}/vote"
    got = ana.submit(first, {"name": "Ana", "password": PASSWORD})
    assert got.status_code == 200 and "<b>" not in got.text.partition("<main")[2]
    page = Page(got.text)
    assert "goes along" in page.text("main")
    # A mistake in between loses nothing, in either of the two forms.
    for field in ("code", "recovery"):
        got = ana.submit(page.form("/admin/code", field), {field: "000000"})
        assert got.status_code == 422
        page = Page(got.text)
        assert page.form("/admin/code", field)["to"] == f"/admin/case/{id_}/vote"
    assert "favour" not in votes(house, id_)
    forget_codes(house)
    got = ana.submit(page.form("/admin/code", "code"), {"code": totp(ana.factor)})
    asked = Page(got.text)
    assert got.status_code == 200 and got.headers["Cache-Control"] == "no-store"
    assert " ".join(reason.split()) in asked.text("main")
    assert "favour" not in votes(house, id_), "nothing is done unasked"
    ana.follow(ana.submit(asked.form(f"/admin/case/{id_}/vote")))
    assert "favour" in votes(house, id_) and state(house, id_) == "accepted"
    assert " ".join(reason.split()) in ana.case(id_).text("aside")


def test_sent_between_the_two_steps(house, staff, ana, hand_in):
    _, id_ = hand_in("supporters")
    pending = new_session(house)
    token = pending.page("/admin/code").form("/admin/logout")["token"]
    got = pending.post(f"/admin/case/{id_}/message",
                       data={"token": token, "text": "Not yet said"})
    page = Page(got.text)
    assert got.status_code == 200
    assert page.form("/admin/code", "code")["to"] == f"/admin/case/{id_}/message"
    got = pending.submit(page.form("/admin/code", "recovery"), {"recovery": ana.recovery[0]})
    asked = Page(got.text)
    assert house.value("SELECT COUNT(*) FROM message WHERE"
                       f" submission = X'{id_}'") == "0"
    pending.follow(pending.submit(asked.form("/message")))
    assert [m.said for m in pending.case(id_).talk()] == ["Not yet said"]


@pytest.mark.parametrize("to", ["//elsewhere.example/", "https://elsewhere.example/admin/",
                                "/join", "javascript:alert(1)", "", "/receipt/erase"])
def test_second_step_leads_nowhere_else(house, ana, to):
    pending = new_session(house)
    form = pending.page("/admin/code").form("/admin/code", "recovery")
    got = pending.post("/admin/code", data={
        "token": form["token"], "recovery": ana.recovery[0], "to": to, "carried": "vote=favour"})
    assert (got.status_code, got.headers["Location"]) == (303, "/admin/")


def test_second_step_from_elsewhere(house, ana):
    """Another site cannot take it for them, nor another's page of this one."""
    pending, other = new_session(house), new_session(house)
    form = pending.page("/admin/code").form("/admin/code", "code")
    forget_codes(house)
    good = {"token": form["token"], "code": totp(ana.factor)}
    pending.origin = "https://elsewhere.example"
    assert pending.post("/admin/code", data=good).status_code == 403
    pending.origin = "own"
    got = other.post("/admin/code", data=good)
    assert got.status_code == 422 and "logged in once more" in Page(got.text).text("main")
    assert not is_in(pending) and not is_in(other)
    assert pending.post("/admin/code", data=good).status_code == 303


# ---- changing it ----

def test_new_recovery_codes(house, ana):
    form = ana.page("/admin/factor").form("/factor/codes")
    for wrong in ("", "123456", "0000-0000-0000-0000-0000-0000"):
        got = ana.submit(form, {"current": wrong})
        assert got.status_code == 422 and Page(got.text).errors() == ["current-codes"]
    stored = house.sql("SELECT HEX(id) FROM factor_code WHERE admin ="
                       f" X'{id_of(house, 'Ana')}' ORDER BY 1")
    got = ana.submit(form, {"current": ana.recovery[0]})
    fresh = re.findall(r"<li>([0-9A-Z-]+)</li>", got.text)
    assert got.status_code == 200 and len(set(fresh)) == 8
    assert not set(fresh) & set(ana.recovery)
    now = house.sql("SELECT HEX(id) FROM factor_code WHERE admin ="
                    f" X'{id_of(house, 'Ana')}' ORDER BY 1")
    assert len(now) == 8 and not set(now) & set(stored)
    pending = new_session(house)
    assert recover(pending, ana.recovery[1]).status_code == 422
    assert recover(pending, fresh[0]).status_code == 303
    assert is_in(ana), "the device is the same, so nobody is out"
    assert "factor.codes" in deeds_of(house, "Ana")


def test_another_device(house, ana):
    page = ana.page("/admin/factor")
    fresh = base64.b32decode(secret_on(page))
    assert fresh != ana.factor
    form = page.form("/admin/factor", "first")
    steady()
    # It takes both, and a mistake in the first field uses up nothing of the second.
    for answers, field in (({"first": totp(fresh), "current": ""}, "current"),
                           ({"first": totp(fresh), "current": "123456"}, "current"),
                           ({"first": "000000", "current": ana.recovery[0]}, "first")):
        got = ana.submit(form, answers)
        assert got.status_code == 422 and Page(got.text).errors() == [field], answers
    assert house.value("SELECT COUNT(*) FROM factor_code WHERE admin ="
                       f" X'{id_of(house, 'Ana')}'") == "8"
    other = Admin(house, "Ana")
    other.factor = ana.factor
    other.login()
    got = ana.submit(form, {"first": totp(fresh), "current": ana.recovery[0]})
    codes = re.findall(r"<li>([0-9A-Z-]+)</li>", got.text)
    assert got.status_code == 200 and len(set(codes)) == 8 and is_in(ana)
    assert not is_in(other)
    forget_codes(house)
    pending = new_session(house)
    assert pending.try_code(totp(ana.factor)).status_code == 422
    assert recover(pending, ana.recovery[1]).status_code == 422
    assert pending.try_code(totp(fresh)).status_code == 303


def test_dropping(house, ana):
    form = ana.page("/admin/factor").form("/factor/drop")
    for wrong in ("", "123456", "0000-0000-0000-0000-0000-0000"):
        got = ana.submit(form, {"current": wrong})
        assert got.status_code == 422 and Page(got.text).errors() == ["current-drop"]
    pending = new_session(house)
    assert house.value("SELECT factor IS NOT NULL FROM admin WHERE name = 'Ana'") == "1"
    page = ana.follow(ana.submit(form, {"current": ana.recovery[0]}))
    assert "off" in page.text("main") and "Set it up" in page.text("main")
    assert house.sql("SELECT factor, (SELECT COUNT(*) FROM factor_code WHERE admin = a.id)"
                     " FROM admin a WHERE name = 'Ana'") == [(None, "0")]
    assert pending.get("/admin/code").headers["Location"] == "/admin/login"
    got = Admin(house, "Ana").try_login()
    assert (got.status_code, got.headers["Location"]) == (303, "/admin/")
    assert "factor.dropped" in deeds_of(house, "Ana")
    # There is none any more, so there is nothing to change.
    for path in ("drop", "codes"):
        got = ana.post(f"/admin/factor/{path}", data={
            "token": session_token(ana), "current": ana.recovery[1]})
        assert got.status_code in (409, 422), path
    assert house.value("SELECT COUNT(*) FROM factor_code WHERE admin ="
                       f" X'{id_of(house, 'Ana')}'") == "0"


# ---- another password ----

def test_another_password(house, staff, ana, hand_in):
    _, id_ = hand_in("supporters", name="Still to be read")
    other = Admin(house, "Ana")
    other.factor = ana.factor
    other.login()
    pending = new_session(house)
    form = ana.page("/admin/account").form("/account/password")
    good = {"old": PASSWORD, "password": ANOTHER, "again": ANOTHER}
    for wrong, field in (({"old": "not the old one"}, "old"), ({"old": ""}, "old"),
                         ({"again": ANOTHER + "x"}, "again"),
                         ({"password": "short", "again": "short"}, "password"),
                         ({"password": "x" * 257, "again": "x" * 257}, "password")):
        got = ana.submit(form, {**good, **wrong})
        page = Page(got.text)
        assert got.status_code == 422 and page.errors() == [field], wrong
        assert field in page.ids and ANOTHER not in got.text and PASSWORD not in got.text
    assert is_in(other) and "admin.password" not in deeds_of(house, "Ana")
    page = ana.follow(ana.submit(form, good))
    assert "notice--good" in page.html
    assert is_in(ana) and not is_in(other)
    assert pending.get("/admin/code").headers["Location"] == "/admin/login"
    assert deeds_of(house, "Ana").count("admin.password") == 1
    assert Admin(house, "Ana").try_login().status_code == 422
    # The key is the same, wrapped anew: the factor and the cases open with it.
    again = new_session(house, password=ANOTHER)
    forget_codes(house)
    assert again.try_code(totp(ana.factor)).status_code == 303
    for admin in (ana, again):
        assert "Still to be read" in admin.case(id_).text("dd")
    assert serving(house, "supporters").count("Ana") == 1


def test_guessing_the_old_password(house, ana):
    """A browser that was left open does not give the password away."""
    form = ana.page("/admin/account").form("/account/password")
    for n in range(5):
        got = ana.submit(form, {"old": f"guess {n}", "password": ANOTHER, "again": ANOTHER})
        assert got.status_code == 422
    got = ana.submit(form, {"old": PASSWORD, "password": ANOTHER, "again": ANOTHER})
    assert got.status_code == 429 and got.headers["Retry-After"] == "60"
    assert "admin.password" not in deeds_of(house, "Ana")
    # Whoever logs in, or types a code, is not held up by that.
    forget_codes(house)
    assert new_session(house).try_code(totp(ana.factor)).status_code == 303


# ---- where the site asks for it ----

def test_required(strict):
    """From the invitation on, every page leads to setting it up; then they are in."""
    link = strict.invitation
    ana = Admin(strict, "Ana")
    form = ana.page(link).form("/admin/welcome")
    got = ana.submit(form, {"name": "Ana", "password": PASSWORD, "again": PASSWORD})
    assert (got.status_code, got.headers["Location"]) == (303, "/admin/factor")
    Visitor(strict).apply({}, "/support")
    page = ana.page("/admin/factor")
    assert "every admin" in page.text("main") and "/admin/people" not in page.html
    refused_everywhere(strict, ana, "/admin/factor")
    assert ana.get("/admin/code").headers["Location"] == "/admin/factor"
    # Leaving and coming again does not help.
    again = Admin(strict, "Ana")
    assert again.try_login().headers["Location"] == "/admin/factor"
    refused_everywhere(strict, again, "/admin/factor")

    ana.set_factor()
    assert is_in(ana) and not is_in(again)
    assert again.get("/admin/factor").headers["Location"] == "/admin/login"
    # It cannot be dropped, only replaced.
    page = ana.page("/admin/factor")
    assert not page.has_form("/factor/drop")
    got = ana.post("/admin/factor/drop", data={
        "token": session_token(ana), "current": ana.recovery[0]})
    assert got.status_code == 403
    assert strict.sql("SELECT factor IS NOT NULL, (SELECT COUNT(*) FROM factor_code)"
                      " FROM admin") == [("1", "8")]
    ana.login()
    assert is_in(ana)


def test_required_keeps_what_was_being_sent(strict):
    """Somebody who had been in without one when the site began to ask for it."""
    id_ = strict.value("SELECT LOWER(HEX(id)) FROM submission WHERE desk = 'supporters'")
    ana = Admin(strict, "Ana")
    strict.sql("UPDATE admin SET factor = NULL; DELETE FROM factor_code")
    assert ana.try_login().headers["Location"] == "/admin/factor"
    token = ana.page("/admin/factor").form("/admin/logout")["token"]
    got = ana.post(f"/admin/case/{id_}/message", data={
        "token": token, "text": "Written before the device was there"})
    page = Page(got.text)
    assert got.status_code == 200 and "goes along" in page.text("main")
    secret = base64.b32decode(secret_on(page))
    form = page.form("/admin/factor", "first")
    wrong = Page(ana.submit(form, {"first": "000000"}).text)
    assert wrong.form("/admin/factor", "first")["to"] == f"/admin/case/{id_}/message"
    got = ana.submit(wrong.form("/admin/factor", "first"), {"first": totp(secret)})
    assert got.status_code == 200 and len(re.findall(r"<li>[0-9A-Z-]+</li>", got.text)) == 8
    got = ana.submit(Page(got.text).form("/admin/code"))
    asked = Page(got.text)
    assert "Written before the device" in asked.text("main")
    assert strict.value("SELECT COUNT(*) FROM message") == "0"
    ana.follow(ana.submit(asked.form("/message")))
    assert strict.value("SELECT COUNT(*) FROM message") == "1"


# ---- what the book says ----

def test_audit(house, strict):
    for stack in (house, strict):
        done = stack.openhall("audit", "verify")
        assert done.returncode == 0, done.stderr
    written = {action for (action,) in house.sql("SELECT DISTINCT action FROM audit")}
    assert {"factor.set", "factor.codes", "factor.dropped", "factor.recovered",
            "admin.password", "session.end"} <= written
