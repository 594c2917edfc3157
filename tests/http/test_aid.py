"""Mutual aid: asking and offering with no name and no address; and a public page whose counts
tell of nobody."""

import re
from html import unescape

import pytest

from portal import Page, Visitor, complete, raw, token, word
from stack import wait_for
from test_support import handed_in, ids, state
from test_units import FLOOR, count_again

PATH = "/aid/request"
# What nobody has to give.
OWN = ("name", "email", "phone", "reach_how", "crossing", "details")


def send(stack, **answers):
    return handed_in(stack, PATH, "aid", **answers)


def row(stack, id_):
    """Its kind, state, urgency, and what stands readable beside the sealed answers."""
    (got,) = stack.sql("SELECT kind, state, urgency, facets FROM submission"
                       f" WHERE id = X'{id_}'")
    return got


def least(form, **answers):
    """Only what must be answered, and `answers`."""
    out = {c.name: [] if c.type in ("checkbox", "radio") else "" for c in form.controls
           if c.name not in (None, "token", "step", "website") and c.type != "hidden"}
    return {**out, "urgency": "week", "whom": "myself", "area": "riverside",
            "reach": "receipt", "visible": "coordinators", **answers}


# ---- the form ----

@pytest.mark.parametrize("site", ["hall", "caucus"])
@pytest.mark.parametrize("prefix, lang", [("", "en"), ("/es", "es")])
def test_form(request, site, prefix, lang):
    got = Visitor(request.getfixturevalue(site)).get(prefix + PATH)
    page = Page(got.text)
    assert got.status_code == 200 and got.headers["Cache-Control"] == "no-store"
    assert page.lang == lang
    form = page.form(PATH)
    assert form.action == prefix + PATH
    labels = {attrs["for"] for tag, attrs in page.tags if tag == "label"}
    for tag, attrs in page.tags:
        if tag in ("input", "textarea") and attrs.get("type") != "hidden":
            assert attrs["id"] in labels, attrs
    assert {"needs", "offers", "area", "urgency", "repeats", "whom", "language",
            "visible"} <= form.names()
    assert not [c.name for c in form.controls if c.checked]


def test_sites_offer_their_own_kinds_of_help(hall, caucus):
    kinds = [{c.value for c in Visitor(stack).page(PATH).form(PATH).controls
              if c.name == "needs"} for stack in (hall, caucus)]
    assert "strike-fund" in kinds[1] - kinds[0] and "shelter" in kinds[0] - kinds[1]


@pytest.mark.parametrize("needs, offers, kind, begins", [
    (["food", "rides"], [], "ask", "needed"), ([], ["repairs"], "offer", "offered"),
    (["food"], ["repairs", "company"], "ask", "needed")])
def test_ask_offer_or_both(hall, needs, offers, kind, begins):
    """Without an e-mail address, a street or a name; the receipt is enough."""
    visitor, before = Visitor(hall), ids(hall, "aid")
    form = visitor.page(PATH).form(PATH)
    answers = least(form, needs=needs, offers=offers)
    assert not any(answers[name] for name in OWN)
    got = visitor.submit(form, answers)
    assert got.status_code == 200, Page(got.text).errors()
    got = visitor.submit(Page(got.text).form(PATH), button=("step", "send"))
    code = visitor.follow(got).code()
    (id_,) = ids(hall, "aid") - before
    facets = row(hall, id_)[3].split("&")
    assert row(hall, id_)[:3] == (kind, begins, "1")
    assert sorted(facets) == sorted(["area=riverside", "urgency=week",
                                     *(f"need={x}" for x in needs),
                                     *(f"offer={x}" for x in offers)])
    page = Visitor(hall).status(code)
    assert page.text("h1") == "Where it stands" and "Riverside" in page.text("dd")


@pytest.mark.parametrize("prefix", ["", "/es"])
def test_neither_is_an_error(hall, prefix):
    visitor, before = Visitor(hall), ids(hall, "aid")
    form = visitor.page(prefix + PATH).form(PATH)
    got = visitor.submit(form, least(form, details=f"Words {word()}"))
    page = Page(got.text)
    assert got.status_code == 422 and page.errors() == ["f-needs"] and "e-needs" in page.ids
    assert page.form(PATH)["details"].startswith("Words ")
    assert ids(hall, "aid") == before


