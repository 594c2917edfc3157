"""A site in full use: invented people at every desk, in every state."""

import email
import email.policy
import re
from datetime import timedelta

from portal import Admin, Page, Visitor, token
from stack import wait_for
from test_events import dates, day, single
from test_events_admin import date_form, date_state, deed, described, links, saved, send, tuesday

LONG = ("Ñandutí Ξενοφών 山田太郎 "
        "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogoch-"
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")
ZONES = {"party": "America/New_York", "caucus": "America/Los_Angeles"}
AREAS = {"party": ("riverside", "old-market", "north-hill", "mill-quarter"),
         "caucus": ("north-depot", "rail-yard", "ferry-terminal", "south-depot")}
# The form of each desk: its path, its name.
FORMS = {"membership": ("/join", "join"), "supporters": ("/support", "support"),
         "aid": ("/aid/request", "aid")}
DAY = 86400
TEXT = """We stand with the mechanics of the night shift, who were told on Friday that their \
shift ends in **January**.

# What we ask

* That the board meets them before it decides.
* That nobody loses a day's pay, as the [agreement](https://example.org/agreement) says:

> No change of hours takes effect within ninety days of its notice.

1. Come to the depot on Tuesday.
2. Bring a neighbour.

    a line that is kept as it was typed, however long it is: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
"""


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


def support_answers(site, name="Grace Okafor", **more):
    """What a supporter writes."""
    return {
        "name": name, "email": "grace@example.org", "language": "en",
        "can": ["cooking", "driving", "translating"], "unit": "start",
        "area": AREAS[site][0], "count_me": "yes", "lists": ["events"],
        "heard": "At the street fair.", **({"tie": "rider"} if site == "caucus" else {}),
        **more}


def aid_answers(site, **more):
    """What a neighbour writes who has no e-mail address."""
    return {
        "needs": ["food", "rides"], "urgency": "today", "repeats": "repeating",
        "whom": "myself", "people": "3",
        "details": "Groceries for three until the end of the month.\n"
                   "We live on the fourth floor and the lift is broken.",
        "area": AREAS[site][0], "crossing": "Mill Street and Fourth", "language": "es",
        "reach": "receipt", "name": "Marisol", "visible": "helper", **more}


# The others at the aid desk: name, needs, offers, how soon, area (which), language, days.
NEIGHBOURS = (
    ("Mr. Adeyemi", "food", "", "today", 0, "en", 2),
    ("", "childcare", "", "today", 1, "es", 1),
    ("Lupe", "food translation", "", "week", 0, "es", 6),
    ("The Nowaks, 3 of us", "repairs", "", "week", 2, "other", 12),
    ("", "food childcare", "company", "week", 0, "es", 4),
    ("Sam", "rides", "", "week", 3, "en", 3),
    ("Dolores H.", "company rides", "", "month", 1, "es", 20),
    ("", "papers", "", "month", 0, "en", 9),
    ("Yusuf", "food", "", "month", 0, "other", 15),
    ("Old Tom", "repairs company", "", "whenever", 2, "en", 31),
    ("Ines", "", "food rides", "today", 0, "es", 1),
    ("Eastside kitchen", "", "food childcare", "whenever", 0, "en", 40),
    ("Piotr", "", "repairs rides", "week", 2, "en", 8),
    ("", "", "translation papers", "month", 1, "es", 11),
    ("Mei", "", "food company", "whenever", 0, "en", 5),
)


def mails(stack, to):
    """What the courier has sent to that address, as messages, the newest last."""
    def read():
        found = [(file.stat().st_mtime_ns, email.message_from_bytes(
            file.read_bytes(), policy=email.policy.default))
            for file in (stack.state / "mail/new").glob("[!.]*")]
        return [m for _, m in sorted(found, key=lambda f: f[0]) if to in m["To"]]
    return wait_for(read)


def link(message, way):
    """The address on the site, of that way, in the text of a mail."""
    text = message.get_body(("plain",)).get_content()
    return re.search(rf"http://[^/]+(\S*/subscribe/{way}\?code=\S+)", text)[1]


class House:
    def __init__(self, stack, site):
        self.stack, self.site = stack, site
        self.imani = Admin(stack, "Imani").accept(stack.invitation)
        self.spare = self.imani.invite()
        self.lone = self.tomas = self.wei = self.ada = None
        self.cases, self.codes = {}, {}
        self.statements, self.readers = {}, {}
        self.events, self.dates = {}, {}

    def token(self, age=60, form="join"):
        return token(self.stack.form_key, form, age)

    def apply(self, name="Rosa Ibarra", **more):
        """Somebody applies at once; gives their receipt code."""
        return self.send("membership", answers(self.site, name, **more))

    def send(self, desk, given):
        path, form = FORMS[desk]
        who = Visitor(self.stack)
        got = who.post(path, data={**given, "step": "send", "token": self.token(form=form)})
        return who.follow(got).code()

    def newest(self, make):
        """What `make` gives, and the id of the case that it made."""
        ids = "SELECT LOWER(HEX(id)) FROM submission"
        before = self.stack.sql(ids)
        made = make()
        ((id_,),) = set(self.stack.sql(ids)) - set(before)
        return made, id_

    def case(self, key, *does, desk="membership", **more):
        """A case called `key`, on which each of `does` (who, vote) was done."""
        given = {"membership": answers, "supporters": support_answers,
                 "aid": aid_answers}[desk](self.site, **more)
        self.codes[key], id_ = self.newest(lambda: self.send(desk, given))
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

    def holder(self, key):
        """Who holds that receipt, with it open."""
        who = Visitor(self.stack)
        who.status(self.codes[key])
        return who

    def age(self, key, days, ended=False):
        """As if it had come, or ended, so many days earlier."""
        column = "ended_day" if ended else "received_day"
        self.stack.sql(
            f"UPDATE submission SET {column} = {column} - {days * DAY},"
            f" moved_day = moved_day - {days * DAY} WHERE id = X'{self.cases[key]}'")

    # ---- the whole ----

    def furnish(self):
        if self.tomas:
            return self
        imani = self.imani
        tomas = self.tomas = Admin(self.stack, "Tomás Ó Súilleabháin").accept(imani.invite())
        self.units()
        self.aid()
        self.supporters()
        self.press()
        self.hosts()
        self.case("open", (imani, None))
        self.case("half", (imani, "favour"))
        self.case("long", (imani, "favour"), name=LONG[:200], more="a" * 900,
                  heard="https://example.org/" + "x" * 150, signature=LONG[:200])
        self.case("accepted", (imani, "favour"), (tomas, "favour"))
        self.case("declined", (imani, "favour"), (tomas, "against"))
        self.age("accepted", 170, ended=True)
        self.case("stuck", (imani, "recuse"))
        self.case("lapsed", (imani, "favour"))
        self.stack.sql("UPDATE round SET opened_at = opened_at - 40 * 86400,"
                       " closes_at = closes_at - 40 * 86400"
                       f" WHERE submission = X'{self.cases['lapsed']}'")
        self.case("suspect", website="https://spam.example/")
        self.case("withdrawn")
        who = self.holder("withdrawn")
        who.follow(who.withdraw())
        self.case("waiting")
        # The same person as a supporter who was accepted, and whom a reviewer saw.
        self.case("known", name="Grace Okafor", email="Grace@Example.org", phone="")
        imani.case(self.cases["known"])
        for n in range(30):
            self.apply(f"Applicant {n + 1}", email=f"applicant{n + 1}@example.org", phone="")
        self.people()
        Admin(self.stack, imani.name).login()
        self.stack.settle()
        self.stack.sql("DELETE FROM census;"
                       "UPDATE duty SET next_at = 0 WHERE name = 'census'")
        wait_for(lambda: self.stack.sql("SELECT 1 FROM census WHERE name = 'near'")
                 and self.stack.sql("SELECT 1 FROM census WHERE name = 'need'"))
        return self

    def units(self):
        areas = AREAS[self.site]
        for name, kind, state, area, about in (
                ("Eastside Depot", "workplace", "active", areas[0],
                 "Mechanics and cleaners of all three shifts. We meet on the first Tuesday."),
                ("Hospital Kitchen", "workplace", "forming", areas[1], ""),
                ("The Whole City", "city", "active", "", "Everybody who is in no other unit."),
                ("Friends of the Drivers", "supporters", "active", areas[0],
                 "We bring coffee to the picket line, and our children to the demonstrations."),
                ("Parents for the Buses", "supporters", "forming", areas[2], ""),
                ("Riverbank Tenants", "neighbourhood", "resting", areas[3],
                 "Rents, repairs, and a garden. " * 20),
                (LONG[:120], "city", "forming", areas[0], "x" * 300)):
            form = self.imani.page("/admin/units/new").form("/units/new")
            self.imani.follow(self.imani.submit(
                form, {"name": name, "kind": kind, "state": state, "area": area,
                       "about": about}, ("step", "save")))

    def aid(self):
        """Requests and offers: one long story, each state, and enough for two pages."""
        imani, tomas, site = self.imani, self.tomas, self.site
        areas = AREAS[site]
        for n, (name, needs, offers, urgency, area, language, days) in enumerate(
                NEIGHBOURS * 2):
            key = f"aid-{n}"
            self.case(key, desk="aid", name=name if n < len(NEIGHBOURS) else "", needs=needs.split(), offers=offers.split(),
                      urgency=urgency, area=areas[area], language=language,
                      whom="myself" if needs else "anyone", details="", crossing="")
            self.age(key, days)
        self.case("aid", desk="aid")
        self.case("aid-offer", desk="aid", needs=[], offers=["food", "rides"], name="Ibrahim",
                  whom="anyone", language="en", phone="+12125550177", reach="phone",
                  details="A van with room for six boxes.", urgency="whenever",
                  offer_when="Saturdays, two hours", offer_limits="No stairs.")
        for key, more in (("aid-new", {"name": ""}), ("aid-asked", {"name": "Mr. Baptiste"}),
                          ("aid-settled", {"name": "Kim"}), ("aid-duplicate", {}),
                          ("aid-complete", {"name": "Aunt Rita"}), ("aid-withdrawn", {}),
                          ("aid-erased", {}), ("aid-waiting", {"name": "Nia"}),
                          ("aid-long", {"name": LONG[:100], "details": "b" * 1400}),
                          ("aid-suspect", {"website": "https://spam.example/"})):
            self.case(key, desk="aid", **more)

        # The story: asked, answered, corrected; called, and given to somebody.
        id_ = self.cases["aid"]
        imani.follow(imani.move(id_, "started", "Two offers nearby; asking both."))
        imani.follow(imani.say(id_, "Hello Marisol, a neighbour can bring groceries on "
                               "Saturday.\nIs there anything that you do not eat?"))
        marisol = self.holder("aid")
        marisol.follow(marisol.write("Thank you! No pork, please. Saturday before noon is "
                                     "good."))
        marisol.follow(marisol.correct({"people": "4", "details": "Groceries for four: my "
                                        "sister has come to stay."}))
        tomas.follow(tomas.note(id_, "Ibrahim has a van on Saturdays. He will ring at the "
                                "street door.", way="call"))
        tomas.follow(tomas.say(id_, "Ibrahim comes on Saturday at eleven."))
        imani.follow(imani.move(id_, "assigned", "Saturday, eleven."))
        me = self.stack.value("SELECT LOWER(HEX(id)) FROM admin WHERE name = 'Imani'")
        imani.follow(imani.assign(id_, me))
        marisol = self.holder("aid")
        marisol.follow(marisol.write("Could he bring rice? The lift still does not work, so "
                                     "he should call us and my son comes down."))

        for key, state in (*((f"aid-{n}", "started") for n in (0, 2, 4, 8)),
                           ("aid-3", "noanswer"), ("aid-5", "delivery"),
                           ("aid-duplicate", "duplicate"), ("aid-complete", "complete")):
            imani.follow(imani.move(self.cases[key], state))
        tomas.follow(tomas.say(self.cases["aid-complete"], "Glad that it worked."))
        self.age("aid-complete", 25, ended=True)
        for key, do in (("aid-settled", lambda who: who.needed("no")),
                        ("aid-withdrawn", Visitor.withdraw), ("aid-erased", Visitor.erase)):
            who = self.holder(key)
            who.follow(do(who))
        self.age("aid-asked", 16)
        self.age("aid-9", 12)
        asked, sunk = self.cases["aid-asked"], self.cases["aid-9"]
        self.stack.sql(
            f"UPDATE submission SET asked_day = moved_day + {14 * DAY}"
            f" WHERE id IN (X'{asked}', X'{sunk}');"
            f"UPDATE submission SET sunk = 1 WHERE id = X'{sunk}'")
        _, self.cases["phone"] = self.newest(lambda: self.enter_by_phone(imani))

    def read_only(self, on):
        """Whether the store takes nothing."""
        self.stack.sql(f"SET GLOBAL read_only = {int(on)}")

    def enter_by_phone(self, who):
        path = "/admin/entry/phone/aid"
        given = aid_answers(self.site, name="Mrs. Kowalski", language="other", reach="phone",
                            language_other="Polish", phone="+12125550108")
        got = who.submit(who.page(path).form(path), given, ("step", "review"))
        return who.submit(Page(got.text).form(path), button=("step", "send"))

    def supporters(self):
        imani = self.imani
        self.case("supporter", (imani, "favour"), desk="supporters")
        for n in range(3):
            self.case(f"supporter-{n}", (imani, "favour"), desk="supporters",
                      name=f"Supporter {n + 1}", email=f"supporter{n + 1}@example.org")
        self.case("supporter-new", desk="supporters", name="Wanjiru", email="",
                  phone="+12125550166", unit="later")
        who = self.holder("supporter-new")
        who.follow(who.write("I can come on Sundays too."))
        self.case("supporter-declined", (imani, "against"), desk="supporters")

    def people(self):
        """Wei serves at the aid desk and has a second factor; Ada serves nowhere."""
        self.wei = Admin(self.stack, "Wei").accept(self.imani.invite(["aid"])).set_factor()
        self.ada = Admin(self.stack, "Ada").accept(self.imani.invite(["aid"]))
        form = self.ada.page("/admin/people").form("/people/leave")
        self.ada.follow(self.ada.submit(form))

    # ---- statements ----

    def write(self, key, title, summary="A word to our neighbours.", body=TEXT, of=None):
        """Imani writes one; with `of` it is that one in Spanish."""
        new = "/admin/statements/new"
        way = f"?of={self.statements[of]}&lang=es" if of else ""
        form = self.imani.page(new + way).form(new)
        got = self.imani.submit(form, {"title": title, "summary": summary, "body": body},
                                ("step", "save"))
        self.imani.follow(got)
        id_ = re.search(r"statements/([0-9a-f]{32})", got.headers["Location"])[1]
        self.statements[key] = id_

    def act(self, who, key, does, given=None, button=None):
        """Press a button of that statement; whether there is one."""
        path = f"/admin/statements/{self.statements[key]}"
        page = who.page(path + ("/withdraw" if does == "/withdraw" else ""))
        if not page.has_form(path + does):
            return False
        who.follow(who.submit(page.form(path + does), given, button))
        return True

    def approve(self, key, vote="favour"):
        """Everybody of the rule; where one is enough, nobody is asked."""
        if self.act(self.imani, key, "/ask"):
            for who in (self.imani, self.tomas):
                self.act(who, key, "/vote", {"vote": vote, "reason": "Plain, and true."})

    def publish(self, key, **given):
        self.approve(key)
        assert self.act(self.imani, key, "/publish", given)

    def press(self):
        """A statement in each state, and years of older ones."""
        imani = self.imani
        self.write("published", "For the night shift")
        self.publish("published")
        self.write("spanish", "Por el turno de noche", "Unas palabras al barrio.",
                   "Estamos con el turno de noche.\n\n# Qué pedimos\n\n* Que se escuche.",
                   of="published")
        self.publish("spanish")
        self.write("corrected", "The fare rises again")
        self.publish("corrected")
        self.act(imani, "corrected", "", {"body": TEXT.replace("Tuesday", "Thursday")},
                 ("step", "save"))
        self.publish("corrected", note="We named the wrong day: it is Thursday.")
        self.write("long", LONG, "s" * 300,
                   "y" * 400 + "\n\n    " + "z" * 400)
        self.publish("long")
        self.write("scheduled", "On the first of May")
        self.publish("scheduled", at="2099-05-01 08:00")
        self.write("withdrawn", "A thing that was not so")
        self.publish("withdrawn")
        self.act(imani, "withdrawn", "/withdraw")
        self.write("draft", "Not yet said", "")
        self.write("asked", "What we think of the new line")
        self.act(imani, "asked", "/ask")
        self.write("declined", "A joke about the mayor")
        self.act(imani, "declined", "/ask")
        self.act(self.tomas, "declined", "/vote", {"vote": "against", "reason": "Not kind."})
        me = "(SELECT id FROM admin WHERE name = 'Imani')"
        self.stack.sql("".join(
            f"INSERT INTO {table} ({key}, lang, slug, title, summary, {names})"
            f" SELECT UNHEX(MD5(CONCAT('{lang}', seq))), {more} '{lang}',"
            f" CONCAT('older-', seq), CONCAT('{title} ', seq), '{title}', {values}"
            " FROM seq_1_to_45;"
            for lang, title in (("en", "Minutes of meeting"), ("es", "Acta de la reunión"))
            for table, key, more, names, values in (
                ("statement", "id, work", f"UNHEX(MD5(CONCAT('{lang}', seq))),",
                 "state, body, created_at, changed_at, changed_by",
                 f"'published', 'We met.', 1, UNIX_TIMESTAMP() - seq * {20 * DAY}, {me}"),
                ("published", "id, work", f"UNHEX(MD5(CONCAT('{lang}', seq))),",
                 "html, published_at",
                 f"'<p>We met.</p>', UNIX_TIMESTAMP() - seq * {20 * DAY}")))
            + "UPDATE press SET number = number + 1")
        self.subscribe("reader@example.org")
        self.act(imani, "published", "/announce")

    def subscribe(self, address, confirmed=True, prefix=""):
        """Somebody asks to be told; gives the way to the button."""
        who = Visitor(self.stack)
        path = prefix + "/subscribe"
        form = who.page(path).form(path)
        who.follow(who.submit(form, {"address": address}))
        way = link(mails(self.stack, address)[-1], "confirm")
        if confirmed:
            who.follow(who.submit(who.page(way).form("/confirm")))
        return way

    def slug(self, key):
        return self.stack.value("SELECT slug FROM statement"
                                f" WHERE id = X'{self.statements[key]}'")

    def reader(self, prefix=""):
        """One who has not confirmed yet: the way to the button, in that language."""
        if prefix not in self.readers:
            self.readers[prefix] = self.subscribe(f"reader{prefix[1:]}s@example.org", False,
                                                  prefix)
        return self.readers[prefix]

    # ---- events ----

    def event(self, key, title, publish=True, **more):
        """Imani enters one; its dates to come are under the same key."""
        self.events[key] = id_ = saved(send(self.imani, described(
            title_en=title, **{"how": "not", "rsvp": [], "capacity": "",
                               "zone": ZONES[self.site], **more})))
        if publish:
            assert saved(deed(self.imani, id_, "publish")) == id_
        self.dates[key] = links(self.imani, id_)

    def event_slug(self, key):
        return self.stack.value(f"SELECT slug FROM event WHERE id = X'{self.events[key]}'")

    def come(self, key, people=1, **more):
        """Somebody says that they come to the one date of that event; gives their code."""
        path = f"/rsvp/{self.event_slug(key)}"
        who = Visitor(self.stack)
        form = who.page(path).form(path)
        given = {"answer": "coming", "people": str(people), "name": "Ana",
                 **more}
        return who.follow(who.submit(form, given, ("step", "send"))).code()

    def hosts(self):
        """Events in each state, and years of past ones."""
        imani, areas = self.imani, AREAS[self.site]
        self.event("class", "How a contract is read", how="weekly", step_by="2", rsvp="yes",
                   capacity="12", area=areas[0], title_es="Cómo se lee un contrato",
                   summary_en="An evening for whoever signs one: bring yours.",
                   summary_es="Una tarde para quien firma uno: trae el tuyo.",
                   body_es="Trae **preguntas** y amistades.", wheelchair="A ramp at the side.",
                   childcare="From six, in the room above.", languages="English, Spanish",
                   contact="hosts@example.org")
        odd = self.dates["class"]
        moved = (tuesday(6) + timedelta(days=1)).isoformat()
        for n, change in enumerate((
                lambda oid: date_state(imani, oid, "skipped"),
                lambda oid: date_state(imani, oid, "cancelled",
                                       why="No meeting this week: come to the picket line."),
                lambda oid: date_form(imani, oid, {"day": moved, "from": "19:00", "to": "21:00",
                                                   "note": "On a Wednesday, for once.",
                                                   "address": "The library"}),
                lambda oid: date_state(imani, oid, "postponed")), 1):
            saved(change(odd[n]), "events/date")
        self.event("seats", "Supper before the night shift", kind="social",
                   day=tuesday(1).isoformat(), rsvp="yes", capacity="4", area=areas[1],
                   address_for="coming", link="https://meet.example.org/supper",
                   link_for="coming")
        self.codes["seated"] = self.come("seats", 2, needs="A chair with arms")
        self.codes["full"] = self.come("seats", 2, name="The Nowaks")
        self.codes["line"] = self.come("seats", 1, name="Ibrahim", email="ibrahim@example.org")
        self.codes["not"] = self.come("seats", 1, name="Mei", answer="not")
        self.event("talk", "What the new line will cost us", kind="talk", zone="Europe/Madrid",
                   day=tuesday(3).isoformat(), link="https://meet.example.org/talk", address="")
        self.event("late", "Picket at the gate", kind="action", rsvp="yes", area=areas[2],
                   day=tuesday(2).isoformat(), **{"from": "05:30", "to": "09:00"})
        self.event("cancelled", "March to the town hall", kind="action",
                   day=tuesday(4).isoformat(), rsvp="yes")
        self.codes["off"] = self.come("cancelled", 3, name="Lupe")
        saved(deed(imani, self.events["cancelled"], "cancel", {"note": "It rains."}))
        self.event("weekly", "The Unit's evening", kind="meeting", how="weekly", step_by="1",
                   day=(tuesday() + timedelta(days=3)).isoformat(), rsvp="yes")
        self.event("long", LONG[:160], summary_en="s" * 240, body_en="y" * 400,
                   day=tuesday(5).isoformat(), address="z" * 200, contact="q" * 100)
        self.event("draft", "Not yet said", publish=False)
        for n in range(24):
            single(self.stack, day(-9 * (n + 1)), f"A meeting of ours, {n + 1}", several=True)
        self.past = (f"/events/{single(self.stack, day(-3), 'The meeting of the week', several=True)}"
                     f"/{day(-3):%Y-%m-%d}")
