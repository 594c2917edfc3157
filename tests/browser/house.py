"""A site in full use, and every page that it can show.

PAGES maps a name to how a browser comes there.  Those before `furnish` is called need a
house with one reviewer and nothing waiting; the others what furnish() brings.
"""

import secrets

from portal import Admin, Visitor, token

LONG = ("Ñandutí Ξενοφών 山田太郎 "
        "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogoch-"
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")


def answers(site, name="Rosa Ibarra", **more):
    """What an applicant writes; the questions of both sites."""
    given = {
        "name": name, "pronouns": "she", "adult": "yes",
        "email": "rosa@example.org", "phone": "+12125550134", "texts": "yes",
        "reach": "After six; no messages on the machine.", "language": "es",
        "town": "New York", "region": "NY", "postcode": "10002",
        "work": "Bus mechanic", "employer": "City Transit", "site": "Eastside depot",
        "meetings": "yes", "building": "yes",
        "why": "At our depot everybody complains alone, and nothing changes.\n"
               "I want to learn how we do it together.",
        "heard": "From a steward.", "signature": name,
        "more": "Meetings with childcare would be easier for me.",
        **({"union": "Transit Workers, Local 9", "union_role": "Steward",
            "unit": "start", "unit_name": "Eastside", "programme_2026_05": "yes", "dues": "yes",
            "pledge": "12.50"} if site == "party" else
           {"local": "Local 9", "membership": "yes", "role": "steward",
            "unit": "start",
            "unity_2026_09": "yes", "confidence": "yes", "pledge": "3"}),
    }
    return {**given, **more}


class House:
    def __init__(self, stack, site):
        self.stack, self.site = stack, site
        self.imani = Admin(stack, "Imani").accept(stack.invitation)
        self.spare = self.imani.invite()
        self.lone = self.tomas = None
        self.cases, self.codes = {}, {}

    def token(self, age=60):
        return token(self.stack.form_key, "join", age)

    def apply(self, name="Rosa Ibarra", **more):
        """Somebody applies at once; gives their receipt code."""
        who = Visitor(self.stack)
        got = who.post("/join", data={**answers(self.site, name, **more),
                                      "token": self.token(), "step": "send"})
        return who.follow(got).code()

    def case(self, key, *does, **more):
        """A case called `key`, on which each of `does` (who, vote) was done."""
        ids = "SELECT LOWER(HEX(id)) FROM submission"
        before = self.stack.sql(ids)
        self.codes[key] = self.apply(**more)
        ((id_,),) = set(self.stack.sql(ids)) - set(before)
        self.cases[key] = id_
        if does:
            self.imani.follow(self.imani.open(id_))
        for who, vote in does:
            if vote == "recuse":
                who.follow(who.recuse(id_))
            elif vote:
                who.follow(who.vote(id_, vote, "Known to us from the picket line: "
                                    "reliable, and says what she thinks."))
        return id_

    def furnish(self):
        if self.tomas:
            return self
        imani = self.imani
        tomas = self.tomas = Admin(self.stack, "Tomás Ó Súilleabháin").accept(imani.invite())
        self.case("open", (imani, None))
        self.case("half", (imani, "favour"))
        self.case("long", (imani, "favour"), name=LONG[:200], more="a" * 900,
                  heard="https://example.org/" + "x" * 150, signature=LONG[:200])
        self.case("accepted", (imani, "favour"), (tomas, "favour"))
        self.case("declined", (imani, "favour"), (tomas, "against"))
        self.case("stuck", (imani, "recuse"))
        self.case("lapsed", (imani, "favour"))
        self.stack.sql("UPDATE round SET opened_at = opened_at - 40 * 86400,"
                       " closes_at = closes_at - 40 * 86400"
                       f" WHERE submission = X'{self.cases['lapsed']}'")
        self.case("suspect", website="https://spam.example/")
        self.case("withdrawn")
        who = Visitor(self.stack)
        who.status(self.codes["withdrawn"])
        who.follow(who.submit(who.page("/receipt/withdraw").form("/receipt/withdraw")))
        self.case("waiting")
        for n in range(30):
            self.apply(f"Applicant {n + 1}")
        Admin(self.stack, imani.name).login()
        return self


# ---- every page ----

PAGES = {}


def page(status=200, alone=False):
    def add(reach):
        PAGES[reach.__name__.replace("_", "-")] = (reach, status, alone)
        return reach
    return add


def as_imani(house, b):
    b.cookies_of(house.imani)


def as_tomas(house, b):
    b.cookies_of(house.tomas)


# With one reviewer, and nothing there.

@page(alone=True)
def people_alone(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/people")


@page(alone=True)
def queue_empty(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/?list=review")


@page(alone=True)
def case_too_few(house, b, at):
    house.lone = house.lone or house.case("alone")
    as_imani(house, b)
    b.get(f"{at}/admin/case/{house.lone}")


@page(alone=True)
def login(house, b, at):
    b.get(at + "/admin/login")


@page(alone=True)
def welcome(house, b, at):
    b.get(at + house.spare.removeprefix(b.base))


@page(422, alone=True)
def welcome_mistakes(house, b, at):
    welcome(house, b, at)
    b.send("/admin/welcome", {"name": "", "password": "short", "again": "other"})


@page(422, alone=True)
def welcome_taken(house, b, at):
    welcome(house, b, at)
    b.send("/admin/welcome", {"name": "Imani", "password": "a long one indeed",
                              "again": "a long one indeed"})


@page(422, alone=True)
def welcome_expired(house, b, at):
    welcome(house, b, at)
    b.send("/admin/welcome", {"token": token(house.stack.form_key, "admin", 10 ** 6),
                              "name": "Wei"})


@page(404, alone=True)
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


@page(422)
def join_expired(house, b, at):
    join(house, b, at)
    b.send("/join", {**answers(house.site), "token": house.token(10 ** 6)}, "review")


@page()
def review(house, b, at):
    join(house, b, at)
    b.send("/join", answers(house.site), "review")


@page()
def review_long(house, b, at):
    join(house, b, at)
    b.send("/join", answers(house.site, LONG[:200], more="a" * 900), "review")


@page(422)
def review_young(house, b, at):
    review(house, b, at)
    b.send("/join", {"token": house.token(-120)}, "send")


@page()
def join_changed(house, b, at):
    review(house, b, at)
    b.send("/join", {}, "change")


@page()
def receipt_new(house, b, at):
    review(house, b, at)
    b.send("/join", {}, "send")


@page(422)
def receipt_new_slip(house, b, at):
    receipt_new(house, b, at)
    b.send("/receipt", {"code": "7QK4-M2XD-9TRB"})


@page()
def receipt_repeated(house, b, at):
    used = secrets.token_bytes(16)
    for _ in range(2):
        review(house, b, at)
        b.send("/join", {"token": token(house.stack.form_key, "join", 60, used)}, "send")


@page()
def receipt_enter(house, b, at):
    b.get(at + "/receipt")


@page(422)
def receipt_slip(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.codes["open"][:-2] + "ZZ"})


@page(404)
def receipt_unknown(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.stack.recovery})


@page(422)
def receipt_expired(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"token": token(house.stack.form_key, "receipt", 10 ** 6),
                        "code": "7QK4"})