@pytest.mark.parametrize("site", ["hall", "caucus"])
def test_what_must_be_answered(request, site):
    stack = request.getfixturevalue(site)
    visitor = Visitor(stack)
    form = visitor.page(PATH).form(PATH)
    answers = {name: [] if isinstance(value, list) else "" for name, value
               in least(form).items()}
    radio = ("urgency", "whom", "area", "reach", "visible")
    got = visitor.submit(form, {**answers, **{name: [] for name in radio}})
    assert got.status_code == 422
    assert set(Page(got.text).errors()) == {"f-needs", *(f"f-{name}" for name in radio)}


def test_errors_keep_every_value(hall):
    visitor = Visitor(hall)
    form = visitor.page(PATH).form(PATH)
    answers = complete(form, {"needs": ["money", "food"], "offers": ["company"],
                              "whom": "agreed", "urgency": "today"}, every=True)
    answers.update(email="ana@", phone="no", people="0", details="x" * 1501, area="moon")
    pairs = [(n, v) for n, v in form.filled({**answers, "area": []})] + [("area", "moon")]
    before = ids(hall, "aid")
    got = visitor.post(PATH, data=pairs)
    page = Page(got.text)
    again = page.form(PATH)
    assert got.status_code == 422
    assert set(page.errors()) == {"f-email", "f-phone", "f-people", "f-details", "f-area"}
    for id_ in page.errors():
        assert id_ in page.ids and f"e-{id_[2:]}" in page.ids
    for name in ("email", "phone", "people", "details", "crossing", "name", "reach_how"):
        assert again[name] == answers[name], name
    assert sorted(again["needs"]) == ["food", "money"] and again["offers"] == ["company"]
    assert again["whom"] == ["agreed"] and again["urgency"] == ["today"]
    assert ids(hall, "aid") == before


def test_other_language_keeps_answers(hall):
    visitor = Visitor(hall)
    page = visitor.page(PATH)
    answers = complete(page.form(PATH), {"needs": ["food"], "offers": ["rides"]}, every=True)
    # As the button of the form sends it.
    (to,) = {attrs["formaction"] for tag, attrs in page.tags if "formaction" in attrs}
    page = Page(visitor.post(to, data=page.form(PATH).filled(answers,
                                                             ("step", "change"))).text)
    again = page.form(PATH)
    assert page.lang == "es" and again.action == "/es" + PATH and page.errors() == []
    for name, value in answers.items():
        assert again[name] in (value, [value]), name


# ---- sending ----

def test_language_of_the_page_goes_along(hall):
    """Who chooses none is written to in that of the page; who asks for another is found by
    it."""
    code, id_ = send(hall, language="other", language_other="Quechua")
    assert "language=other" in row(hall, id_)[3].split("&")
    assert "Quechua" in Visitor(hall).status(code).text("dd")
    visitor = Visitor(hall)
    code = visitor.apply({"language": []}, "/es" + PATH)
    page = Visitor(hall).status(code, "/es")
    assert page.lang == "es" and page.text("dd")


def test_sent_twice_is_one(hall):
    visitor, before = Visitor(hall), ids(hall, "aid")
    review = visitor.review({}, PATH).form(PATH)
    first = visitor.follow(visitor.submit(review, button=("step", "send")))
    second = visitor.follow(visitor.submit(review, button=("step", "send")))
    assert second.code() == first.code() and "already" in second.text("h1")
    assert "already" not in first.text("h1")
    assert len(ids(hall, "aid") - before) == 1


def test_urgency_is_in_the_order_of_the_form(hall):
    got = [row(hall, send(hall, urgency=how)[1])[2]
           for how in ("today", "week", "month", "whenever")]
    assert got == ["0", "1", "2", "3"]


def test_trap_makes_it_suspect(hall, committee):
    visitor, before = Visitor(hall), ids(hall, "aid")
    review = visitor.review({}, PATH)
    pairs = [(n, "x" if n == "website" else v)
             for n, v in review.form(PATH).filled(button=("step", "send"))]
    assert visitor.follow(visitor.post(PATH, data=pairs)).code()
    (id_,) = ids(hall, "aid") - before
    assert hall.value(f"SELECT suspect FROM submission WHERE id = X'{id_}'") == "1"
    assert id_ in committee[0].queue("aid", "suspect").html
    assert id_ not in committee[0].queue("aid", "ask").html


