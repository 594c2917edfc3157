"""The back office's doors: invitations, log-in and its limit, sessions, tokens."""

import time

import pytest

from fastcgi import ask
from portal import PASSWORD, Admin, Page, Visitor, token, word
from test_join import HOSTILE, at_once
from test_review import dismiss, votes

NOBODY = "0" * 32
GETS = ["/admin/", "/admin/queue", "/admin/queue?list=review", "/admin/queue?desk=aid&list=mine", "/admin/people",
        f"/admin/people/{NOBODY}/remove", "/admin/account", "/admin/factor", "/admin/code",
        "/admin/find", "/admin/units", "/admin/units/new", "/admin/entry/aid",
        "/admin/entry/phone/aid", "/admin/entry/paper/membership",
        f"/admin/case/{NOBODY}", "/es/admin/", "/es/admin/people"]
POSTS = ["/admin/logout", "/admin/people/invite", "/admin/people/leave",
         f"/admin/people/{NOBODY}/grant", "/admin/people/{admin}/remove",
         "/admin/account/end", "/admin/account/password",
         "/admin/factor", "/admin/factor/codes", "/admin/factor/drop", "/admin/code",
         "/admin/find", "/admin/units/new", "/admin/entry/phone/aid", "/admin/entry/paper/aid",
         "/admin/case/{id}/open", "/admin/case/{id}/vote", "/admin/case/{id}/recuse",
         "/admin/case/{id}/message", "/admin/case/{id}/state", "/admin/case/{id}/assign",
         "/admin/case/{id}/note"]
# With another's token these come back as a form, with what was typed and nothing done.
AGAIN = {"/admin/account/end", "/admin/account/password", "/admin/factor",
         "/admin/factor/codes", "/admin/factor/drop", "/admin/code",
         "/admin/entry/phone/aid", "/admin/entry/paper/aid"}


def counts(hall):
    """What no refused request may change."""
    return hall.sql("SELECT (SELECT COUNT(*) FROM admin WHERE removed_at IS NULL),"
                    " (SELECT COUNT(*) FROM invitation), (SELECT COUNT(*) FROM session),"
                    " (SELECT COUNT(*) FROM desk_key), (SELECT COUNT(*) FROM factor_code),"
                    " (SELECT COUNT(*) FROM submission), (SELECT COUNT(*) FROM unit),"
                    " (SELECT COUNT(*) FROM message), (SELECT COUNT(*) FROM note),"
                    " (SELECT COUNT(*) FROM submission WHERE state NOT IN"
                    " ('received', 'review', 'needed', 'offered')),"
                    " (SELECT COUNT(*) FROM submission WHERE assigned_to IS NOT NULL),"
                    " (SELECT COUNT(*) FROM round),"
                    " (SELECT COUNT(*) FROM elector WHERE vote IS NOT NULL),"
                    " (SELECT number FROM audit_head)")


@pytest.fixture
def posted(hall, committee, new_case):
    """A path of POSTS for a case there is, which is where the deed belongs."""
    def make(path):
        aid = path.rpartition("/")[2] in ("state", "assign", "note")
        _, id_ = new_case("/aid/request" if aid else "/join")
        if path.endswith(("/vote", "/recuse")):
            committee[0].follow(committee[0].open(id_))
        return path.format(id=id_, admin=hall.value(
            "SELECT LOWER(HEX(id)) FROM admin WHERE name = 'Wei'"))
    return make


# Enough for any of them, were it let in.
DEED = {"vote": "favour", "reason": "x", "session": "0" * 64, "desk": "aid", "text": "x",
        "state": "started", "was": "needed", "admin": "nobody", "way": "call", "who": "x",
        "old": PASSWORD, "password": "another " + PASSWORD, "again": "another " + PASSWORD,
        "name": "x", "kind": "city", "about": "x", "area": "riverside", "step": "send",
        "needs": "food", "urgency": "week", "whom": "myself", "reach": "receipt",
        "visible": "coordinators"}


# ---- invitations ----

def test_first_link_works_once(hall, committee):
    got = Visitor(hall).get(hall.invitation)
    assert got.status_code == 404 and not Page(got.text).has_form("/welcome")


@pytest.mark.parametrize("code", ["", "0", "0000-0000-0000-0000-0000-0000",
                                  "0000-0000-0000-0000-0000-0001", "<b>"])
