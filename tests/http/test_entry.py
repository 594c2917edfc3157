"""What was asked by telephone or on paper, typed in by who took it."""

import re

import pytest

from portal import Page, Visitor, complete, word
from test_desks import DESKS, hand_in, house, staff  # noqa: F401
from test_join import at_once


def start(admin, way="phone", desk="aid"):
    path = f"/admin/entry/{way}/{desk}"
    return admin.page(path).form(path)


def review(admin, form, answers=None):
    got = admin.submit(form, complete(form, answers), ("step", "review"))
    assert got.status_code == 200, Page(got.text).errors()
    return Page(got.text).form(form.action)


def send(admin, form):
    return admin.submit(form, button=("step", "send"))


def code_on(page):
    return "-".join(re.findall(r"<li>([0-9A-Z]{2,6})</li>", re.search(
        r'<ol class="groups">.*?</ol>', page.html, re.S)[0]))


def case_on(page):
    (id_,) = set(re.findall(r"/admin/case/([0-9a-f]{32})", page.html))
    return id_


def how_many(house):
    return int(house.value("SELECT COUNT(*) FROM submission"))


@pytest.mark.parametrize("way, word_", [("phone", "telephone"), ("paper", "paper")])
@pytest.mark.parametrize("desk", DESKS)
def test_typed_in(house, staff, desk, way, word_):
    """The public form and its rules; a receipt to hand over, which works."""
    admin = {"membership": staff.mia, "supporters": staff.sol, "aid": staff.ada}[desk]
    links = admin.page(f"/admin/entry/{desk}").links
    assert f"/admin/entry/{way}/{desk}" in links
    name, before = "Told " + word(), how_many(house)
    page = Page(send(admin, review(admin, start(admin, way, desk), {"name": name})).text)
    assert how_many(house) == before + 1
    id_, code = case_on(page), code_on(page)
    assert house.sql("SELECT desk, channel, suspect, state, kind,"
                     " entered_by = (SELECT id FROM admin WHERE name ="
                     f" '{admin.name}') FROM submission WHERE id = X'{id_}'") == [
        (desk, way, "0", "needed" if desk == "aid" else "received",
         "ask" if desk == "aid" else "", "1")]
    case = staff.rosa.case(id_)
    assert name in case.text("dd")
    assert word_ in case.text("main") and admin.name in case.text("main")
    said = staff.rosa.queue(desk)
    while f"/admin/case/{id_}" not in said.html:
        said = staff.rosa.page(next(l for l in said.links if "after=" in l))
    row = next(r for r in said.html.split("<tr>") if id_ in r)
    assert word_ in row and name in row
    # The receipt is as good as any other.
    holder = Visitor(house)
    holder.status(code)
    holder.follow(holder.write("It was I who called"))
    assert [m.said for m in admin.case(id_).talk()] == ["It was I who called"]
    assert house.sql("SELECT action FROM audit WHERE"
                     f" subject = X'{id_}' AND action = 'case.entered'") == [("case.entered",)]
    assert code not in house.logs() and code.replace("-", "") not in house.logs()


def test_not_marked(staff, hand_in):
    _, id_ = hand_in("aid", name="By the web")
    head = staff.ada.case(id_).html.partition("<dl")[0]
    assert "telephone" not in head and "paper" not in head


@pytest.mark.parametrize("desk", DESKS)
def test_the_same_questions_and_rules(staff, desk):
    """Whatever the public form refuses is refused here, in the same words."""
    path, visitor = DESKS[desk], Visitor(staff.rosa.stack)
    public, own = visitor.page(path).form(path), start(staff.rosa, "phone", desk)
    skip = {"once", "website", "token"}
    assert own.names() - skip == public.names() - skip
    texts = [c.name for c in public.controls if c.tag == "textarea" or
             c.tag == "input" and c.type == "text" and c.name != "website"]
    ticks = {c.name for c in public.controls if c.type in ("checkbox", "radio")}
    for wrong in ({name: [] for name in ticks}, {"email": "a@"}, {"phone": "call me"},
                  {"email": "", "phone": ""}, {name: "" for name in texts},
                  {name: "x" * 2001 for name in texts}):
        errors, words = [], []
        for who, form in ((visitor, public), (staff.rosa, own)):
            wrong = {k: v for k, v in wrong.items() if k in form.names()}
            got = who.submit(form, {**complete(form), **wrong}, ("step", "review"))
            page = Page(got.text)
            errors.append((got.status_code, page.errors()))
            words.append(re.findall(r'<p class="error"[^>]*>(.*?)</p>', page.html))
            if got.status_code == 422:      # what was typed is still there
                for name, value in wrong.items():
                    assert page.form(form.action)[name] == value, name
        assert errors[0] == errors[1], wrong
        assert words[0] == words[1] and (errors[0][0] == 200) == (words[0] == [])
    assert errors[0][0] == 422, "too long"


