"""Units: kept in the back office, offered in the forms, each with a page; and how many others
near by would start one, which is told only where they are several."""

import re
import time

import pytest

from portal import Admin, Page, Visitor, complete, word
from stack import wait_for
from test_support import handed_in, state

FORM_OF = {"workplace": "/join", "neighbourhood": "/join", "city": "/join",
           "supporters": "/support"}
FLOOR = 3       # as both sites are shipped


def saved(admin, at, step="save", **fields):
    """Fill in the form of a unit, where `at` is its slug or "new"."""
    form = admin.page(f"/admin/units/{at}").form(f"/admin/units/{at}")
    pairs = [(n, v) for n, v in form.filled(button=("step", step)) if n not in fields]
    return admin.post(form.action, data=[*pairs, *fields.items()])


def add(admin, stack, name, kind="neighbourhood", **fields):
    """A new unit's slug."""
    fields = {"kind": kind, "state": "active", "area": "", "about": "", **fields}
    admin.follow(saved(admin, "new", name=name, **fields))
    return stack.value(f"SELECT slug FROM unit WHERE name = '{name}'")


def offered(stack, path, name="unit"):
    form = Visitor(stack).page(path).form(path.removeprefix("/es"))
    return [c.value for c in form.controls if c.name == name]


def always(stack, path, slug, there):
    """Both workers of a program say so: asked a few times it is the same."""
    return all((slug in offered(stack, path)) == there for _ in range(6))


def count_again(stack):
    """The courier has filed what there is and has taken a new census."""
    wait_for(lambda: stack.value("SELECT COUNT(*) FROM submission WHERE filed = 0") == "0")
    stack.sql("INSERT INTO census (name, value, area, n) VALUES ('probe', 'x', '', 9)")
    stack.sql("UPDATE duty SET next_at = 0 WHERE name = 'census'")
    wait_for(lambda: stack.value("SELECT COUNT(*) FROM census WHERE name = 'probe'") == "0")


# ---- keeping them ----

def test_added_unit_is_offered_and_has_a_page(hall, committee):
    admin, name = committee[0], f"Tenants of {word(6)} & <Co>"
    slug = add(admin, hall, name, "neighbourhood", area="old-market", state="forming",
               about="We meet\non <Thursdays>.")
    added = time.monotonic()
    assert re.fullmatch(r"[a-z][a-z0-9-]*", slug)
    assert name in admin.page("/admin/units").text("table")
    each = {kind: add(admin, hall, f"Unit {word()}", kind)
            for kind in ("workplace", "city", "supporters")} | {"neighbourhood": slug}
    for kind, there in each.items():
        wait_for(lambda: always(hall, FORM_OF[kind], there, True), 12, 0.2)
    assert time.monotonic() - added < 12
    assert always(hall, "/es/join", slug, True)
    # Each kind in the form that asks for it, and in no other.
    for kind, there in each.items():
        (other,) = {"/join", "/support"} - {FORM_OF[kind]}
        assert there not in offered(hall, other), kind
    got = Visitor(hall).get(f"/units/{slug}")
    page = Page(got.text)
    assert name in page.text("h1") and "Old Market" in page.text("main")
    assert "We meet on <Thursdays>." in page.text("main")
    assert "being put together" in page.text("main")
    assert "max-age=10" in got.headers["Cache-Control"] and "public" in got.headers["Cache-Control"]
    listed = Visitor(hall).page(f"/units?{word()}")
    assert f"/units/{slug}" in listed.links and name in listed.text("li")
    spanish = Visitor(hall).page(f"/es/units/{slug}")
    assert spanish.lang == "es" and name in spanish.text("h1")


@pytest.mark.parametrize("fields, where", [
    ({"name": ""}, "#name"), ({"name": "x" * 121}, "#name"), ({"kind": "party"}, "#kind"),
    ({"state": "gone"}, "#in-state"), ({"area": "moon"}, "#area"),
    ({"about": "x" * 2001}, "#about")])
def test_mistakes_keep_what_was_typed(hall, committee, fields, where):
    before = hall.value("SELECT COUNT(*) FROM unit")
    typed = {"name": f"Unit {word()}", "kind": "city", "state": "resting",
             "area": "riverside", "about": f"About {word()}", **fields}
    got = saved(committee[0], "new", **typed)
    page = Page(got.text)
    assert got.status_code == 422 and page.errors() == [where[1:]]
    assert where[1:] in page.ids
    form = page.form("/admin/units/new")
    assert form["name"] == typed["name"] and form["about"] == typed["about"]
    if fields.keys() & {"kind", "state"} == set():
        assert form["kind"] == ["city"] and form["state"] == ["resting"]
    assert hall.value("SELECT COUNT(*) FROM unit") == before