def test_wrong_invitation(hall, code):
    got = Visitor(hall).get("/admin/welcome", params={"invitation": code})
    assert got.status_code == 404 and not Page(got.text).has_form("/welcome")
    got = Visitor(hall).post("/admin/welcome", data={
        "token": token(hall.form_key, "admin"), "invitation": code, "name": "Eve",
        "password": PASSWORD, "again": PASSWORD})
    assert got.status_code == 404 and "Set-Cookie" not in got.headers


def test_mistakes_in_accepting(hall, committee):
    link = committee[0].invite()
    visitor, before = Visitor(hall), counts(hall)
    form = visitor.page(link).form("/welcome")
    good = {"name": "Rosa", "password": PASSWORD, "again": PASSWORD}
    for wrong, field in (
            ({"name": ""}, "name"), ({"name": "  "}, "name"), ({"name": "x" * 65}, "name"),
            ({"name": "a\u202eb"}, "name"), ({"name": "Imani"}, "name"),
            ({"name": "  imani "}, "name"), ({"name": "tomas"}, "name"),
            ({"password": "short", "again": "short"}, "password"),
            ({"password": "", "again": ""}, "password"),
            ({"again": PASSWORD + "x"}, "again")):
        got = visitor.submit(form, {**good, **wrong})
        page = Page(got.text)
        assert got.status_code == 422 and page.errors() == [field], wrong
        assert field in page.ids and PASSWORD not in page.html
        assert page.form("/welcome")["name"] == wrong.get("name", "Rosa")
        assert page.form("/welcome")["invitation"] in link
    got = visitor.submit(form, {"name": "", "password": "short", "again": "other"})
    assert Page(got.text).errors() == ["name", "password", "again"], "all of them at once"
    for text in HOSTILE:
        got = visitor.submit(form, {**good, "name": text, "again": ""})
        assert Page(got.text).form("/welcome")["name"] == text
    assert counts(hall) == before
    # The link is good still.
    got = visitor.submit(form, good)
    assert got.headers["Location"] == "/admin/"
    try:
        assert visitor.page("/admin/people").html.count("Rosa") >= 2
        # Used up now.
        assert Visitor(hall).get(link).status_code == 404
        assert Visitor(hall).submit(form, {**good, "name": "Rosa 2"}).status_code == 404
    finally:
        dismiss(hall, "Rosa")


def test_expired_invitation(hall, committee):
    link = committee[0].invite()
    form = Visitor(hall).page(link).form("/welcome")
    assert hall.value("SELECT MAX(expires_at - created_at) FROM invitation") == str(7 * 86400)
    hall.sql(f"UPDATE invitation SET expires_at = {int(time.time())}")
    assert Visitor(hall).get(link).status_code == 404
    got = Visitor(hall).submit(form, {"name": "Late", "password": PASSWORD, "again": PASSWORD})
    assert got.status_code == 404
    assert hall.value("SELECT COUNT(*) FROM admin WHERE name = 'Late'") == "0"


def test_invitation_makes_one_admin(hall, committee):
    link = committee[0].invite()
    form = Visitor(hall).page(link).form("/welcome")
    names = ["Ann", "Ben", "Cem"]
    try:
        got = at_once(*[lambda n=n: Visitor(hall).submit(form, {
            "name": n, "password": PASSWORD, "again": PASSWORD}).status_code for n in names])
        assert sorted(got) == [303, 404, 404]
        assert hall.value("SELECT COUNT(*) FROM admin") == "4"
    finally:
        for name in names:
            dismiss(hall, name)


def test_invitation_link_is_shown_once(hall, committee):
    link = committee[0].invite()
    code = link.partition("=")[2]
    committee[0].page("/admin/people")
    Visitor(hall).page(link)
    assert code not in committee[0].page("/admin/people").html
    assert code not in hall.logs() and code.replace("-", "") not in hall.logs()
    assert f"{hall.base}/admin/welcome?invitation=" in link


# ---- log-in ----

