"""The receipt: typed and forgiven, status, withdrawal, closing; and where its code may
never stand."""

import base64
import re
import secrets
import time
from ctypes import CDLL, c_char_p, c_ulonglong, create_string_buffer
from ctypes.util import find_library

import pytest

from portal import Page, Visitor, derive, token, word

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOK_ALIKES = str.maketrans("01V", "OLU")


@pytest.fixture
def code(hall):
    return Visitor(hall).apply({"name": "Ana " + word()})


def unknown():
    """A whole code that nothing belongs to: its check symbol as code.c makes it."""
    symbols = [secrets.randbelow(32) for _ in range(23)]
    total = 0
    for value in [*symbols, 0]:
        total = (total << 1 ^ (0x25 if total & 16 else 0)) ^ value
    return "".join(SYMBOLS[i] for i in [*symbols, total])


# ---- typing it ----

@pytest.mark.parametrize("typed", [
    lambda c: c, lambda c: c.replace("-", ""), lambda c: c.lower(),
    lambda c: f"  {c}\t", lambda c: " ".join(c.replace("-", "")),
    lambda c: c.replace("-", " - "), lambda c: c.translate(LOOK_ALIKES),
    lambda c: c.translate(LOOK_ALIKES).lower(), lambda c: c.replace("1", "I")],
    ids=["as-shown", "bare", "small", "space-around", "spaces", "dashes", "look-alikes",
         "small-look-alikes", "i"])
def test_forgiven(hall, code, typed):
    # Codes without a look-alike would not notice.
    while not set("01V") & set(code):
        code = Visitor(hall).apply()
    page = Visitor(hall).status(typed(code))
    assert page.text("h1") == "Where it stands"


@pytest.mark.parametrize("prefix, lang", [("", "en"), ("/es", "es")])
def test_slip_and_unknown_are_told_apart(hall, code, prefix, lang):
    visitor = Visitor(hall)
    bare = code.replace("-", "")
    at = next(i for i in range(23) if bare[i] != bare[i + 1])
    slips = [bare[:5] + SYMBOLS[(SYMBOLS.index(bare[5]) + 1) % 32] + bare[6:],
             bare[:at] + bare[at + 1] + bare[at] + bare[at + 2:],
             bare[:-1], bare + "0", "", "?", "é" + bare[1:], "0" * 23 + "1"]
    said = set()
    for slip in slips:
        got = visitor.enter(slip, prefix)
        page = Page(got.text)
        assert got.status_code == 422 and page.errors() == ["code"]
        assert page.lang == lang
        assert page.form("/receipt")["code"] == slip
        said.add(page.text("main"))
    got = visitor.enter(unknown(), prefix)
    page = Page(got.text)
    assert got.status_code == 404 and page.errors() == ["code"]
    assert len(said) == 1 and page.text("main") not in said
    assert "Set-Cookie" not in got.headers


def test_every_single_slip_is_found(hall, code):
    """One request a symbol: its neighbour in the alphabet, at each place."""
    visitor = Visitor(hall)
    for at, symbol in enumerate(code):
        if symbol != "-":
            wrong = SYMBOLS[SYMBOLS.index(symbol) ^ 1 << at % 5]
            assert visitor.enter(code[:at] + wrong + code[at + 1:]).status_code == 422


def test_proof_of_keeping(hall):
    """Right after sending, a slip is told beside the code; the right code leads on."""
    visitor = Visitor(hall)
    code = visitor.apply()
    page = visitor.page("/receipt")
    got = visitor.submit(page.form("/receipt"), {"code": code[:-1]})
    again = Page(got.text)
    assert got.status_code == 422 and again.code() == code
    assert again.errors() == ["code"] and again.form("/receipt")["code"] == code[:-1]
    status = visitor.follow(visitor.submit(again.form("/receipt"), {"code": code}))
    assert status.text("h1") == "Where it stands" and code not in status.html
    # From now on the code is not shown any more, on this browser either.
    assert code not in visitor.page("/receipt").html


# ---- status ----

