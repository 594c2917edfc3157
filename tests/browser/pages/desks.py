"""The desks: what waits, the queues, a case and the work at it, units, what came by phone."""

from house import aid_answers

from .table import as_ada, as_imani, as_tomas, as_wei, half


# With one reviewer, and nothing there.

@half(alone=True)
def today_alone(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/")


@half(alone=True)
def queue_empty(house, b, at):
    as_imani(house, b)
    b.get(at + "/admin/queue?list=review")


@half(alone=True)
def case_too_few(house, b, at):
    house.lone = house.lone or house.case("alone")
    as_imani(house, b)
    b.get(f"{at}/admin/case/{house.lone}")


# The queues.

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
def today_of_one(house, b, at):
    as_wei(house, b)
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


@half(404)
def case_unknown(house, b, at):
    as_imani(house, b)
    b.get(f"{at}/admin/case/{'0' * 32}")


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