def test_login_and_logout(hall, committee):
    admin = Admin(hall, "Wei")
    got = admin.try_login()
    assert (got.status_code, got.headers["Location"]) == (303, "/admin/")
    cookies = {line.partition("=")[0]: line for line in
               got.raw.headers.getlist("Set-Cookie")}
    for name in ("session", "device"):
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookies[name].split("; "))
    assert "Max-Age" not in cookies["session"]
    assert "Wei" in admin.page("/admin/").text("header")
    kept = admin.cookies["session"]
    got = admin.logout()
    assert got.headers["Location"] == "/admin/login" and "session" not in admin.cookies
    # The cookie itself is dead, not only forgotten.
    assert "device" in admin.cookies
    got = Visitor(hall).get("/admin/", headers={"Cookie": f"session={kept}"})
    assert got.headers["Location"] == "/admin/login"


def wrong(hall, name, password, address, cookies=None):
    return ask(hall, "admin", "POST", "/admin/login", {
        "token": token(hall.form_key, "admin"), "name": name, "password": password},
        address=address, cookies=cookies, HTTP_ORIGIN=hall.base)


def test_wrong_name_and_wrong_password_are_one(hall, committee):
    """The same page, and about the same time."""
    took, said = {"Imani": [], "Nobody": [], "x" * 200: []}, set()
    for n in range(9):
        for name in took:
            start = time.perf_counter()
            got = wrong(hall, name, "not the password", f"198.51.100.{n}")
            took[name].append(time.perf_counter() - start)
            assert got.status == 422 and got["Set-Cookie"] is None
            page = Page(got.text)
            assert page.form("/login")["password"] == ""
            said.add((page.text(), tuple(page.errors())))
    assert len(said) == 1
    least = [min(times) for times in took.values()]     # what else ran meanwhile only adds
    assert max(least) < 2 * min(least), least
    assert min(least) > 0.01, "the password is not hashed slowly"
    hall.sql("DELETE FROM throttle")


def test_lock_out(hall, committee):
    device = dict(Admin(hall, "Imani").login().cookies)
    del device["session"]
    here, there = "203.0.113.5", "203.0.113.6"
    for n in range(5):
        assert wrong(hall, "Imani", f"guess number {n}", here).status == 422
    # From here nobody gets in under this name for a while, not even with the password,
    got = wrong(hall, "Imani", PASSWORD, here)
    assert got.status == 429 and int(got["Retry-After"]) > 0
    assert got["Set-Cookie"] is None and Page(got.text).form("/login")["name"] == "Imani"
    # however the name is written,
    for name in ("imani", "IMANI", " Imani", "Imani\t", "Ímani"):
        assert wrong(hall, name, PASSWORD, here).status == 429, name
    # but from elsewhere, by another name, or where she had logged in before she does.
    assert wrong(hall, "Imani", PASSWORD, there).status == 303
    assert wrong(hall, "Wei", PASSWORD, here).status == 303
    assert wrong(hall, "Imani", PASSWORD, here, device).status == 303
    assert wrong(hall, "imani", PASSWORD, here, device).status == 303
    # A device of another's, or a made-up one, is worth nothing.
    other = dict(Admin(hall, "Wei").login().cookies)["device"]
    for cookie in (other, "A" * 139, device["device"][:-2] + "xx"):
        assert wrong(hall, "Imani", PASSWORD, here, {"device": cookie}).status == 429
    hall.sql("DELETE FROM throttle")


def test_device_has_a_limit_of_its_own(hall, committee):
    device = dict(Admin(hall, "Imani").login().cookies)
    del device["session"]
    for n in range(5):
        assert wrong(hall, "Imani", f"guess number {n}", "203.0.113.7", device).status == 422
    assert wrong(hall, "Imani", PASSWORD, "203.0.113.8", device).status == 429
    assert wrong(hall, "Imani", PASSWORD, "203.0.113.7").status == 303
    hall.sql("DELETE FROM throttle")


def test_lock_out_ends_and_grows(hall, committee):
    address = "203.0.113.9"

    def wait():
        return int(hall.value("SELECT MAX(until) FROM throttle")) - time.time()
    for n in range(4):
        wrong(hall, "Tomás", "not it", address)
    assert wait() < 2
    waits = []
    for n in range(7):
        assert wrong(hall, "Tomás", "not it", address).status == 422
        waits.append(round(wait()))
        assert wrong(hall, "Tomás", PASSWORD, address).status == 429
        hall.sql(f"UPDATE throttle SET until = {int(time.time())}")
    assert [abs(a - b) <= 2 for a, b in zip(waits, [30, 60, 120, 240, 480, 900, 900])] \
        == [True] * 7, waits
    assert wrong(hall, "Tomás", PASSWORD, address).status == 303
    assert hall.value("SELECT COUNT(*) FROM throttle") == "0"