def receipt(key):
    def reach(house, b, at):
        receipt_enter(house, b, at)
        b.send("/receipt", {"code": house.codes[key].lower().replace("-", " ")})
    reach.__name__ = f"receipt_{key}"
    page()(reach)


for _key in ("waiting", "open", "lapsed", "accepted", "declined", "withdrawn", "long"):
    receipt(_key)


@page()
def receipt_withdraw(house, b, at):
    receipt_enter(house, b, at)
    b.send("/receipt", {"code": house.codes["waiting"]})
    b.get(at + "/receipt/withdraw")


# The back office.

@page(422)
def login_wrong(house, b, at):
    login(house, b, at)
    b.send("/admin/login", {"name": "Nadie " + secrets.token_hex(3), "password": "wrong"})


@page(429)
def login_wait(house, b, at):
    for _ in range(6):
        Admin(house.stack, "Nadie" + at).try_login()
    login(house, b, at)
    b.send("/admin/login", {"name": "Nadie" + at, "password": "wrong"})


@page(422)
def login_expired(house, b, at):
    login(house, b, at)
    b.send("/admin/login", {"token": token(house.stack.form_key, "admin", 10 ** 6),
                            "name": "Imani", "password": "four words not alike"})


@page()
def people(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/people")


@page()
def invited(house, b, at):
    people(house, b, at)
    b.send("/admin/people/invite")


@page()
def sessions(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/sessions")


def queue(key, who):
    def reach(house, b, at):
        who(house, b)
        b.get(f"{at}/admin/?list={key}")
    reach.__name__ = f"queue_{key}"
    page()(reach)
    return reach


for _key in ("review", "accepted", "declined", "withdrawn", "suspect"):
    queue(_key, as_tomas)
waiting = queue("received", as_imani)


@page()
def queue_second(house, b, at):
    waiting(house, b, at)
    b.leave(b.one("a[rel=next]").click)


@page()
def queue_beyond(house, b, at):
    as_imani(house, b)
    b.get(f"{at}/admin/?list=accepted&after=99999-{'f' * 32}")


def case(key, who, name=None):
    def reach(house, b, at):
        who(house, b)
        b.get(f"{at}/admin/case/{house.cases[key]}")
    reach.__name__ = f"case_{name or key}"
    page()(reach)
    return reach


for _key in ("waiting", "open", "long", "accepted", "declined", "withdrawn", "lapsed",
             "stuck", "suspect"):
    case(_key, as_imani)
case("half", as_imani, "voted")
to_vote = case("half", as_tomas, "to_vote")


@page(422)
def case_mistakes(house, b, at):
    to_vote(house, b, at)
    b.send("/vote")


@page(422)
def case_wordy(house, b, at):
    to_vote(house, b, at)
    b.send("/vote", {"vote": "favour", "reason": "word " * 500})


@page(409)
def case_late(house, b, at):
    key = "late" + at
    if key not in house.cases:
        house.case(key, (house.imani, None))
    as_tomas(house, b)
    b.get(f"{at}/admin/case/{house.cases[key]}")
    house.imani.vote(house.cases[key], "against")
    b.send("/vote", {"vote": "favour", "reason": "Too late."})


# A session ends while a vote is being written.

@page(422)
def login_carried(house, b, at):
    to_vote(house, b, at)
    b.cdp("Network.clearBrowserCookies")
    b.send("/vote", {"vote": "favour", "reason": "Written with care."})


@page()
def resume(house, b, at):
    login_carried(house, b, at)
    b.send("/admin/login", {"name": house.tomas.name, "password": house.tomas.password})


# What went wrong.

@page(404)
def not_found(house, b, at):
    b.get(at + "/nothing")


@page(404)
def case_unknown(house, b, at):
    as_imani(house, b)
    b.get(f"{at}/admin/case/{'0' * 32}")


@page(403)
def forbidden(house, b, at):
    people(house, b, at)
    b.send("/admin/people/invite", {"token": "forged"})


@page(405)
def not_allowed(house, b, at):
    people(house, b, at)
    b.js("document.querySelector('main form').action = arguments[0]", at + "/admin/sessions")
    b.leave(lambda: b.js("setTimeout(() => document.querySelector('main form').submit())"))