def test_stages(hall, committee, new_case):
    name = "Ana " + word()
    code, id_ = new_case(name=name)
    today = time.strftime("%-d %B %Y", time.gmtime())
    visitor = Visitor(hall)

    def steps():
        html = visitor.page("/receipt").html
        found = re.search(r'<ol class="steps">(.*?)</ol>', html, re.S)[1]
        return re.findall(r'<li(?: class="([^"]*)")?><strong>(.*?)</strong>'
                          r'(?: <span>(.*?)</span>)?', found)
    page = visitor.status(code)
    assert name in page.text("dd") and name == page.text("dd")[:len(name)]
    assert steps() == [("step--now", "Received", today), ("", "Decision", "")]
    committee[0].follow(committee[0].open(id_))
    assert steps() == [("step--done", "Received", today), ("step--now", "In review", today),
                       ("", "Decision", "")]
    hall.sql("UPDATE round SET closes_at = opened_at")
    assert "more time" in visitor.page("/receipt").text("main")
    hall.sql("UPDATE round SET closes_at = opened_at + 21 * 86400")
    for admin in committee[:2]:
        admin.follow(admin.vote(id_, "against", "Secret reason " + word()))
    assert steps() == [("step--done", "Received", today), ("step--done", "In review", today),
                       ("step--done", "Not accepted", today)]
    page = visitor.page("/receipt")
    assert "not accepted" in page.text("main") and "reason" not in page.text("main").lower()
    assert "Imani" not in page.html
    assert "/receipt/withdraw" not in page.links


def test_days_not_moments(hall, new_case):
    """Nothing tells the hour at which somebody applied."""
    _, id_ = new_case()
    assert int(hall.value("SELECT received_day FROM submission"
                          f" WHERE id = X'{id_}'")) % 86400 == 0


def test_other_peoples_receipts(hall):
    """A receipt opens its own submission only."""
    mark = {n: word() for n in range(2)}
    codes = [Visitor(hall).apply({"name": mark[n]}) for n in mark]
    for n, code in enumerate(codes):
        page = Visitor(hall).status(code)
        assert mark[n] in page.html and mark[1 - n] not in page.html


# ---- withdrawing ----

def withdraw(visitor):
    page = visitor.page("/receipt/withdraw")
    return visitor.submit(page.form("/receipt/withdraw"))


def stored(hall, id_):
    return hall.sql("SELECT state, LENGTH(body), LENGTH(desk_key), LENGTH(receipt_key),"
                    f" ended_day IS NULL FROM submission WHERE id = X'{id_}'")


def test_withdraw(hall, committee, new_case):
    name = "Ana " + word()
    code, id_ = new_case(name=name)
    admin, visitor = committee[0], Visitor(hall)
    admin.follow(admin.open(id_))
    admin.follow(admin.vote(id_, "favour"))
    vote = admin.case(id_).form("/vote")
    late = committee[1].case(id_).form("/vote")

    page = visitor.status(code)
    assert "/receipt/withdraw" in page.links
    # Asking changes nothing.
    ask = visitor.page("/receipt/withdraw")
    assert stored(hall, id_)[0][0] == "review"
    page = visitor.follow(visitor.submit(ask.form("/receipt/withdraw")))
    assert "erased" in page.text("main") and name not in page.html
    assert stored(hall, id_) == [("withdrawn", "0", "0", "0", "0")]
    assert name not in Visitor(hall).status(code).html

    # Again, from a page that was open: said calmly, and nothing else happens.
    again = visitor.submit(ask.form("/receipt/withdraw"))
    assert again.status_code == 409 and Page(again.text).text("h1")
    # Votes come too late, also those already on their way.
    for who, form in ((admin, vote), (committee[1], late)):
        got = who.submit(form, {"vote": "favour", "reason": "Yes"})
        assert got.status_code == 409 and Page(got.text).text("h1") == "Erased"
    assert stored(hall, id_)[0][0] == "withdrawn"
    assert int(hall.value("SELECT COUNT(*) FROM elector WHERE vote IS NOT NULL"
                          f" AND submission = X'{id_}'")) == 1

    page = admin.page("/admin/queue?list=withdrawn")
    assert f'"/admin/case/{id_}?' in page.html and name not in page.html
    case = admin.case(id_)
    assert "erased" in case.text("main") and not case.has_form("/vote")
    assert not case.has_form("/open") and name not in case.html


