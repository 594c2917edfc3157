"""Supporters: a short sign-up that one reviewer accepts; and a person who is known again
where that helps, and nowhere else."""

import re
import time

import pytest

from portal import Page, Visitor, complete, token, word
from stack import wait_for

PATH = "/support"


def ids(stack, desk):
    return {id_ for (id_,) in stack.sql(
        f"SELECT LOWER(HEX(id)) FROM submission WHERE desk = '{desk}'")}


def handed_in(stack, path, desk, **answers):
    """Somebody sends the form: their receipt code and the id of the case."""
    before = ids(stack, desk)
    code = Visitor(stack).apply(answers, path)
    (row,) = ids(stack, desk) - before
    return code, row


def sign_up(stack, **answers):
    return handed_in(stack, PATH, "supporters", **answers)


def state(stack, id_):
    return stack.value(f"SELECT state FROM submission WHERE id = X'{id_}'")


# ---- the form ----

@pytest.mark.parametrize("site", ["hall", "caucus"])
@pytest.mark.parametrize("prefix, lang, title", [
    ("", "en", "support"), ("/es", "es", "simpatizante|apoya")])
def test_form(request, site, prefix, lang, title):
    got = Visitor(request.getfixturevalue(site)).get(prefix + PATH)
    page = Page(got.text)
    assert got.status_code == 200 and got.headers["Cache-Control"] == "no-store"
    assert page.lang == lang and re.search(title, page.text("h1").lower())
    form = page.form(PATH)
    assert form.action == prefix + PATH and form.method == "post"
    labels = {attrs["for"] for tag, attrs in page.tags if tag == "label"}
    for tag, attrs in page.tags:
        if tag in ("input", "textarea") and attrs.get("type") != "hidden":
            assert attrs["id"] in labels, attrs
        for id_ in attrs.get("aria-describedby", "").split():
            assert id_ in page.ids, id_
    # Short: what it takes fits on a page of paper.
    assert len(form.names() - {"token", "website"}) <= 12


@pytest.mark.parametrize("site", ["hall", "caucus"])
@pytest.mark.parametrize("prefix", ["", "/es"])
def test_nothing_is_ticked(request, site, prefix):
    """Neither a list to receive nor a consent is chosen for anybody."""
    form = Visitor(request.getfixturevalue(site)).page(prefix + PATH).form(PATH)
    boxes = [c for c in form.controls if c.type in ("checkbox", "radio")]
    assert {"lists", "can", "count_me", "unit", "language"} <= {c.name for c in boxes}
    assert {c.value for c in boxes if c.name == "lists"} == {"statements", "events", "calls"}
    assert [c.name for c in boxes if c.checked] == []


def test_forms_of_the_sites_differ(hall, caucus):
    asked = [Visitor(stack).page(PATH).form(PATH).names() for stack in (hall, caucus)]
    assert "tie" in asked[1] - asked[0]
    assert {"name", "email", "phone", "lists", "can", "unit"} <= asked[0] & asked[1]


@pytest.mark.parametrize("path", ["/support", "/es/support"])
def test_errors_keep_every_value(hall, path):
    visitor = Visitor(hall)
    form = visitor.page(path).form(path)
    answers = complete(form, every=True)
    answers.update(email="ana@", phone="not digits", name="x" * 201,
                   can=["leaflets", "room"], lists=["events"], unit="nowhere")
    pairs = [*form.filled({**answers, "unit": []}), ("unit", "nowhere"), ("undeclared", "x")]
    before = ids(hall, "supporters")
    got = visitor.post(path, data=pairs)
    page = Page(got.text)
    again = page.form(path)
    assert got.status_code == 422 and page.text("title").startswith(("Error", "Hay"))
    assert set(page.errors()) == {"f-email", "f-phone", "f-name", "f-unit"}
    for id_ in page.errors():
        # Beside the field, and named by it for who does not see.
        assert id_ in page.ids and f"e-{id_[2:]}" in page.ids
        assert f"e-{id_[2:]}" in " ".join(
            attrs.get("aria-describedby", "") for _, attrs in page.tags)
    for name in ("email", "phone", "name", "heard"):
        assert again[name] == answers[name], name
    assert again["can"] == ["leaflets", "room"] and again["lists"] == ["events"]
    assert again["count_me"] == ["yes"] and "undeclared" not in again.names()
    assert again["token"] == form["token"]
    assert ids(hall, "supporters") == before


def test_one_way_to_reach_is_enough(hall):
    visitor = Visitor(hall)
    form = visitor.page(PATH).form(PATH)
    nothing = {name: [] for name in ("can", "lists", "unit", "area", "count_me", "language")}
    got = visitor.submit(form, {**nothing, "name": "Ana"})
    assert got.status_code == 422 and Page(got.text).errors() == ["f-email"]
    for one in ({"email": f"{word()}@example.org"}, {"phone": "212 555 0100"}):
        got = visitor.submit(form, {**nothing, **one})
        assert got.status_code == 200, Page(got.text).errors()