def test_name_may_change_and_its_address_stays(hall, committee):
    admin, name = committee[0], f"Unit {word()}"
    slug = add(admin, hall, name)
    again = add(admin, hall, name + ".")
    assert again != slug
    admin.follow(saved(admin, slug, name=f"Renamed {name}", state="resting"))
    page = Visitor(hall).page(f"/units/{slug}?{word()}")
    assert f"Renamed {name}" in page.text("h1") and "resting" in page.text("main")


def test_unknown_unit(hall):
    for slug in ("no-such", "NO", "a" * 200, "%27", "x/y"):
        assert Visitor(hall).get(f"/units/{slug}").status_code == 404, slug


def test_only_who_keeps_them_may(hall, committee):
    """Who serves at the desk of aid alone reads the list; a stranger is asked to log in."""
    aid = Admin(hall, f"Rosa {word(4)}").accept(committee[0].invite(["aid"]))
    name = f"Unit {word()}"
    slug = add(committee[0], hall, name)
    before = hall.sql("SELECT * FROM unit")
    page = aid.page("/admin/units")
    assert name in page.text("table") and f"/admin/units/{slug}" not in page.links
    fields = {"name": "Ours", "kind": "city", "state": "active", "area": "", "about": ""}
    sent = {**fields, "token": committee[0].page("/admin/units/new")
            .form("/admin/units/new")["token"]}
    own = aid.page("/admin/account").form("/admin/logout")["token"]
    for at in ("new", slug):
        assert aid.get(f"/admin/units/{at}").status_code == 403
        for step in ("save", "remove"):
            got = aid.post(f"/admin/units/{at}", data={**fields, "step": step, "token": own})
            assert got.status_code == 403, (at, step)
            got = Visitor(hall).post(f"/admin/units/{at}", data={**sent, "step": step})
            assert got.status_code != 200 and "Location" not in got.headers, (at, step)
    assert Visitor(hall).get("/admin/units").headers["Location"] == "/admin/login"
    assert hall.sql("SELECT * FROM unit") == before


# ---- what was removed ----

@pytest.fixture(scope="module")
def chosen(hall, committee):
    """Two Supporters' Units that the form offers."""
    slugs = [add(committee[0], hall, f"Unit {word()}", "supporters") for _ in range(2)]
    wait_for(lambda: all(always(hall, "/support", slug, True) for slug in slugs), 12, 0.2)
    return slugs


def test_removed_unit_is_refused_and_nothing_lost(hall, committee, chosen):
    admin, slug = committee[0], chosen[0]
    visitor = Visitor(hall)
    form = visitor.page("/support").form("/support")
    answers = complete(form, {"unit": slug, "can": ["room"]}, every=True)
    review = Page(visitor.submit(form, answers).text).form("/support")
    before = hall.value("SELECT COUNT(*) FROM submission")
    admin.follow(saved(admin, slug, "remove"))
    assert visitor.get(f"/units/{slug}?{word()}").status_code == 404
    wait_for(lambda: always(hall, "/support", slug, False), 12, 0.5)
    for late, step in ((form, "review"), (review, "send")):
        data = late.filled(answers if step == "review" else None, ("step", step))
        got = visitor.post("/support", data=data)
        page = Page(got.text)
        again = page.form("/support")
        assert got.status_code == 422 and page.errors() == ["f-unit"], step
        assert again["name"] == answers["name"] and again["heard"] == answers["heard"]
        assert again["can"] == ["room"] and again["unit"] == []
    assert hall.value("SELECT COUNT(*) FROM submission") == before
    # Chosen anew, it goes.
    assert visitor.submit(again, {"unit": "start"}).status_code == 200


