"""Events, who comes, and the desk of their hosts."""

from test_events_admin import described, tuesday

from .table import as_imani, half, page, public, slipped


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


# The desk of events.

def hosts(called, way, status=200, alone=False, who=as_imani):
    """A page of the hosts; `way` names an event, or its dates, in braces."""
    def reach(house, b, at):
        who(house, b)
        b.get(at + "/admin/" + way.format(**house.events, date=house.dates))
    reach.__name__ = called
    half(status, alone)(reach)
    return reach


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
