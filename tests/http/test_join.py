"""Applying: from the form to the receipt, with everything that can go wrong between."""

import re
import threading
import time
from urllib.parse import urlencode

import pytest

from portal import Page, Visitor, complete, raw, token, word
from stack import PROGRAMS


def count(stack):
    return int(stack.value("SELECT COUNT(*) FROM submission"))


def values(form):
    """Everything that stands in the form's own fields."""
    return {name: form[name] for name in form.names() - {"token"}}


def at_once(*calls):
    """Call all at the same moment; gives what they gave."""
    gate, got = threading.Barrier(len(calls)), [None] * len(calls)

    def run(i, call):
        gate.wait()
        got[i] = call()
    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


# ---- the form ----

@pytest.mark.parametrize("site", ["hall", "caucus"])
@pytest.mark.parametrize("path, lang, title", [
    ("/join", "en", "Apply to join"), ("/es/join", "es", "Solicitar la afiliación")])
def test_form(request, site, path, lang, title):
    got = Visitor(request.getfixturevalue(site)).get(path)
    page = Page(got.text)
    assert got.status_code == 200
    assert got.headers["Content-Type"] == "text/html; charset=utf-8"
    assert got.headers["Cache-Control"] == "no-store"
    assert page.lang == lang
    if site == "hall":
        assert title in page.text("h1")
    form = page.form("/join")
    assert form.action == path and form.method == "post"
    # Every control is named by a label of its own or by its legend.
    labels = {attrs["for"] for tag, attrs in page.tags if tag == "label"}
    for tag, attrs in page.tags:
        if tag in ("input", "textarea") and attrs.get("type") != "hidden":
            assert attrs["id"] in labels, attrs
        for id_ in attrs.get("aria-describedby", "").split():
            assert id_ in page.ids, id_
    assert not [tag for tag, _ in page.tags if tag == "script"]


def test_fields_of_both_sites(hall, caucus):
    asked = [Visitor(stack).page("/join").form("/join").names() for stack in (hall, caucus)]
    assert {"dues", "hardship", "programme_2026_05"} <= asked[0] - asked[1]
    assert {"local", "membership", "unity_2026_09"} <= asked[1] - asked[0]
    assert {"name", "email", "town", "why", "pledge", "signature"} <= asked[0] & asked[1]


def test_head(visitor):
    full, head = visitor.get("/join"), visitor.head("/join")
    assert head.status_code == 200 and head.content == b""
    assert head.headers["Content-Type"] == full.headers["Content-Type"]
    assert int(head.headers["Content-Length"]) == len(full.content)


def test_each_form_has_its_own_token(visitor):
    tokens = {visitor.page("/join").form("/join")["token"] for _ in range(3)}
    assert len(tokens) == 3
    assert "Set-Cookie" not in visitor.get("/join").headers


@pytest.mark.parametrize("path", ["/join", "/es/join"])
def test_errors_keep_every_value(hall, visitor, path):
    form = visitor.page(path).form(path)
    answers = complete(form, every=True)
    answers.update(email="ana@", phone="not digits", pledge="1", name="", adult=[], unit=[],
                   why="x" * 1501)
    before = count(hall)
    got = visitor.submit(form, answers)
    page = Page(got.text)
    again = page.form(path)
    assert got.status_code == 422
    assert page.text("title").startswith("Error:")
    assert {"f-email", "f-phone", "f-pledge", "f-name", "f-adult", "f-unit", "f-why"} \
        == set(page.errors())
    assert set(page.errors()) <= set(page.ids)
    # Where the summary leads, the field says what is wrong with it.
    for id_ in page.errors():
        assert f"e-{id_[2:]}" in page.ids
    wanted = {name: value if isinstance(again[name], str) or isinstance(value, list)
              else [value] for name, value in answers.items()}
    assert {name: again[name] for name in wanted} == wanted
    assert again["token"] == form["token"]
    assert count(hall) == before


def test_contact_is_one_of_two(visitor):
    form = visitor.page("/join").form("/join")
    answers = complete(form, {"email": "", "phone": ""})
    page = Page(visitor.submit(form, answers).text)
    assert page.errors() == ["f-email"]
    for one in ({"email": "ana@example.org"}, {"phone": "212 555 0100"}):
        got = visitor.submit(form, {**answers, **one})
        assert got.status_code == 200, Page(got.text).errors()