def test_other_language_keeps_answers(hall):
    visitor = Visitor(hall)
    form = visitor.page(PATH).form(PATH)
    answers = complete(form, {"can": ["calls", "room"], "lists": []}, every=True)
    page = Page(visitor.post("/es/support", data=form.filled(answers, ("step", "change"))).text)
    again = page.form(PATH)
    assert page.lang == "es" and page.errors() == [] and again.action == "/es/support"
    assert {n: again[n] for n in ("name", "email", "heard")} \
        == {n: answers[n] for n in ("name", "email", "heard")}
    assert again["can"] == ["calls", "room"] and again["lists"] == []


# ---- sending ----

def test_review_shows_what_is_sent(hall):
    name = word()
    review = Visitor(hall).review({"name": name, "lists": ["events"]}, PATH)
    assert name in review.text("dd") and "Events near me" in review.text("dd")
    assert "New statements" not in review.text("dd")


@pytest.mark.parametrize("prefix", ["", "/es"])
def test_send_and_come_back(hall, prefix):
    visitor, name = Visitor(hall), word()
    review = visitor.review({"name": name}, prefix + PATH)
    got = visitor.submit(review.form(PATH), button=("step", "send"))
    assert (got.status_code, got.headers["Location"]) == (303, prefix + "/receipt")
    page = visitor.follow(got)
    assert page.lang == (prefix[1:] or "en") and page.code()
    again = Visitor(hall).status(page.code(), prefix)
    assert name in again.text("dd") and again.lang == page.lang
    # The same form once more.
    second = visitor.follow(visitor.submit(review.form(PATH), {"name": word()},
                                           ("step", "send")))
    assert second.code() == page.code()


def test_caucus_takes_it_with_its_limits(caucus):
    """As it is shipped: what came back too quickly is asked for again, and nothing is lost."""
    visitor, name = Visitor(caucus), word()
    form = visitor.page(PATH).form(PATH)
    answers = complete(form, {"name": name})
    review = Page(visitor.submit(form, answers).text).form(PATH)
    got = visitor.submit(review, button=("step", "send"))
    page = Page(got.text)
    assert got.status_code == 422 and "very quick" in page.text("main")
    assert page.form(PATH)["name"] == name
    later = dict(review.filled(button=("step", "send")),
                 token=token(caucus.form_key, "support", 10))
    code = visitor.follow(visitor.post(PATH, data=later)).code()
    assert name in visitor.status(code).text("dd")


def test_trap_makes_it_suspect(hall):
    before = ids(hall, "supporters")
    review = Visitor(hall).review({}, PATH)
    visitor = Visitor(hall)
    pairs = [(n, "http://spam" if n == "website" else v)
             for n, v in review.form(PATH).filled(button=("step", "send"))]
    page = visitor.follow(visitor.post(PATH, data=pairs))
    (id_,) = ids(hall, "supporters") - before
    # Whoever it is, they learn nothing of it.
    assert page.code() and "arrived" in page.text("h1")
    assert hall.value(f"SELECT suspect FROM submission WHERE id = X'{id_}'") == "1"


def test_expired_page_keeps_everything(hall):
    visitor = Visitor(hall)
    form = visitor.page(PATH).form(PATH)
    answers = complete(form, {"can": ["room"]}, every=True)
    before = ids(hall, "supporters")
    for bad in (token(hall.form_key, "support", 25 * 3600), token(hall.form_key, "join", 10),
                "nonsense", ""):
        data = [(n, bad if n == "token" else v)
                for n, v in form.filled(answers, ("step", "review"))]
        got = visitor.post(PATH, data=data)
        page = Page(got.text)
        again = page.form(PATH)
        assert got.status_code == 422 and "open for too long" in page.text("main")
        assert again["name"] == answers["name"] and again["can"] == ["room"]
        assert again["token"] not in (bad, form["token"])
        assert visitor.submit(again).status_code == 200
    assert ids(hall, "supporters") == before