def test_no_address_is_stored(hall, committee):
    wrong(hall, "Imani", "not it", "203.0.113.77")
    assert "203.0.113.77" not in hall.logs()
    rows = hall.sql("SELECT HEX(bucket), LENGTH(bucket) FROM throttle")
    assert rows and all(n == "32" and b"203.0.113.77".hex() not in b.lower() for b, n in rows)
    hall.sql("DELETE FROM throttle")


# ---- sessions ----

def test_sessions_are_listed_and_ended(hall, committee):
    hall.sql("DELETE FROM session WHERE admin = (SELECT id FROM admin WHERE name = 'Wei')")
    here, there = Admin(hall, "Wei").login(), Admin(hall, "Wei").login()
    committee[2].login()
    page = here.page("/admin/account")
    forms = [f for f in page.forms if f.action.endswith("/account/end")]
    assert len(forms) == 3 and page.html.count("this one") == 1
    ids = {f["session"] for f in forms}
    assert {i.upper() for i in ids} == {row[0] for row in hall.sql(
        "SELECT HEX(s.id) FROM session s JOIN admin a ON a.id = s.admin WHERE a.name = 'Wei'")}
    # There the two others are ended, one by one.
    own = [f for f in forms if "this one" in
           page.html.partition(f["session"])[0].rpartition("<tr>")[2]]
    assert len(own) == 1
    for form in forms:
        if form is not own[0]:
            here.follow(here.submit(form))
    assert there.get("/admin/").headers["Location"] == "/admin/login"
    assert here.get("/admin/").status_code == 200
    # One's own goes with its cookie.
    here.submit(own[0])
    assert "session" not in here.cookies
    committee[2].login()


def test_sessions_of_others_stay(hall, committee):
    imani, wei = committee[0], committee[2]
    form = next(f for f in imani.page("/admin/account").forms
                if f.action.endswith("/account/end"))
    own = wei.page("/admin/account").form("/logout")["token"]
    for id_ in (form["session"], "0" * 64):
        got = wei.post("/admin/account/end", data={"token": own, "session": id_})
        assert got.status_code == 404
    for id_ in ("", "zz", "0" * 63, "0" * 65):
        got = wei.post("/admin/account/end", data={"token": own, "session": id_})
        assert got.status_code == 422
    assert imani.get("/admin/").status_code == 200


def test_session_ends_by_itself(hall, committee):
    admin = Admin(hall, "Wei").login()
    hall.sql(f"UPDATE session SET expires_at = {int(time.time())} WHERE admin ="
             " (SELECT id FROM admin WHERE name = 'Wei')")
    assert admin.get("/admin/").headers["Location"] == "/admin/login"
    committee[2].login()


def test_session_row_opens_nothing_for_another(hall, committee):
    """A cookie made up for a row that somebody put into the store."""
    hall.sql("INSERT INTO session SELECT UNHEX(REPEAT('ab', 32)), admin, wrapped_key,"
             " created_at, expires_at, 0 FROM session LIMIT 1")
    for cookie in ("q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s", "A" * 43, ""):
        got = Visitor(hall).get("/admin/", headers={"Cookie": f"session={cookie}"})
        assert got.status_code == 303
    hall.sql("DELETE FROM session WHERE id = UNHEX(REPEAT('ab', 32))")


# ---- who may what ----

@pytest.mark.parametrize("path", GETS)
def test_needs_login(hall, path):
    for cookie in (None, "session=", "session=" + "A" * 43):
        got = Visitor(hall).get(path, headers={"Cookie": cookie} if cookie else {})
        prefix = "/es" if path.startswith("/es") else ""
        assert (got.status_code, got.headers["Location"]) == (303, prefix + "/admin/login")
        assert got.content == b""
        assert got.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", POSTS)
def test_post_needs_login(hall, committee, posted, path):
    path = posted(path)
    before = counts(hall)
    page = committee[0].page("/admin/")
    got = Visitor(hall).post(path, data={**DEED, "token": page.form("/logout")["token"]})
    assert got.status_code == 422 and Page(got.text).has_form("/admin/login")
    assert "not logged in any more" in Page(got.text).text("main")
    assert counts(hall) == before