# ---- looking it over ----

def test_review_and_change(hall, visitor):
    form = visitor.page("/join").form("/join")
    answers = complete(form, {"why": "One line,\nand <another> & \"more\"."}, every=True)
    before = count(hall)
    got = visitor.submit(form, answers, ("step", "review"))
    page = Page(got.text)
    assert got.status_code == 200
    for name, value in answers.items():
        if form[name] == "":
            assert " ".join(value.split()) in page.text("main"), name
    back = Page(visitor.submit(page.form("/join"), button=("step", "change")).text)
    assert back.errors() == []
    again = back.form("/join")
    for name, value in answers.items():
        assert again[name] in (value, [value]), name
    assert count(hall) == before


def test_other_language_keeps_answers(visitor):
    form = visitor.page("/join").form("/join")
    answers = complete(form, every=True)
    got = visitor.post("/es/join", data=form.filled(answers, ("step", "change")))
    page = Page(got.text)
    assert got.status_code == 200 and page.lang == "es" and page.errors() == []
    assert {n: page.form("/es/join")[n] for n in answers if form[n] == ""} \
        == {n: v for n, v in answers.items() if form[n] == ""}


def test_review_is_checked_again(hall, visitor):
    """What the review page carries is a stranger's word like any other."""
    review = visitor.review({}).form("/join")
    before = count(hall)
    got = visitor.submit(review, {"email": "ana@", "pledge": "0"}, ("step", "send"))
    assert got.status_code == 422
    assert {"f-email", "f-pledge"} <= set(Page(got.text).errors())
    assert count(hall) == before


# ---- sending ----

def test_send(hall, visitor):
    before = count(hall)
    review = visitor.review({"name": word()})
    got = visitor.submit(review.form("/join"), button=("step", "send"))
    assert (got.status_code, got.headers["Location"]) == (303, "/receipt")
    page = visitor.follow(got)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}", page.code())
    assert count(hall) == before + 1
    # Shown again when the page is loaded again, by this browser only.
    assert visitor.page("/receipt").code() == page.code()
    assert Visitor(hall).page("/receipt").code() is None


def test_send_in_spanish(visitor):
    review = visitor.review({}, "/es/join")
    assert review.lang == "es"
    got = visitor.submit(review.form("/es/join"), button=("step", "send"))
    assert got.headers["Location"] == "/es/receipt"
    assert visitor.follow(got).lang == "es"


def test_sent_twice_is_stored_once(hall, visitor):
    before = count(hall)
    form = visitor.review({}).form("/join")
    first = visitor.follow(visitor.submit(form, button=("step", "send")))
    second = visitor.follow(visitor.submit(form, {"name": word()}, ("step", "send")))
    assert second.code() == first.code()
    assert "already" in second.text("h1") and "already" not in first.text("h1")
    assert count(hall) == before + 1
    other = visitor.follow(visitor.submit(visitor.review({}).form("/join"),
                                          button=("step", "send")))
    assert other.code() != first.code()
    assert count(hall) == before + 2


def test_sent_at_once_is_stored_once(hall):
    before = count(hall)
    for n in range(1, 6):
        form = Visitor(hall).review({}).form("/join")

        def press():
            visitor = Visitor(hall)
            return visitor.follow(visitor.submit(form, button=("step", "send"))).code()
        assert len(set(at_once(press, press, press))) == 1
        assert count(hall) == before + n


# ---- the token ----

def test_expired_form_gives_answers_back(hall, visitor):
    form = visitor.page("/join").form("/join")
    answers = complete(form, every=True)
    pairs = dict(form.filled(answers), step="send",
                 token=token(hall.form_key, "join", 25 * 3600))
    before = count(hall)
    got = visitor.post("/join", data=pairs)
    page = Page(got.text)
    again = page.form("/join")
    assert got.status_code == 422 and page.errors() == []
    assert "open for too long" in page.text("main")
    assert again["token"] not in (pairs["token"], form["token"])
    for name, value in answers.items():
        assert again[name] in (value, [value]), name
    assert count(hall) == before
    review = Page(visitor.submit(again).text).form("/join")
    assert visitor.follow(visitor.submit(review, button=("step", "send"))).code()
    assert count(hall) == before + 1
    # The last moment but one is in time.
    pairs["token"] = token(hall.form_key, "join", 24 * 3600 - 30)
    assert visitor.post("/join", data=pairs).status_code == 303


