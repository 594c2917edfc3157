"""What everybody sees: the organisation's own pages, its forms up to the receipt, units, aid."""

import secrets

from house import LONG, aid_answers, answers, support_answers
from portal import token
from stack import SRC

from .table import half, page, public


@page()
def home(house, b, at):
    b.get(at + "/")


@page()
def join(house, b, at):
    b.get(at + "/join")


@page(422)
def join_mistakes(house, b, at):
    join(house, b, at)
    b.send("/join", {"email": "rosa@", "postcode": "!", "pledge": "0.5"}, "review")


@half(422)
def join_expired(house, b, at):
    join(house, b, at)
    b.send("/join", {**answers(house.site), "token": house.token(10 ** 6)}, "review")


@page()
def review(house, b, at):
    join(house, b, at)
    b.send("/join", answers(house.site), "review")


@half()
def review_long(house, b, at):
    join(house, b, at)
    b.send("/join", answers(house.site, LONG[:200], more="a" * 900), "review")


@half(422)
def review_young(house, b, at):
    review(house, b, at)
    b.send("/join", {"token": house.token(-120)}, "send")


@half()
def join_changed(house, b, at):
    review(house, b, at)
    b.send("/join", {}, "change")


@page()
def receipt_new(house, b, at):
    review(house, b, at)
    b.send("/join", {}, "send")


@half(422)
def receipt_new_slip(house, b, at):
    receipt_new(house, b, at)
    b.send("/receipt", {"code": "7QK4-M2XD-9TRB"})


@half()
def receipt_repeated(house, b, at):
    used = secrets.token_bytes(16)
    for _ in range(2):
        review(house, b, at)
        b.send("/join", {"token": token(house.stack.form_key, "join", 60, used)}, "send")


# The other forms.

def form(path, given, wrong):
    """Its pages, up to the receipt."""
    name = path.strip("/").replace("/", "-")

    def empty(house, b, at):
        b.get(at + path)

    def mistakes(house, b, at):
        empty(house, b, at)
        b.send(path, wrong, "review")

    def look(house, b, at):
        empty(house, b, at)
        b.send(path, given(house.site), "review")

    def sent(house, b, at):
        look(house, b, at)
        b.send(path, {}, "send")

    for reach, called, status in ((empty, name, 200), (mistakes, f"{name}_mistakes", 422),
                                  (look, f"{name}_review", 200), (sent, f"{name}_sent", 200)):
        reach.__name__ = called
        page(status, half=reach in (look, sent))(reach)


form("/support", support_answers, {"email": "grace@"})
form("/aid/request", aid_answers, {"people": "many", "phone": "none", "email": "x"})


# What is public beside them.

public("/aid", "aid_uncounted", alone=True, half=True)
public("/aid", "aid")
public("/units", "units_none", alone=True, half=True)
public("/units", "units")
public("/units/eastside-depot", "unit")
public("/units/parents-for-the-buses", "unit_forming", half=True)
public("/units/riverbank-tenants", "unit_resting", half=True)
public("/units/no-such-unit", "unit_unknown", 404, half=True)


# What the organisation says itself.

OWN = {site: {file.name.split(".")[0] for file in (SRC / "www/sites" / site / "pages").iterdir()}
       for site in ("party", "caucus")}
for _name in sorted(OWN["party"] | OWN["caucus"]):
    if _name != "home":
        public(f"/{_name}", f"own_{_name}", site=None if _name in OWN["party"] & OWN["caucus"]
               else "party" if _name in OWN["party"] else "caucus")


@half()
def components(house, b, at):
    b.get("/components")


@page(404)
def not_found(house, b, at):
    b.get(at + "/nothing")
