"""Every page that a site can show: PAGES maps a name to how a browser comes there.

Those that are `alone` need a house with one reviewer and nothing waiting; the others what
House.furnish() brings.  A page of one site alone says which.
"""

import secrets

from house import LONG, TEXT, aid_answers, answers, support_answers
from portal import Admin, token, totp
from stack import SRC
from test_events_admin import described, tuesday

PAGES = {}


def page(status=200, alone=False, half=False, site=None):
    def add(reach):
        PAGES[reach.__name__.replace("_", "-")] = (reach, status, alone, half, site)
        return reach
    return add


def half(status=200, alone=False):
    """One of so many of its kind that each site shows it in one language only: the back
    office, what stands behind a receipt, and a form that comes back once more."""
    return page(status, alone, half=True)


def as_imani(house, b):
    b.cookies_of(house.imani)


def as_tomas(house, b):
    b.cookies_of(house.tomas)


def as_wei(house, b):
    b.cookies_of(house.wei)


def as_ada(house, b):
    b.cookies_of(house.ada)


# With one reviewer, and nothing there.

@half(alone=True)
def today_alone(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/")


@half(alone=True)
def people_alone(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/people")


@half(alone=True)
def queue_empty(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/queue?list=review")


@half(alone=True)
def case_too_few(house, b, at):
    house.lone = house.lone or house.case("alone")
    as_imani(house, b)
    b.get(f"{at}/admin/case/{house.lone}")


@half(alone=True)
def login(house, b, at):
    b.get(at + "/admin/login")


@half(alone=True)
def welcome(house, b, at):
    b.get(at + house.spare.removeprefix(b.base))


@half(422, alone=True)
def welcome_mistakes(house, b, at):
    welcome(house, b, at)
    b.send("/admin/welcome", {"name": "", "password": "short", "again": "other"})


@half(422, alone=True)
def welcome_taken(house, b, at):
    welcome(house, b, at)
    b.send("/admin/welcome", {"name": "Imani", "password": "a long one indeed",
                              "again": "a long one indeed"})


@half(422, alone=True)
def welcome_expired(house, b, at):
    welcome(house, b, at)
    b.send("/admin/welcome", {"token": token(house.stack.form_key, "admin", 10 ** 6),
                              "name": "Wei"})


@half(404, alone=True)
def welcome_gone(house, b, at):
    b.get(at + "/admin/welcome?invitation=0000")


# What everybody sees.

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


@page()
def receipt_enter(house, b, at):
    b.get(at + "/receipt")


def slipped(code):
    """With another check symbol."""
    return code[:-1] + ("0" if code[-1] != "0" else "1")


@half(422)
def receipt_slip(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": slipped(house.codes["open"])})


@half(404)
def receipt_unknown(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.stack.recovery})


@half(422)
def receipt_expired(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"token": token(house.stack.form_key, "receipt", 10 ** 6),
                        "code": "7QK4"})


def receipt(key):
    def reach(house, b, at):
        receipt_enter(house, b, at)
        b.send("/receipt", {"code": house.codes[key].lower().replace("-", " ")})
    reach.__name__ = f"receipt_{key}"
    half()(reach)
    return reach


for _key in ("waiting", "open", "lapsed", "accepted", "declined", "withdrawn", "long",
             "supporter", "supporter-new", "supporter-declined", "aid", "aid-offer",
             "aid-asked", "aid-settled", "aid-complete", "aid-duplicate", "aid-withdrawn",
             "aid-long"):
    receipt(_key)


@half()
def receipt_withdraw(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.codes["waiting"]})
    b.get(at + "/receipt/withdraw")


@half(404)
def receipt_of_nothing(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.codes["aid-erased"]})


def talking(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.codes["aid-waiting"]})


@half(422)
def message_empty(house, b, at):
    talking(house, b, at)
    b.send("/receipt/message")


@half(422)
def message_long(house, b, at):
    talking(house, b, at)
    b.send("/receipt/message", {"text": "word " * 900})


@half(422)
def message_expired(house, b, at):
    talking(house, b, at)
    b.send("/receipt/message", {"token": token(house.stack.form_key, "receipt", 10 ** 6),
                                "text": "Could it be earlier?"})