def flipped(text):
    return text[:40] + ("A" if text[40] != "A" else "B") + text[41:]


@pytest.mark.parametrize("spoil", [
    lambda key, good: None, lambda key, good: "", lambda key, good: "x",
    lambda key, good: good[:-1], lambda key, good: good + "A", lambda key, good: flipped(good),
    lambda key, good: "é" * 75, lambda key, good: token(key, "receipt"),
    lambda key, good: token(bytes(32), "join"), lambda key, good: token(key, "join", -400),
    lambda key, good: token(key, "join", time.time())],
    ids=["none", "empty", "short", "cut", "long", "flipped", "not-ascii", "of-another-form",
         "of-another-key", "of-the-future", "of-long-ago"])
def test_forged_token_keeps_answers(hall, visitor, spoil):
    form = visitor.page("/join").form("/join")
    pairs = dict(form.filled(complete(form, {"name": "Ana " + word()})), step="send")
    bad = spoil(hall.form_key, pairs.pop("token"))
    if bad is not None:
        pairs["token"] = bad
    before = count(hall)
    got = visitor.post("/join", data=pairs)
    again = Page(got.text).form("/join")
    assert got.status_code == 422
    assert again["name"] == pairs["name"] and again["token"] != bad
    assert count(hall) == before


def test_too_young(caucus):
    """With the least age that a site is shipped with."""
    visitor = Visitor(caucus)
    form = visitor.page("/join").form("/join")
    start = time.monotonic()
    review = Page(visitor.submit(form, complete(form)).text).form("/join")
    before = count(caucus)
    got = visitor.submit(review, button=("step", "send"))
    page = Page(got.text)
    assert got.status_code == 422 and "very quick" in page.text("main")
    assert count(caucus) == before
    time.sleep(max(0, 4.1 - (time.monotonic() - start)))
    assert visitor.follow(visitor.submit(page.form("/join"), button=("step", "send"))).code()
    assert count(caucus) == before + 1


@pytest.mark.parametrize("headers", [
    {"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Origin": ""},
    {"Origin": "http://127.0.0.1"}, {"Origin": "http://127.0.0.1.example:{port}"},
    {"Origin": "http://elsewhere.example/{base}"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"}])
def test_other_origin_is_refused(hall, headers):
    visitor = Visitor(hall)
    form = visitor.review({"name": "Ana"}).form("/join")
    if "Sec-Fetch-Site" in headers:
        visitor.origin = None
    before = count(hall)
    headers = {name: value.format(port=hall.port, base=hall.base)
               for name, value in headers.items()}
    got = visitor.submit(form, button=("step", "send"), headers=headers)
    assert got.status_code == 403 and "Set-Cookie" not in got.headers
    assert "Ana" not in got.text, "a page elsewhere puts no words into a form of ours"
    assert count(hall) == before


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}])
def test_own_origin_is_enough(hall, headers):
    visitor = Visitor(hall)
    form = visitor.review({}).form("/join")
    visitor.origin = None
    assert visitor.submit(form, button=("step", "send"), headers=headers).status_code == 303


# ---- what should not be there ----

def test_trap(hall, visitor, committee):
    review = visitor.review({"website": "https://spam.example"})
    assert review.form("/join")["website"] == "https://spam.example"
    code = visitor.follow(visitor.submit(review.form("/join"), button=("step", "send"))).code()
    assert code
    (id_,) = hall.sql("SELECT LOWER(HEX(id)) FROM submission WHERE suspect = 1")[-1]
    admin = committee[0]
    assert f"/case/{id_}" in admin.page("/admin/queue?list=suspect").html
    assert "looks automated" in admin.case(id_).text("main")
    # It is neither shown among the others, nor is the applicant told.
    queue, seen = admin.page("/admin/queue"), set()
    while True:
        assert f"/case/{id_}" not in queue.html
        more = [l for l in queue.links if "after=" in l and l not in seen]
        if not more:
            break
        seen.update(more)
        queue = admin.page(more[0])
    assert "automated" not in visitor.status(code).text("main")