def test_choices_by_hand(house, staff):
    """What the form does not offer is refused, however it is sent."""
    before = how_many(house)
    form = start(staff.ada)
    pairs = dict(form.filled(complete(form)))
    for name, value in (("urgency", "yesterday"), ("needs", "gold"), ("area", "nowhere"),
                        ("reach", "")):
        got = staff.ada.post(form.action, data={**pairs, name: value, "step": "send"})
        assert got.status_code == 422 and Page(got.text).errors(), name
    assert how_many(house) == before


def test_pressed_twice(house, staff):
    """One case and one code, also at the same moment; two forms are two cases."""
    form = review(staff.ada, start(staff.ada))
    before = how_many(house)
    first = Page(send(staff.ada, form).text)
    again = send(staff.ada, form)
    second = Page(again.text)
    assert again.status_code == 200 and how_many(house) == before + 1
    assert (code_on(first), case_on(first)) == (code_on(second), case_on(second))
    assert 'class="notice"' not in first.html and 'class="notice"' in second.html
    assert house.value("SELECT COUNT(*) FROM audit WHERE action = 'case.entered' AND"
                       f" subject = X'{case_on(first)}'") == "1"
    form = review(staff.ada, start(staff.ada))
    pages = at_once(*[lambda: Page(send(staff.ada, form).text)] * 3)
    assert len({code_on(p) for p in pages}) == 1 and how_many(house) == before + 2
    send(staff.ada, review(staff.ada, start(staff.ada)))
    assert how_many(house) == before + 3


def test_without_its_own_token(house, staff):
    before = how_many(house)
    form = review(staff.ada, start(staff.ada))
    pairs = dict(form.filled(button=("step", "send")))
    for once in ("", "x", pairs["token"], pairs["once"][:-1] + ("A" if
                 pairs["once"][-1] != "A" else "B")):
        got = staff.ada.post(form.action, data={**pairs, "once": once})
        assert got.status_code == 403, once
    # A page of another session comes back with all that was typed.
    got = staff.ali.post(form.action, data={**pairs, "details": "Kept words"})
    page = Page(got.text)
    assert got.status_code == 422 and "Kept words" in page.html
    got = Visitor(house).post(form.action, data={**pairs, "details": "Kept words"})
    assert got.status_code == 422 and Page(got.text).has_form("/admin/login")
    assert how_many(house) == before


def test_trap_is_not_for_admins(house, staff):
    """A person typed it in, so it does not look automated."""
    form = review(staff.ada, start(staff.ada))
    page = Page(staff.ada.post(form.action, data={
        **dict(form.filled(button=("step", "send"))), "website": "filled"}).text)
    assert house.value("SELECT suspect FROM submission WHERE"
                       f" id = X'{case_on(page)}'") == "0"


def test_changing_before_sending(house, staff):
    form = review(staff.ada, start(staff.ada, "paper"), {"details": "First words"})
    got = staff.ada.submit(form, button=("step", "change"))
    again = Page(got.text).form(form.action)
    assert got.status_code == 200 and again["details"] == "First words"
    assert again["once"] == form["once"], "still the same one"
    page = Page(send(staff.ada, review(staff.ada, again, {"details": "Other words"})).text)
    said = staff.ada.case(case_on(page)).text("dd")
    assert "Other words" in said and "First words" not in said


def test_in_spanish(house, staff):
    path = "/es/admin/entry/phone/aid"
    form = staff.ada.page(path).form(path)
    page = Page(send(staff.ada, review(staff.ada, form)).text)
    assert page.lang == "es"
    holder = Visitor(house)
    assert holder.status(code_on(page), "/es").lang == "es"


def test_store_away(house, staff):
    """Nothing that was typed is lost, and it can be sent again: it is stored once."""
    form = review(staff.ada, start(staff.ada), {"details": "Words that stay"})
    before = how_many(house)
    house.sql("SET GLOBAL read_only = 1")
    try:
        got = send(staff.ada, form)
    finally:
        house.sql("SET GLOBAL read_only = 0")
    page = Page(got.text)
    assert got.status_code == 503 and got.headers["Retry-After"]
    assert "Words that stay" in page.text("main") and 'role="alert"' in page.html
    assert how_many(house) == before
    again = page.form(form.action)
    assert again["once"] == form["once"]
    page = Page(send(staff.ada, again).text)
    assert how_many(house) == before + 1
    assert "Words that stay" in staff.ada.case(case_on(page)).text("dd")
    assert Visitor(house).status(code_on(page))


def test_audit(house):
    assert house.openhall("audit", "verify").returncode == 0