def test_expired_page_keeps_everything(hall):
    visitor, before = Visitor(hall), ids(hall, "aid")
    form = visitor.page(PATH).form(PATH)
    answers = complete(form, {"needs": ["food", "care"], "offers": []}, every=True)
    for bad in (token(hall.form_key, "aid", 25 * 3600), token(hall.form_key, "support", 10),
                "", "x" * 300):
        for step in ("review", "send"):
            data = [(n, bad if n == "token" else v)
                    for n, v in form.filled(answers) if n != "step"] + [("step", step)]
            got = visitor.post(PATH, data=data)
            page = Page(got.text)
            again = page.form(PATH)
            assert got.status_code == 422 and "open for too long" in page.text("main")
            assert {n: again[n] for n in OWN} == {n: answers[n] for n in OWN}
            assert sorted(again["needs"]) == ["care", "food"]
            assert again["token"] not in (bad, form["token"])
    assert ids(hall, "aid") == before
    assert visitor.submit(again).status_code == 200


# ---- what is not let in ----

def test_oversize(hall):
    """One answer too long is said beside it; a body beyond all limits is refused whole."""
    visitor, before = Visitor(hall), ids(hall, "aid")
    form = visitor.page(PATH).form(PATH)
    for name, most in (("details", 1500), ("crossing", 120), ("name", 100)):
        text = "ñ" * (most + 1)
        got = visitor.submit(form, least(form, needs=["food"], **{name: text}))
        page = Page(got.text)
        assert (got.status_code, page.errors()) == (422, [f"f-{name}"])
        assert page.form(PATH)[name] == text
        got = visitor.submit(form, least(form, needs=["food"], **{name: text[1:]}))
        assert got.status_code == 200, name
    got = visitor.submit(form, least(form, needs=["food"], details="x" * 140_000))
    assert got.status_code == 413 and Page(got.text).text("h1")
    many = [*form.filled(least(form, needs=["food"])), *([("needs", "food")] * 500)]
    assert visitor.post(PATH, data=many).status_code == 400
    assert ids(hall, "aid") == before


def test_from_another_site_is_refused(hall):
    visitor, before = Visitor(hall), ids(hall, "aid")
    form = visitor.page(PATH).form(PATH)
    data = form.filled(least(form, needs=["food"]), ("step", "review"))
    data = [(n, "send" if n == "step" else v) for n, v in data]
    for origin in ("https://elsewhere.example", "null", hall.base + ".example"):
        got = visitor.post(PATH, data=data, headers={"Origin": origin})
        assert got.status_code == 403 and "Set-Cookie" not in got.headers, origin
    assert ids(hall, "aid") == before
    assert visitor.post(PATH, data=data).status_code == 303


@pytest.mark.parametrize("path", ["/aid", PATH, "/units"])
def test_head_and_methods(hall, path):
    visitor = Visitor(hall)
    visitor.headers["Accept-Encoding"] = "identity"
    full, head = visitor.get(path), visitor.head(path)
    assert head.status_code == 200 and head.content == b""
    for name in ("Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers[name] == full.headers[name], name
    assert int(head.headers["Content-Length"]) == len(full.content)
    if path != PATH:
        got = visitor.post(path, data={"token": token(hall.form_key, "aid", 10)})
        assert got.status_code == 405 and "GET" in got.headers["Allow"]
    assert raw(hall, "DELETE", path)[0] == 405


@pytest.mark.parametrize("path", ["/aid", "/units", "/es/aid", "/es/units"])
def test_public_pages_may_be_kept_for_a_moment(hall, path):
    got = Visitor(hall).get(path)
    assert got.headers["Cache-Control"] == "public, max-age=10"
    assert "Set-Cookie" not in got.headers
    assert "token" not in {c.name for f in Page(got.text).forms for c in f.controls}
    again = Visitor(hall).get(path, headers={"If-None-Match": got.headers["ETag"]})
    assert again.status_code == 304 and again.content == b""


# ---- what the public sees ----

def cells(stack, prefix=""):
    """The table of what is being worked on: {(kind of help, area): (needed, offered)}."""
    # As nobody asked for it before: nginx keeps a page for a second.
    html = Visitor(stack).page(f"{prefix}/aid?{word()}").html
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td>'
                      r"<td>(.*?)</td></tr>", html)
    count = lambda text: int(text) if text.isdigit() else 0      # noqa: E731
    return {(unescape(kind), unescape(area)): (count(need), count(offer))
            for kind, area, need, offer in rows}