def test_undeclared_fields_do_not_exist(hall, visitor, committee, new_case):
    mark = word()
    form = visitor.review({}).form("/join")
    before = {row for row in hall.sql("SELECT HEX(id) FROM submission")}
    pairs = form.filled(button=("step", "send")) + [
        (name, mark) for name in ("state", "id", "desk", "suspect", "receipt", "ended_day",
                                  "vote", mark, "name[]", "f-name", "")]
    visitor.follow(visitor.post("/join", data=pairs))
    (row,) = set(hall.sql("SELECT HEX(id) FROM submission")) - before
    assert hall.sql("SELECT state, suspect, desk, ended_day FROM submission"
                    f" WHERE id = X'{row[0]}'") == [("received", "0", "membership", None)]
    assert mark not in committee[0].case(row[0].lower()).html


HOSTILE = [
    "<script>alert(1)</script>", "</textarea></p></main><script src=//x.example></script>",
    "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)", "\" autofocus onfocus=\"alert(1)",
    "javascript:alert(1)", "&lt;b&gt; &amp;#60; &quot;", "{{name}} {{>form.html}} {{! }}",
    "%3Cscript%3E +%2B", "{$x} ${x} #{x} <%= x %>", "¿Ñandú? 漢字 ‮עברית 🌹 e\u0301",
    "\\'; DROP TABLE submission; --", "]]> --> <!--#include virtual=\"/etc/passwd\" -->"]


def shape(page):
    """What is markup and what an address: no answer may change it."""
    return ({tag for tag, _ in page.tags},
            {name for _, attrs in page.tags for name in attrs})


def test_hostile_answers_are_text_everywhere(hall, visitor, committee):
    admin, known = committee[0], {}
    for text in ["Plain words", *HOSTILE]:
        form = visitor.page("/join").form("/join")
        lines = [c.name for c in form.controls if c.type in ("text", "textarea") and c.name
                 not in ("postcode", "pledge", "pronouns", "website")]
        answers = complete(form, {name: text for name in lines}, every=True)
        before = {row for row in hall.sql("SELECT HEX(id) FROM submission")}

        wrong = Page(visitor.submit(form, {**answers, "email": text, "pledge": text,
                                           "postcode": text}).text)
        again = wrong.form("/join")
        assert {again[name] for name in lines} == {text}
        assert again["email"] == again["pledge"] == again["postcode"] == text

        review = Page(visitor.submit(form, answers).text)
        assert {review.form("/join")[name] for name in lines} == {text}
        code = visitor.follow(visitor.submit(review.form("/join"),
                                             button=("step", "send"))).code()
        (row,) = set(hall.sql("SELECT HEX(id) FROM submission")) - before
        places = {"form": wrong, "review": review, "receipt": visitor.status(code),
                  "case": admin.case(row[0].lower())}
        for place, page in places.items():
            shown = re.sub(r"\s+", " ", text)
            if place != "form":
                assert page.text("dd").count(shown) == len(lines), (place, text)
            assert not any(link.lower().startswith("javascript") for link in page.links)
            # The same page with harmless words has the same markup.
            if text == "Plain words":
                known[place] = shape(page)
            assert shape(page) == known[place], (place, text)


def test_hostile_trap_and_name_of_admin(hall, visitor):
    for text in HOSTILE:
        page = visitor.review({"website": text})
        assert page.form("/join")["website"] == text.replace("\n", "\r\n")
        got = visitor.post("/admin/login", data={
            "token": token(hall.form_key, "admin"), "name": text, "password": "x"})
        assert Page(got.text).form("/admin/login")["name"] == text
        got = visitor.post("/receipt", data={
            "token": token(hall.form_key, "receipt"), "code": text})
        assert Page(got.text).form("/receipt")["code"] == text


# ---- requests that are not of our forms ----

