"""Statements, who is told of them, and the desk that writes them."""

from house import LONG, TEXT
from portal import token

from .table import as_imani, as_tomas, half, page, public


public("/statements", "statements_none", alone=True, half=True)
public("/statements", "statements")
public("/statements/2025", "statements_year", half=True)
public("/statements/no-such-statement", "statement_unknown", 404, half=True)
public("/subscribe", "subscribe")
public("/subscribe/sent", "subscribe_sent", half=True)
public("/subscribe/confirmed", "subscribe_confirmed", half=True)
public("/subscribe/left", "subscribe_left", half=True)
public("/subscribe/confirm?code=7QK4", "subscribe_gone", 404, half=True)


@half()
def statements_second(house, b, at):
    b.get(at + "/statements")
    b.leave(b.one("a[rel=next]").click)


@page()
def statement(house, b, at):
    b.get(f"{at}/statements/{house.slug('spanish' if at else 'published')}")


@half()
def statement_corrected(house, b, at):
    b.get(f"/statements/{house.slug('corrected')}")


@half()
def statement_long(house, b, at):
    b.get(f"/statements/{house.slug('long')}")


@page(422)
def subscribe_mistakes(house, b, at):
    b.get(at + "/subscribe")
    b.send("/subscribe", {"address": "rosa@"})


@page()
def subscribe_confirm(house, b, at):
    b.get(house.reader(prefix=at))


@half(422)
def subscribe_confirm_expired(house, b, at):
    b.get(house.reader(prefix=at))
    b.send("/subscribe/confirm", {"token": token(house.stack.form_key, "subscribe", 10 ** 6)})


@page()
def subscribe_leave(house, b, at):
    b.get(house.reader(prefix=at).replace("/confirm?", "/leave?"))


def press(called, way="", status=200, who=as_imani):
    """A page of the desk of statements; `way` names a statement in braces."""
    def reach(house, b, at):
        who(house, b)
        b.get(at + "/admin/statements" + way.format(**house.statements))
    reach.__name__ = called
    half(status)(reach)
    return reach


for _key in ("draft", "review", "ready", "published"):
    press(f"press_list_{_key}", f"?list={_key}")
for _key in ("published", "spanish", "corrected", "long", "scheduled", "withdrawn", "draft",
             "asked", "declined"):
    press(f"press_{_key}", "/{%s}" % _key)
press("press_asked_another", "/{asked}", who=as_tomas)
press("press_difference", "/{corrected}/difference?from=1&to=2")
press("press_withdraw", "/{published}/withdraw")
press("press_unknown", "/" + "0" * 32, 404)
press("press_translate", "/new?of={corrected}&lang=es")
press_new = press("press_new", "/new")


@half(422)
def press_mistakes(house, b, at):
    press_new(house, b, at)
    b.send("/statements/new", {"title": "", "slug": "2026", "body": ""}, "save")


@half()
def press_preview(house, b, at):
    press_new(house, b, at)
    b.send("/statements/new", {"title": LONG, "summary": "Short.", "body": TEXT}, "preview")


@half(409)
def press_both(house, b, at):
    """Two have written at once."""
    as_imani(house, b)
    b.get(f"{at}/admin/statements/{house.statements['draft']}")
    b.send(house.statements["draft"], {"version": "99", "body": "Other\n\nwords"}, "save")


@half(422)
def press_wrong_time(house, b, at):
    if "ready" not in house.statements:
        house.write("ready", "Soon")
        house.approve("ready")
    as_imani(house, b)
    b.get(f"{at}/admin/statements/{house.statements['ready']}")
    b.send("/publish", {"at": "tomorrow"})