def test_withdraw_needs_a_receipt_and_a_token(hall, new_case):
    code, id_ = new_case()
    stranger, holder = Visitor(hall), Visitor(hall)
    assert stranger.get("/receipt/withdraw").headers["Location"] == "/receipt"
    got = stranger.post("/receipt/withdraw", data={"token": token(hall.form_key, "receipt")})
    assert (got.status_code, got.headers["Location"]) == (303, "/receipt")
    holder.status(code)
    for data in ({}, {"token": "x"}, {"token": token(hall.form_key, "join")},
                 {"token": token(hall.form_key, "receipt", 25 * 3600)}):
        got = holder.post("/receipt/withdraw", data=data)
        assert got.status_code < 500 and Page(got.text).has_form("/receipt/withdraw")
    holder.origin = "https://elsewhere.example"
    assert withdraw(holder).status_code < 500
    assert stored(hall, id_)[0][0] == "received"
    holder.origin = "own"
    holder.follow(withdraw(holder))
    assert stored(hall, id_)[0][0] == "withdrawn"


def test_decided_cannot_be_withdrawn(hall, committee, new_case):
    code, id_ = new_case()
    visitor = Visitor(hall)
    visitor.status(code)
    form = visitor.page("/receipt/withdraw").form("/receipt/withdraw")
    committee[0].follow(committee[0].open(id_))
    for admin in committee[:2]:
        admin.follow(admin.vote(id_, "against"))
    assert visitor.submit(form).status_code == 409
    assert stored(hall, id_)[0][:1] == ("declined",) and stored(hall, id_)[0][1] != "0"


# ---- the cookie ----

def test_close_forgets(hall, code):
    visitor = Visitor(hall)
    page = visitor.status(code)
    kept = dict(visitor.cookies)
    enter = visitor.follow(visitor.submit(page.form("/receipt/close")))
    assert not visitor.cookies and enter.has_form("/receipt")
    assert "Where it stands" not in enter.html
    assert kept["receipt"]


def test_cookie(hall, code):
    got = Visitor(hall).enter(code)
    cookie = got.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Max-Age" not in cookie and "Domain" not in cookie and "Secure" not in cookie
    bare = code.replace("-", "")
    for text in (code, bare, bare.lower()):
        assert text not in str(got.headers)
    # Spoiled in any part it is worth nothing, and breaks nothing.
    value = re.match(r"receipt=([^;]*)", cookie)[1]
    for at in (0, 10, 40, 90, len(value) - 1):
        bad = value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1:]
        page = Page(Visitor(hall).get("/receipt", headers={"Cookie": f"receipt={bad}"}).text)
        assert page.text("h1") == "Your receipt"
    page = Page(Visitor(hall).get("/receipt", headers={"Cookie": f"receipt={value}"}).text)
    assert page.text("h1") == "Where it stands"


def test_cookie_ends_by_itself(hall, code):
    """Half an hour later it is worth nothing, whatever the browser kept."""
    sodium = CDLL(find_library("sodium"))
    under = derive(hall.form_key, "cookie")

    def cookie(until):
        says = code.replace("-", "").encode() + until.to_bytes(7, "little") + b"\3"
        nonce, out = secrets.token_bytes(24), create_string_buffer(48)
        about = bytes(16) + b"receipt"
        sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(
            out, None, c_char_p(says), c_ulonglong(32), c_char_p(about),
            c_ulonglong(len(about)), None, c_char_p(nonce), c_char_p(under))
        return base64.urlsafe_b64encode(nonce + out.raw).decode().rstrip("=")

    def seen(until):
        got = Visitor(hall).get("/receipt", headers={"Cookie": f"receipt={cookie(until)}"})
        return Page(got.text).text("h1")
    assert seen(int(time.time()) + 60) == "Where it stands"
    assert seen(int(time.time()) - 1) == "Your receipt"


# ---- where a code may not stand ----

def test_code_is_nowhere_else(hall, code):
    visitor = Visitor(hall)
    visitor.status(code)
    visitor.get(f"/receipt?code={code}")
    visitor.get(f"/receipt/{code}")
    visitor.get(f"/{code}")
    Visitor(hall).post("/receipt", data={"code": code, "token": "x"})
    got = Visitor(hall).enter(code.lower() + "x")
    assert got.status_code == 422
    logs = hall.logs().upper()
    bare = code.replace("-", "")
    assert len(logs) > 1000 and code not in logs and bare not in logs
    assert bare not in str(hall.sql("SELECT HEX(receipt), HEX(receipt_key), HEX(body)"
                                    " FROM submission")).upper()


def test_a_code_in_the_address_does_nothing(hall, code):
    page = Visitor(hall).page(f"/receipt?code={code}")
    assert page.has_form("/receipt") and code not in page.html