def test_from_another_site_is_refused(hall):
    visitor = Visitor(hall)
    form = visitor.page(PATH).form(PATH)
    before = ids(hall, "supporters")
    data = form.filled(complete(form), ("step", "review"))
    assert visitor.post(PATH, data=data,
                        headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert visitor.post(PATH, data=data).status_code == 200
    assert ids(hall, "supporters") == before


def test_head(hall):
    visitor = Visitor(hall)
    full, head = visitor.get(PATH), visitor.head(PATH)
    assert head.status_code == 200 and head.content == b""
    assert int(head.headers["Content-Length"]) == len(full.content)


# ---- deciding ----

def test_one_reviewer_accepts(hall, committee):
    """The site's rule for supporters; that for members asks for more."""
    admin, name = committee[0], word()
    code, id_ = sign_up(hall, name=name)
    assert state(hall, id_) == "received"
    assert name in admin.page("/admin/queue?desk=supporters&list=received").text("table")
    admin.follow(admin.open(id_))
    assert state(hall, id_) == "review"
    admin.follow(admin.vote(id_, "favour"))
    assert state(hall, id_) == "accepted"
    page = Visitor(hall).status(code)
    assert "one of our supporters now" in page.text("main")
    assert "Aceptada" in Visitor(hall).status(code, "/es").text("li")
    # It is not the one vote that makes a member.
    code, id_ = handed_in(hall, "/join", "membership")
    admin.follow(admin.open(id_))
    admin.follow(admin.vote(id_, "favour"))
    assert state(hall, id_) == "review"


def test_one_reviewer_declines(hall, committee):
    code, id_ = sign_up(hall)
    committee[1].follow(committee[1].open(id_))
    committee[1].follow(committee[1].vote(id_, "against"))
    assert state(hall, id_) == "declined"
    assert "not accepted this time" in Visitor(hall).status(code).text("main")


# ---- the same person ----

def same(admin, id_):
    """What the page of a case says about others of the same person: links, words."""
    page = admin.case(id_)
    found = re.search(r"Probably the same person.*?</ul>", page.html, re.S)
    return (re.findall(r"/admin/case/([0-9a-f]{32})", found[0]), found[0]) if found \
        else ([], "")


def contacts(stack, id_):
    return int(stack.value(f"SELECT COUNT(*) FROM contact WHERE submission = X'{id_}'"))


def looked_at(stack, admin, *ids_):
    """An address is known once the case was opened by its desk."""
    for id_ in ids_:
        admin.case(id_)
        wait_for(lambda: contacts(stack, id_) > 0)


@pytest.mark.parametrize("first, then", [
    # As people write one and the same.
    ({"email": "{0}@Example.org", "phone": ""}, {"email": "{1}@example.ORG", "phone": ""}),
    ({"email": "", "phone": "+1 (212) 555-{2}"}, {"email": "", "phone": "212.555.{2}"}),
])
def test_supporter_who_applies_is_known_again(hall, committee, first, then):
    mark, last = word(), f"{time.monotonic_ns() // 1000 % 10000:04}"
    fill = lambda answers: {n: v.format(mark, mark.upper(), last)      # noqa: E731
                            for n, v in answers.items()}
    admin, name = committee[0], word()
    _, supporter = sign_up(hall, **fill(first))
    looked_at(hall, admin, supporter)
    admin.follow(admin.open(supporter))
    admin.follow(admin.vote(supporter, "favour"))
    _, member = handed_in(hall, "/join", "membership", name=name, **fill(then))
    _, stranger = handed_in(hall, "/join", "membership", phone="")
    looked_at(hall, admin, member, stranger)
    links, text = same(admin, member)
    assert links == [supporter]
    assert "Supporters" in text and "Accepted" in text
    # Shown, and nothing put together: each keeps its own answers.
    assert "Nothing is merged" in text
    assert name not in admin.case(supporter).text("dd")
    assert same(admin, supporter)[0] == [member]
    assert same(admin, stranger) == ([], "")


def test_aid_and_membership_do_not_know_each_other(hall, committee):
    """Whoever asked for help is not shown to who decides on their membership, though the
    number is the same to the digit; nor the other way round."""
    phone, admin = f"+1212555{time.monotonic_ns() // 1000 % 10000:04}", committee[0]
    email = f"{word()}@example.org"
    _, aid = handed_in(hall, "/aid/request", "aid", phone=phone, email=email)
    _, member = handed_in(hall, "/join", "membership", phone=phone, email=email)
    _, supporter = sign_up(hall, phone=phone, email=email)
    _, second = handed_in(hall, "/aid/request", "aid", phone=phone, email="")
    looked_at(hall, admin, aid, member, supporter, second)
    assert sorted(same(admin, member)[0]) == [supporter]
    assert same(admin, supporter)[0] == [member]
    assert same(admin, aid)[0] == [second] and same(admin, second)[0] == [aid]
    # In the store neither stands as the other's.
    shared = hall.sql("SELECT a.hash FROM contact a JOIN contact b ON a.hash = b.hash"
                      f" WHERE a.submission IN (X'{aid}', X'{second}')"
                      f" AND b.submission IN (X'{member}', X'{supporter}')")
    assert shared == []


def test_answers_are_nowhere_in_public(hall, committee):
    """Nor is it told that somebody signed up."""
    mark = word(16)
    code, id_ = sign_up(hall, name=f"Name {mark}", heard=f"Heard {mark}",
                        email=f"{mark}@example.org", can=["room"])
    admin = committee[0]
    admin.follow(admin.open(id_))
    admin.follow(admin.vote(id_, "favour"))
    for path in ("/", "/support", "/join", "/aid", "/aid/request", "/units", "/receipt"):
        for prefix in ("", "/es"):
            got = Visitor(hall).get(prefix + path)
            assert got.status_code == 200, path
            assert mark not in got.text and code not in got.text, path
    assert mark in Visitor(hall).status(code).html