@pytest.mark.parametrize("path, lang", [("/join", "en"), ("/es/join", "es")])
def test_too_large(visitor, path, lang):
    got = visitor.post(path, data={"why": "x" * 200_000})
    page = Page(got.text)
    assert got.status_code == 413 and page.lang == lang
    assert got.headers["Cache-Control"] == "no-store"
    assert ("too much" if lang == "en" else "demasiado") in page.text("h1").lower()


def test_largest_that_passes(hall, visitor):
    form = visitor.page("/join").form("/join")
    pairs = form.filled(complete(form, {"more": ""}))
    room = 128 * 1024 - len(urlencode(pairs))
    got = visitor.post("/join", data=[p for p in pairs if p[0] != "more"]
                       + [("more", "é" * (room // 6))])
    assert len(got.request.body) > 128 * 1024 - 6
    assert got.status_code == 422 and Page(got.text).errors() == ["f-more"]
    assert len(Page(got.text).form("/join")["more"]) == room // 6


@pytest.mark.parametrize("kind", [
    "text/plain", "application/json", "multipart/form-data; boundary=x", "",
    "application/x-www-form-urlencoded-not"])
def test_other_type(visitor, kind):
    got = visitor.post("/join", data=b"name=Ana", headers={"Content-Type": kind})
    assert got.status_code == 415 and Page(got.text).lang == "en"


@pytest.mark.parametrize("body", [
    b"name=%zz", b"name=%4", b"name=%", b"name=%00", b"name=\x00", b"name=%ff", b"name=\xff",
    b"name=%c3", b"name=%ed%a0%80", b"name=%f4%90%80%80", b"%zz=1", b"n%c0%80=1",
    b"&".join(b"a=%d" % i for i in range(401))])
def test_broken_body(visitor, body):
    got = visitor.post("/join", data=body,
                       headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert got.status_code == 400 and Page(got.text).text("h1")


@pytest.mark.parametrize("method, path, status, allow", [
    ("DELETE", "/join", 405, "GET, HEAD, POST"), ("PUT", "/es/join", 405, "GET, HEAD, POST"),
    ("PATCH", "/receipt", 405, "GET, HEAD, POST"), ("OPTIONS", "/join", 405, "GET, HEAD, POST"),
    ("GET", "/receipt/close", 405, "POST"), ("GET", "/admin/logout", 405, "POST"),
    ("POST", "/admin/", 405, "GET, HEAD"), ("GET", "/join/", 404, None),
    ("GET", "/join/more", 404, None), ("POST", "/join/more", 404, None),
    ("DELETE", "/join/more", 404, None), ("GET", "/receipt/nothing", 404, None),
    ("GET", "/admin", 404, None), ("GET", "/nothing", 404, None), ("GET", "/xx/join", 404, None)])
def test_method_and_path(visitor, method, path, status, allow):
    got = visitor.request(method, path)
    assert (got.status_code, got.headers.get("Allow")) == (status, allow)
    page = Page(got.text)
    assert page.text("h1") and page.text("title").startswith(
        "Error:" if not path.startswith("/es") else "Error")


@pytest.mark.parametrize("path", ["/", "/join", "/receipt", "/admin/login", "/nothing",
                                  "/join/nothing", "/receipt/nothing", "/admin/welcome"])
def test_every_page_in_both_languages(visitor, path):
    pages = {}
    for prefix, lang in (("", "en"), ("/es", "es")):
        got = visitor.get(prefix + path)
        pages[lang] = page = Page(got.content.decode("utf-8"))
        assert page.lang == lang
        assert got.headers["Content-Type"].replace(" ", "").lower() == "text/html;charset=utf-8"
    assert pages["en"].text("main") != pages["es"].text("main")
    if "nothing" not in path:
        assert "/es" + path in pages["en"].links and path in pages["es"].links


LONG = "x" * 7000
ODD = [
    ("GET", "/join?" + LONG, {}, None), ("GET", "/join?%zz", {}, None),
    ("GET", "/join?a=%00", {}, None), ("GET", "/join?a=%ff&b", {}, None),
    ("GET", "/join?" + "&".join("a" * 500), {}, None), ("GET", "/es/join%2f", {}, None),
    ("GET", "/%2e%2e/%2e%2e/etc/passwd", {}, None), ("GET", "/es/../join", {}, None),
    ("GET", "//join", {}, None), ("GET", "/join%00", {}, None), ("GET", "/join;a=b", {}, None),
    ("GET", "/" + LONG, {}, None), ("GET", "/admin/case/" + "f" * 5000, {}, None),
    ("GET", "/admin/case/%00", {}, None), ("GET", "/admin/queue?list=x&after=-1", {}, None),
    ("GET", "/admin/queue?after=99999999999999999999-" + "f" * 32, {}, None),
    ("GET", "/admin/welcome?invitation=" + "A" * 90, {}, None),
    ("GET", "/admin/welcome?invitation=" + "A" * 101, {}, None),
    ("GET", "/admin/welcome?invitation=%F0%9F%8C%B9", {}, None),
    *[("GET", path, {"Cookie": cookie}, None) for path in ("/receipt", "/admin/")
      for cookie in ("receipt", "receipt=", "receipt==", "receipt=" + "A" * 3000,
                     "receipt=" + "A" * 139, "session=" + "A" * 43, "session=%00", ";;;; =;=;",
                     "session=é; receipt=é",
                     "receipt=\"x\"", "x" * 7000, "device=" + "_" * 139)],
    ("GET", "/join", {"If-None-Match": "\"" + LONG}, None),
    ("GET", "/join", {"Accept-Language": LONG, "Referer": LONG}, None),
    ("GET", "/join", {"Range": "bytes=0-1,5-6,1-1"}, None),
    ("GET", "/join", {"Host": "x.example"}, None), ("GET", "/join", {"Host": "127.0.0.1"}, None),
    ("POST", "/join", {}, b""), ("POST", "/join", {}, b"&&&&===&=&"),
    ("POST", "/join", {}, b"token=a&token=b&step=send&step=change&name=a&name=b"),
    ("POST", "/join", {}, b"step=" + b"x" * 100_000), ("POST", "/join", {}, b"=" * 100_000),
    ("POST", "/join", {}, b"&".join(b"name=%d" % i for i in range(399))),
    ("POST", "/join", {}, b"pledge=" + b"9" * 5000), ("POST", "/join", {}, b"pledge=-1e999"),
    ("POST", "/join", {}, b"phone=" + b"%2B1" * 5000),
    ("POST", "/join", {}, b"name=" + b"%CC%81" * 9000),
    ("POST", "/join", {}, b"email=" + b"a" * 60_000 + b"@" + b"a." * 10_000),
    ("POST", "/join", {}, b"postcode=" + b"1 -" * 30_000),
    ("POST", "/receipt", {}, b"code=" + b"0" * 201), ("POST", "/receipt", {}, b"code=%20"),
    ("POST", "/receipt", {}, b""), ("POST", "/receipt/withdraw", {}, b""),
    ("POST", "/receipt/close", {}, b""), ("POST", "/admin/login", {}, b"name=&password="),
    ("POST", "/admin/login", {}, b"name=" + b"x" * 257), ("POST", "/admin/login", {}, b""),
    ("POST", "/admin/welcome", {}, b"invitation=" + b"0" * 100),
    ("POST", "/admin/case/0/vote", {}, b"vote=favour"),
]


def logs(stack):
    return [log for program in PROGRAMS for log in (stack.state / "log").glob(f"{program}-*")]


@pytest.mark.parametrize("with_token", [False, True])
def test_no_request_breaks_anything(hall, with_token):
    """Calm answers only, and whoever comes next is served as ever."""
    before, logged = count(hall), {log: log.stat().st_size for log in logs(hall)}
    for method, path, headers, body in ODD:
        if body is not None:
            program = path.split("/")[1]
            headers = {"Content-Type": "application/x-www-form-urlencoded", **headers}
            if with_token:
                body = f"token={token(hall.form_key, program)}&".encode() + body
        elif with_token:
            continue
        status, text = raw(hall, method, path, headers, body)
        assert 200 <= status < 500, (method, path[:80], status)
        if status != 302 and text:
            assert Page(text).text("h1"), (method, path[:80])
    assert count(hall) == before
    assert Visitor(hall).apply()
    for log in logs(hall):
        new = log.read_bytes()[logged.get(log, 0):].decode()
        assert "level=error" not in new and "Sanitizer" not in new, (log.name, new[-2000:])