@half(422)
def message_forgotten(house, b, at):
    talking(house, b, at)
    b.cdp("Network.clearBrowserCookies")
    b.send("/receipt/message", {"text": "Could it be earlier?"})


@half(503)
def message_away(house, b, at):
    talking(house, b, at)
    house.read_only(True)
    try:
        b.send("/receipt/message", {"text": "Could it be earlier?"})
    finally:
        house.read_only(False)


@half()
def receipt_filing(house, b, at):
    """Sent while the store took nothing, and the courier has not come yet."""
    if "filing" not in house.codes:
        house.stack.supervisorctl("stop", "courier")
        house.read_only(True)
        try:
            house.codes["filing"] = house.apply("Late")
        finally:
            house.read_only(False)
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.codes["filing"]})
    house.stack.supervisorctl("start", "courier")


@half()
def correct(house, b, at):
    talking(house, b, at)
    b.get(at + "/receipt/correct")


@half(422)
def correct_mistakes(house, b, at):
    correct(house, b, at)
    b.send("/receipt/correct", {"people": "many", "email": "nia@"}, "review")


@half()
def correct_review(house, b, at):
    correct(house, b, at)
    b.send("/receipt/correct", {"people": "5"}, "review")


@half()
def receipt_erase(house, b, at):
    talking(house, b, at)
    b.get(at + "/receipt/erase")


@half()
def receipt_erased(house, b, at):
    b.get(at + "/receipt/erased")


# The other forms, and what is public beside them.

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


def public(path, called, status=200, alone=False, half=False, site=None):
    def reach(house, b, at):
        b.get(at + path)
    reach.__name__ = called
    page(status, alone, half, site)(reach)
    return reach


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


# The back office.

@half(422)
def login_wrong(house, b, at):
    login(house, b, at)
    b.send("/admin/login", {"name": "Nadie " + secrets.token_hex(3), "password": "wrong"})


@half(429)
def login_wait(house, b, at):
    for _ in range(6):
        Admin(house.stack, "Nadie" + at).try_login()
    login(house, b, at)
    b.send("/admin/login", {"name": "Nadie" + at, "password": "wrong"})


@half(422)
def login_expired(house, b, at):
    login(house, b, at)
    b.send("/admin/login", {"token": token(house.stack.form_key, "admin", 10 ** 6),
                            "name": "Imani", "password": "four words not alike"})