@pytest.mark.parametrize("path", POSTS)
def test_post_needs_its_token(hall, committee, posted, path):
    path = posted(path)
    before = counts(hall)
    good = committee[0].page("/admin/").form("/logout")["token"]
    theirs = committee[1].page("/admin/").form("/logout")["token"]
    for bad in (None, "", "x", theirs, good[:-1], good.upper(), token(hall.form_key, "admin")):
        got = committee[0].post(path, data={**DEED, **({"token": bad} if bad is not None else {})})
        if path == "/admin/code":       # who is in needs no code
            assert (got.status_code, got.headers["Location"]) == (303, "/admin/")
            continue
        assert got.status_code == (422 if path in AGAIN else 403), bad
        assert Page(got.text).text("h1")
    for headers in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"}):
        got = committee[0].post(path, data={**DEED, "token": good}, headers=headers)
        assert got.status_code == 403
    assert counts(hall) == before
    assert committee[0].get("/admin/").status_code == 200


def test_get_changes_nothing(hall, committee, posted):
    both = {"/admin/factor", "/admin/code", "/admin/find", "/admin/units/new",
            "/admin/entry/phone/aid", "/admin/entry/paper/aid", f"/admin/people/{{admin}}/remove"}
    for path in POSTS:
        to = posted(path)
        before = counts(hall)
        got = committee[0].get(to, params={
            **DEED, "token": committee[0].page("/admin/").form("/logout")["token"]})
        assert (got.status_code in (200, 303, 422)) == (path in both), (path, got.status_code)
        assert path in both or got.status_code == 405
        assert counts(hall) == before, path


def test_pages_are_personal(hall, committee, new_case):
    _, id_ = new_case()
    for path in [*GETS, f"/admin/case/{id_}", "/admin/login"]:
        got = committee[0].get(path)
        assert got.headers["Cache-Control"] == "no-store", path
        assert "ETag" not in got.headers and "Content-Encoding" not in got.headers
    got = committee[0].submit(committee[0].page("/admin/people").form("/invite"))
    assert got.headers["Cache-Control"] == "no-store"


def test_name_of_an_admin_is_text(hall, committee):
    for name in ("<script>alert(1)</script>", "\" onfocus=\"alert(1)", "{{name}} &amp;"):
        name += word(4)
        admin = Admin(hall, name).accept(committee[0].invite())
        try:
            page = committee[0].page("/admin/people")
            assert name in page.text("td")
            assert "script" not in {tag for tag, _ in page.tags}
            assert name in admin.page("/admin/").text("header")
        finally:
            dismiss(hall, name)


def test_audit_has_every_deed(hall, committee, new_case):
    before = int(hall.value("SELECT number FROM audit_head"))
    _, id_ = new_case()
    imani, tomas, wei = committee
    imani.follow(imani.open(id_))
    imani.follow(imani.vote(id_, "against", "Reason"))
    wei.invite()
    tomas.follow(tomas.vote(id_, "against", "Reason"))
    rows = hall.sql("SELECT a.action, n.name, LOWER(HEX(a.subject)) FROM audit a JOIN admin n"
                    f" ON n.id = a.admin WHERE a.number > {before} ORDER BY a.number")
    assert [row[:2] for row in rows] == [
        ("case.open", "Imani"), ("case.vote", "Imani"), (rows[2][0], "Wei"),
        ("case.vote", "Tomás"), ("case.decline", "Tomás")]
    assert rows[0][2] == id_ and "invit" in rows[2][0]
    assert votes(hall, id_) == ["-", "against", "against"]
    done = hall.openhall("audit", "verify")
    assert done.returncode == 0, done.stderr


def test_audit_has_comings_and_goings(hall, committee):
    before = int(hall.value("SELECT number FROM audit_head"))
    admin = Admin(hall, committee[0].name)
    assert admin.try_login(password="not the right one").status_code == 422
    admin.login()
    admin.logout()
    rows = hall.sql(f"SELECT action, HEX(subject) FROM audit WHERE number > {before}"
                    " ORDER BY number")
    assert [row[0] for row in rows] == ["session.begin", "session.end"]
    assert rows[0][1] == rows[1][1], "it is the same session"