def test_page_says_what_and_how(hall, caucus):
    for stack, kind in ((hall, "A place to stay"), (caucus, "Strike")):
        page = Visitor(stack).page("/aid")
        assert kind in page.text("li") and PATH in page.links and "/receipt" in page.links
        assert page.text("ol")
        assert "/es" + PATH in Visitor(stack).page("/es/aid").links


def test_counts_from_the_floor(hall, committee):
    """Each kind of help in each area by itself: nothing below the floor, in either language;
    only what a coordinator has moved, and nothing that has ended or is a machine's."""
    admin, area = committee[0], "north-hill"
    assert hall.value(f"SELECT COUNT(*) FROM facet WHERE area = '{area}'") == "0"

    def told():
        count_again(hall)
        got = [{at: n for at, n in cells(hall, prefix).items() if at[1] == "North Hill"}
               for prefix in ("", "/es")]
        assert sorted(got[0].values()) == sorted(got[1].values())
        for (n,) in hall.sql("SELECT n FROM census"):
            assert int(n) >= FLOOR
        return got[0]

    # A stranger alone cannot make a number appear.
    moved = [send(hall, needs=["childcare", "papers"], offers=[], area=area)[1]
             for _ in range(FLOOR + 2)]
    assert told() == {}
    for n, id_ in enumerate(moved[:FLOOR], 1):
        admin.follow(admin.move(id_, "started"))
        both = {("Childcare", "North Hill"): (n, 0),
                ("Forms, letters and offices", "North Hill"): (n, 0)}
        assert told() == (both if n >= FLOOR else {}), n
    # In another area one more is one alone; and an offer is no request.
    other = send(hall, needs=["childcare"], area="harbour-side")[1]
    admin.follow(admin.move(other, "started"))
    offer = send(hall, needs=[], offers=["childcare"], area=area)[1]
    admin.follow(admin.move(offer, "started"))
    hall.sql(f"UPDATE submission SET suspect = 1 WHERE id = X'{moved[FLOOR]}'")
    admin.follow(admin.move(moved[FLOOR], "started"))
    assert told() == both
    assert ("Childcare", "Harbour Side") not in cells(hall)
    # More of them; then fewer.
    admin.follow(admin.move(moved[FLOOR + 1], "assigned"))
    assert told()["Childcare", "North Hill"] == (FLOOR + 1, 0)
    for id_ in moved[:2]:
        admin.follow(admin.move(id_, "complete"))
    assert told() == {}
    assert state(hall, moved[0]) == "complete"


def test_facets_are_rows_while_a_case_is_open(hall, committee):
    """The courier files what a queue is found by, and takes it away at the end."""
    _, id_ = send(hall, needs=["food", "rides"], offers=["care"], area="riverside",
                  urgency="today", language="es")

    def rows():
        return sorted(hall.sql("SELECT name, value, area FROM facet"
                               f" WHERE submission = X'{id_}'"))
    wanted = sorted((n, v, "riverside") for n, v in (
        ("need", "food"), ("need", "rides"), ("offer", "care"), ("area", "riverside"),
        ("urgency", "today"), ("language", "es")))
    wait_for(lambda: rows() == wanted)
    admin = committee[0]
    admin.follow(admin.move(id_, "assigned"))
    assert rows() == wanted
    admin.follow(admin.move(id_, "passedon"))
    wait_for(lambda: rows() == [])
    admin.follow(admin.move(id_, "started"))
    wait_for(lambda: rows() == wanted)


def test_answers_are_nowhere_in_public(hall, committee):
    """Not while it waits, nor while it is worked on, nor when it is counted."""
    mark, codes = word(16), []
    for _ in range(FLOOR):
        code, id_ = send(hall, needs=["shelter"], offers=[], area="old-market",
                         details=f"Because {mark}", name=f"Name {mark}",
                         crossing=f"At {mark}", language="other",
                         language_other=mark, email=f"{mark}@example.org", reach="email")
        committee[0].follow(committee[0].move(id_, "started", f"Note {mark}"))
        codes.append(code)
    count_again(hall)
    assert cells(hall)["A place to stay", "Old Market"] == (FLOOR, 0)
    for path in ("/", "/support", "/join", "/aid", PATH, "/units", "/receipt"):
        for prefix in ("", "/es"):
            got = Visitor(hall).get(prefix + path)
            assert got.status_code == 200 and mark not in got.text, path
            assert not [code for code in codes if code in got.text], path
            assert id_ not in got.text.lower(), path
    assert mark in Visitor(hall).status(codes[0]).html