@half()
def people(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/people")


@half()
def invited(house, b, at):
    people(house, b, at)
    b.send("/admin/people/invite")


def queue(at_desk, key, who=as_imani):
    def reach(house, b, at):
        who(house, b)
        b.get(f"{at}/admin/queue?desk={at_desk}&list={key}")
    reach.__name__ = f"queue_{at_desk}_{key}"
    half()(reach)
    return reach


for _key in ("review", "accepted", "declined", "withdrawn", "suspect", "ending"):
    queue("membership", _key, as_tomas)
waiting = queue("membership", "received")
for _key in ("ask", "offer", "mine", "still", "unread", "complete", "elsewhere",
             "withdrawn", "suspect", "sunk", "ending"):
    queue("aid", _key)
for _key in ("received", "unread", "accepted", "declined"):
    queue("supporters", _key)


@half()
def today(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/")


@half()
def today_of_none(house, b, at):
    as_ada(house, b)
    b.get(at + "/admin/")


@half()
def queue_of_one(house, b, at):
    as_wei(house, b)
    b.get(at + "/admin/queue")


@half()
def queue_of_none(house, b, at):
    as_ada(house, b)
    b.get(at + "/admin/queue")


@half()
def queue_second(house, b, at):
    waiting(house, b, at)
    b.leave(b.one("a[rel=next]").click)


@half()
def queue_beyond(house, b, at):
    as_imani(house, b)
    b.get(f"{at}/admin/queue?desk=membership&list=accepted&after=0.0.0.{'0' * 32}")


def case(key, who, name=None):
    def reach(house, b, at):
        who(house, b)
        b.get(f"{at}/admin/case/{house.cases[key]}")
    reach.__name__ = f"case_{name or key}"
    half()(reach)
    return reach


for _key in ("waiting", "open", "long", "accepted", "declined", "withdrawn", "lapsed",
             "stuck", "suspect", "known", "supporter", "supporter-new",
             "aid", "aid-offer", "aid-new", "aid-asked", "aid-9", "aid-complete",
             "aid-withdrawn", "aid-erased", "aid-long", "phone"):
    case(_key, as_imani)
case("half", as_imani, "voted")
to_vote = case("half", as_tomas, "to_vote")


@half(422)
def case_mistakes(house, b, at):
    to_vote(house, b, at)
    b.send("/vote")


@half(422)
def case_wordy(house, b, at):
    to_vote(house, b, at)
    b.send("/vote", {"vote": "favour", "reason": "word " * 500})


@half(409)
def case_late(house, b, at):
    key = "late" + at
    if key not in house.cases:
        house.case(key, (house.imani, None))
    as_tomas(house, b)
    b.get(f"{at}/admin/case/{house.cases[key]}")
    house.imani.vote(house.cases[key], "against")
    b.send("/vote", {"vote": "favour", "reason": "Too late."})


# A session ends while a vote is being written.

@half(422)
def login_carried(house, b, at):
    to_vote(house, b, at)
    b.cdp("Network.clearBrowserCookies")
    b.send("/vote", {"vote": "favour", "reason": "Written with care."})


@half()
def resume(house, b, at):
    login_carried(house, b, at)
    b.send("/admin/login", {"name": house.tomas.name, "password": house.tomas.password})


# What went wrong.

@page(404)
def not_found(house, b, at):
    b.get(at + "/nothing")


@half(404)
def case_unknown(house, b, at):
    as_imani(house, b)
    b.get(f"{at}/admin/case/{'0' * 32}")


@half(403)
def forbidden(house, b, at):
    people(house, b, at)
    b.send("/admin/people/invite", {"token": "forged"})


@half(405)
def not_allowed(house, b, at):
    people(house, b, at)
    b.js("document.querySelector('main form').action = arguments[0]", at + "/admin/account")
    b.leave(lambda: b.js("setTimeout(() => document.querySelector('main form').submit())"))


# The desks' own: people, units, what came by phone, one's account.

@half(422)
def people_mistakes(house, b, at):
    people(house, b, at)
    b.send("/people/invite", {"desk": []})


@half()
def people_remove(house, b, at):
    people(house, b, at)
    b.leave(b.one("main a[href$='/remove']").click)


@half()
def account(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/account")


@half(422)
def account_mistakes(house, b, at):
    account(house, b, at)
    b.send("/account/password", {"old": house.imani.password, "password": "short",
                                 "again": "other"})


@half()
def account_factor(house, b, at):
    as_wei(house, b)
    b.get(at + "/admin/account")


@half()
def factor(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/factor")


@half(422)
def factor_mistakes(house, b, at):
    factor(house, b, at)
    b.send("/admin/factor", {"first": "000000"})


@half()
def factor_has(house, b, at):
    as_wei(house, b)
    b.get(at + "/admin/factor")


@half(422)
def factor_has_mistakes(house, b, at):
    factor_has(house, b, at)
    b.send("/factor/codes", {"current": "no code"})


@half()
def factor_codes(house, b, at):
    factor_has(house, b, at)
    house.stack.sql("UPDATE admin SET factor_step = 0 WHERE factor IS NOT NULL")
    b.send("/factor/codes", {"current": totp(house.wei.factor)})


@half()
def code(house, b, at):
    login(house, b, at)
    b.send("/admin/login", {"name": "Wei", "password": house.wei.password})


@half(422)
def code_wrong(house, b, at):
    code(house, b, at)
    b.send("/admin/code", {"code": "no code"})


@half()
def find(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/find")


@half(422)
def find_mistakes(house, b, at):
    find(house, b, at)
    b.send("/admin/find", {"who": "Grace"})


@half()
def find_found(house, b, at):
    find(house, b, at)
    b.send("/admin/find", {"who": "GRACE@example.org"})


@half()
def find_none(house, b, at):
    find(house, b, at)
    b.send("/admin/find", {"who": "nobody@example.org"})


@half()
def admin_units(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/units")


@half()
def admin_units_of_others(house, b, at):
    as_wei(house, b)
    b.get(at + "/admin/units")


@half()
def admin_unit(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/units/eastside-depot")


@half(422)
def admin_unit_mistakes(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/units/new")
    b.send("/units/new", {"name": "", "kind": "", "about": "long " * 500}, "save")


@half()
def entry(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/entry/aid")


@half()
def entry_phone(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/entry/phone/aid")


@half(422)
def entry_mistakes(house, b, at):
    entry_phone(house, b, at)
    b.send("/entry/phone/aid", {"people": "many"}, "review")


@half()
def entry_review(house, b, at):
    entry_phone(house, b, at)
    b.send("/entry/phone/aid", aid_answers(house.site), "review")


@half()
def entry_done(house, b, at):
    entry_review(house, b, at)
    b.send("/entry/phone/aid", {}, "send")


# Mistakes at a case of the aid desk.

def at_work(house, b, at):
    as_imani(house, b)
    b.get(f"{at}/admin/case/{house.cases['aid-2']}")


@half(422)
def work_no_note(house, b, at):
    at_work(house, b, at)
    b.send("/note")


@half(422)
def work_long_note(house, b, at):
    at_work(house, b, at)
    b.send("/state", {"text": "word " * 900}, "delivery")


@half(422)
def work_no_message(house, b, at):
    at_work(house, b, at)
    b.send("/message")


@half(409)
def work_late(house, b, at):
    at_work(house, b, at)
    b.send("/state", {"was": "needed"}, "delivery")


# Statements, and who is told of them.

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


@half()
def invited_by_mail(house, b, at):
    people(house, b, at)
    b.send("/admin/people/invite", {"email": "new@example.org"})


@half(422)
def invited_mistakes(house, b, at):
    people(house, b, at)
    b.send("/admin/people/invite", {"email": "new@"})


# Events, and who comes.

public("/events", "events_none", alone=True)
public("/events/past", "events_past_none", alone=True, half=True)
public("/events/month", "month_none", alone=True, half=True)
public("/events", "events")
public("/events?kind=education&online=", "events_filtered", half=True)
public("/events?kind=work&area=garden-city", "events_filtered_out", half=True)
public("/events/past", "events_past", half=True)
public("/events/month", "month")
public("/events/no-such-event", "event_unknown", 404, half=True)
public("/rsvp", "rsvp_enter")
public("/rsvp/mine/gone", "rsvp_gone", half=True)


@half()
def components(house, b, at):
    b.get("/components")


@half()
def events_second(house, b, at):
    b.get(at + "/events")
    b.leave(b.one("a[rel=next]").click)


@half()
def month_busy(house, b, at):
    b.get(f"{at}/events/month/{tuesday(4):%Y-%m}?kind=education")


def event(key, called, date=None, path="/events", half=True, status=200):
    """The page of an event, or of one of its dates: that Tuesday's."""
    def reach(house, b, at):
        day = "" if date is None else f"/{tuesday(date)}"
        b.get(f"{at}{path}/{house.event_slug(key)}{day}")
    reach.__name__ = called
    page(status, half=half)(reach)
    return reach


event("class", "event", half=False)
for _key in ("seats", "talk", "cancelled", "long"):
    event(_key, f"event_{_key}")
for _called, _weeks in (("cancelled", 4), ("moved", 6), ("postponed", 8)):
    event("class", f"event_date_{_called}", _weeks)
event("class", "event_date", 0)
event("draft", "event_draft", status=404)


@half()
def event_over(house, b, at):
    b.get(at + house.past)


ask = event("late", "rsvp", path="/rsvp", half=False)
ask_full = event("seats", "rsvp_full", path="/rsvp")
event("class", "rsvp_dates", path="/rsvp")
event("class", "rsvp_postponed", 8, "/rsvp")
event("cancelled", "rsvp_cancelled", path="/rsvp")


def come(house, b, at, wanted=ask, **given):
    wanted(house, b, at)
    b.send(b.path, {"answer": "coming", "people": "1", "name": "Rosa Ibarra", **given}, "send")


@page(422)
def rsvp_mistakes(house, b, at):
    come(house, b, at, answer="", people="many", name="", email="rosa@", needs="x" * 1200)


@half(422)
def rsvp_too_many(house, b, at):
    come(house, b, at, ask_full, people="9")


@page()
def rsvp_seated(house, b, at):
    come(house, b, at, people="3", email="rosa@example.org", remind="yes", needs="A seat.")


@half()
def rsvp_waiting(house, b, at):
    come(house, b, at, ask_full)


def stands(key, called, way="", status=200):
    """What the holder of that code sees."""
    def reach(house, b, at):
        b.get(at + "/rsvp")
        b.send("/rsvp", {"code": house.codes[key]})
        if way:
            b.get(f"{at}/rsvp/mine/{way}")
    reach.__name__ = called
    half(status)(reach)
    return reach


for _key in ("seated", "line", "not", "off"):
    stands(_key, f"rsvp_stands_{_key}")
change = stands("seated", "rsvp_change", "change")
stands("seated", "rsvp_remove", "remove")


@half(422)
def rsvp_change_mistakes(house, b, at):
    change(house, b, at)
    b.send("/rsvp/mine/change", {"people": "9", "name": ""}, "send")


@half(422)
def rsvp_slip(house, b, at):
    b.get(at + "/rsvp")
    b.send("/rsvp", {"code": slipped(house.codes["seated"])})


@half(404)
def rsvp_unknown(house, b, at):
    b.get(at + "/rsvp")
    b.send("/rsvp", {"code": house.stack.recovery})


# The desk of events, and the first page of the back office.

def hosts(called, way, status=200, alone=False, who=as_imani):
    """A page of the hosts; `way` names an event, or its dates, in braces."""
    def reach(house, b, at):
        who(house, b)
        b.get(at + "/admin/" + way.format(**house.events, date=house.dates))
    reach.__name__ = called
    half(status, alone)(reach)
    return reach


hosts("today_alone", "", alone=True)
hosts("today", "")
hosts("today_of_one", "", who=as_wei)
hosts("today_of_none", "", who=as_ada)
hosts("hosts_none", "events", alone=True)
for _key in ("coming", "drafts", "past"):
    hosts(f"hosts_{_key}", f"events?list={_key}")
hosts_new = hosts("hosts_new", "events/new")
for _key in ("class", "seats", "cancelled", "long", "draft"):
    hosts(f"hosts_event_{_key}", "events/{%s}" % _key)
hosts("hosts_dates", "events/{class}/dates")
for _called, _date in (("date", 0), ("skipped", 1), ("cancelled", 2), ("moved", 3)):
    hosts(f"hosts_{_called}", "events/date/{date[class][%d]}" % _date)
guests = "events/date/{date[seats][0]}/guests"
hosts("hosts_guests", guests)
hosts("hosts_guests_none", "events/date/{date[weekly][0]}/guests")
typed = hosts("hosts_guest_new", guests + "/new")
hosts("hosts_unknown", "events/" + "0" * 32, 404)


@half(422)
def hosts_mistakes(house, b, at):
    hosts_new(house, b, at)
    b.send("/events/new", {"day": "", "from": "", "step_by": "99", "zone": "Moon",
                           "capacity": "none", "link": "meet"}, "save")


@half()
def hosts_preview(house, b, at):
    hosts_new(house, b, at)
    b.send("/events/new", described(title_es="Leemos", body_es="*Trae* el tuyo."),
           "preview")


@half(409)
def hosts_both(house, b, at):
    """Two have written at once."""
    as_imani(house, b)
    b.get(f"{at}/admin/events/{house.events['talk']}")
    b.send(house.events["talk"], {"version": "99", "summary_en": "Other words"}, "save")


@half(422)
def hosts_guest_mistakes(house, b, at):
    typed(house, b, at)
    b.send("/guests/new", {"people": "many"}, "save")


@half()
def hosts_guest_code(house, b, at):
    typed(house, b, at)
    b.send("/guests/new", {"answer": "coming", "people": "1", "name": "Mr. Adeyemi"}, "save")


@half()
def hosts_guest(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/" + guests.format(date=house.dates))
    b.leave(b.one("td a").click)