def test_unit_that_somebody_waits_for_stays(hall, committee, chosen):
    admin, slug = committee[0], chosen[1]
    _, id_ = handed_in(hall, "/support", "supporters", unit=slug)
    got = saved(admin, slug, "remove")
    assert got.status_code == 409 and "chosen this Unit" in got.text
    assert hall.value(f"SELECT COUNT(*) FROM unit WHERE slug = '{slug}'") == "1"
    # It is the case, and not its facet alone: before and after it was filed.
    wait_for(lambda: hall.value(f"SELECT filed FROM submission WHERE id = X'{id_}'") == "1")
    assert saved(admin, slug, "remove").status_code == 409
    admin.follow(admin.open(id_))
    admin.follow(admin.vote(id_, "against"))
    admin.follow(saved(admin, slug, "remove"))
    assert hall.value(f"SELECT COUNT(*) FROM unit WHERE slug = '{slug}'") == "0"


# ---- others near you ----

def numbers(text):
    return [int(n) for n in re.findall(r"\d+", text)]


def said(page):
    """The numbers that a receipt says of others: under the course of the case and above the
    conversation."""
    above = page.html.partition('id="messages"')[0]
    return [n for text in re.findall(r"^<p>([^<]*)</p>$", above, re.M) for n in numbers(text)]


def near(stack, slug, codes=(), prefix=""):
    """The numbers that a unit's page and the receipts say of others near by."""
    # As nobody asked for it before: nginx keeps a page for a second.
    html = Visitor(stack).page(f"{prefix}/units/{slug}?{word()}").html
    told = [n for text in re.findall(r'<div class="notice"><p>(.*?)</p>', html)
            for n in numbers(text)]
    return [told, *(said(Visitor(stack).status(code, prefix)) for code in codes)]


def test_others_near_from_the_floor(hall, committee):
    """Two are nobody's business.  From three on the page of a unit there says how many, and a
    receipt how many others: its own does not count."""
    admin, area = committee[0], "mill-quarter"
    slug = add(admin, hall, f"Unit {word()}", area=area)
    assert hall.value("SELECT COUNT(*) FROM facet WHERE name = 'near'"
                      f" AND value = '{area}'") == "0"

    def supporter(**answers):
        return handed_in(hall, "/support", "supporters", **{
            "area": area, "unit": "start", "count_me": ["yes"], **answers})

    def accept(id_):
        admin.follow(admin.open(id_))
        admin.follow(admin.vote(id_, "favour"))
        assert state(hall, id_) == "accepted"

    # None of these is ever counted: no consent, another area, not accepted, a machine's.
    silent, silent_id = supporter(count_me=[])
    accept(silent_id)
    accept(supporter(area="elsewhere")[1])
    waiting, _ = supporter()
    _, machine = supporter()
    hall.sql(f"UPDATE submission SET suspect = 1 WHERE id = X'{machine}'")
    accept(machine)
    _, id_ = supporter()
    admin.follow(admin.open(id_))
    admin.follow(admin.vote(id_, "against"))

    codes = []
    for n in range(1, FLOOR + 2):
        code, id_ = supporter()
        codes.append(code)
        accept(id_)
        count_again(hall)
        page = [n] if n >= FLOOR else []
        own = [n - 1] if n - 1 >= FLOOR else []
        for prefix in ("", "/es"):
            assert near(hall, slug, [*codes, waiting, silent], prefix) \
                == [page, *[own] * n, page, []], (n, prefix)
        assert hall.sql(f"SELECT n FROM census WHERE name = 'near' AND value = '{area}'") \
            == [(str(n),)] * (n >= FLOOR), n
    # One erases everything, and it is told of one less.
    visitor = Visitor(hall)
    visitor.status(codes[0])
    visitor.follow(visitor.erase())
    count_again(hall)
    assert near(hall, slug, [codes[1], waiting]) == [[FLOOR], [], [FLOOR]]


def test_somewhere_else_is_near_nobody(hall, committee):
    """Those who live somewhere else do not live near each other."""
    admin, codes = committee[0], []
    for _ in range(FLOOR + 1):
        code, id_ = handed_in(hall, "/support", "supporters", area="elsewhere", unit="start",
                              count_me=["yes"])
        codes.append(code)
        admin.follow(admin.open(id_))
        admin.follow(admin.vote(id_, "favour"))
    count_again(hall)
    for prefix in ("", "/es"):
        assert said(Visitor(hall).status(codes[0], prefix)) == [], prefix


def test_courier_takes_the_census_by_itself(hall):
    """Within the minute, though nobody asks."""
    due = int(hall.value("SELECT next_at FROM duty WHERE name = 'census'"))
    assert due <= time.time() + 60
