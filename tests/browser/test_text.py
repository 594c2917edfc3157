"""What is left for a browser that knows text only: lynx reads the pages well, and its
forms lead to a receipt.  The same is what a screen reader is given, in its order."""

import re
import subprocess
from urllib.parse import urlencode

import pytest

from conftest import SITES
from house import aid_answers, answers, link, mails, support_answers
from portal import Page
from test_events_admin import tuesday
from test_walk import es, told


class Lynx:
    def __init__(self, stack, folder):
        self.base = stack.base
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.jar = folder / "cookies"
        (folder / "lynx.cfg").write_text("")

    def run(self, path, given, *flags):
        done = subprocess.run(
            ["lynx", f"-cfg={self.folder}/lynx.cfg", "-width=76", "-assume_charset=utf-8",
             "-display_charset=utf-8", "-accept_all_cookies", f"-cookie_file={self.jar}",
             f"-cookie_save_file={self.jar}", *flags, self.base + path],
            input=given, text=True, capture_output=True, timeout=60,
            env={"TERM": "dumb", "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
                 "PATH": "/usr/bin:/bin"})
        # 1 tells of a 422, the page of mistakes.
        assert done.returncode in (0, 1) and done.stdout, done.stderr
        return done.stdout

    def read(self, path):
        """The page as text, without its frame."""
        return self.run(path, "", "-dump", "-nolist")

    def post(self, path, pairs):
        return self.run(path, urlencode(pairs) + "\n---\n", "-dump", "-nolist", "-post_data")

    def form(self, path):
        return self.form_at(path, path)

    def form_at(self, path, ending):
        return Page(self.run(path, "", "-source")).form(ending)


@pytest.fixture
def lynx(request, houses, folder, site):
    return Lynx(houses(site).stack, folder / f"lynx-{site}")


def follow_each_other(text, *words):
    at = 0
    for word in words:
        found = text.find(word, at)
        assert found >= 0, f"{word!r} is not behind what should come before it:\n{text}"
        at = found + len(word)


@pytest.mark.parametrize("site", SITES)
def test_walk(lynx, houses, site):
    text = lynx.read("/")
    follow_each_other(text, "Skip to the content", "Join", "Your receipt", "1.", "2.")

    text = lynx.read("/join")
    follow_each_other(text, "Leave this field empty", "Your name", "The name you want",
                      "____", "[ ] I am 18 or over", "E-mail address", "____",
                      "Continue", "Español")

    # A mistake is told above, and beside its field, where the answer still stands.
    form = lynx.form("/join")
    text = lynx.post("/join", form.filled(answers(site, email="rosa@", phone=""),
                                          ("step", "review")))
    told = "Give an e-mail address such as"
    follow_each_other(text, "Something needs another look", f"* {told}", "E-mail address",
                      told, "rosa@___")

    # Sent: the code stands on one line; it leads back.
    filled = dict(lynx.form("/join").filled(answers(site), ("step", "review")))
    text = lynx.post("/join", filled)
    follow_each_other(text, "Look over your answers", "Your name", "Rosa Ibarra",
                      "Sign with your name", "Rosa Ibarra", "Change something")
    text = lynx.post("/join", {**filled, "step": "send"})
    (code,) = re.findall(r"(?m)^ *((?:[0-9A-Z]{4}-){5}[0-9A-Z]{4})$", text)
    form = lynx.form("/receipt")
    text = lynx.post("/receipt", form.filled({"code": code}))
    follow_each_other(text, "Where it stands", "1.", "Received", "2.", "Decision",
                      "Your name", "Rosa Ibarra")


FORMS = {"/join": answers, "/support": support_answers, "/aid/request": aid_answers}


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("lang", ("en", "es"))
@pytest.mark.parametrize("site", SITES)
def test_forms(lynx, site, lang, path):
    """Each of them, with a mistake, to the receipt and back to the answers."""
    say, at = told(lang)
    given = FORMS[path](site)
    form = lynx.form(at + path)
    text = lynx.post(at + path, form.filled({**given, "email": "wrong@"}, ("step", "review")))
    follow_each_other(text, say("Something needs another look"), "*", "wrong@___",
                      say("Continue"))
    filled = form.filled(given, ("step", "review"))
    text = lynx.post(at + path, filled)
    follow_each_other(text, say("Look over your answers"), given["name"],
                      say("Change something"))
    filled[filled.index(("step", "review"))] = ("step", "send")
    text = lynx.post(at + path, filled)
    (code,) = re.findall(r"(?m)^ *((?:[0-9A-Z]{4}-){5}[0-9A-Z]{4})$", text)
    text = lynx.post(f"{at}/receipt", lynx.form("/receipt").filled({"code": code}))
    follow_each_other(text, say("Where it stands"), say("Messages"), say("Write to us"),
                      say("What you sent"), given["name"], say("Withdraw this"),
                      say("Erase everything"))


@pytest.mark.parametrize("site", SITES)
def test_order(lynx, houses, site):
    """Pages that say much say it in an order that makes sense when it is heard."""
    house = houses(site).furnish()
    follow_each_other(lynx.read("/aid"), "Mutual aid", "Ask for help or offer some",
                      "What you can ask for", "1.", "2.", "3.", "4.", "Who reads it",
                      "What is being worked on now", "Needed", "Offered", "Food")
    follow_each_other(lynx.read("/units"), "Units", "Eastside Depot", "Active",
                      "None near you?", "Join us")
    text = lynx.post("/receipt", lynx.form("/receipt").filled({"code": house.codes["aid"]}))
    follow_each_other(text, "Where it stands", "Messages", "Hello Marisol", "You",
                      "Thank you! No pork", "corrected the answers", "Ibrahim comes",
                      "Write to us", "Send the message", "Groceries for four")


@pytest.mark.parametrize("site", SITES)
def test_statements(lynx, houses, site):
    """Found, and read with its correction; and the list of readers joined."""
    house = houses(site).furnish()
    follow_each_other(lynx.read("/"), "Recent statements", "* ", "All statements",
                      "Tell me of new ones by mail")
    follow_each_other(lynx.read("/statements"), "The fare rises again", "corrected on", "Older", "By year", "2026", "Tell me by mail",
                      "RSS")
    follow_each_other(lynx.read(f"/statements/{house.slug('corrected')}"),
                      "The fare rises again", "Corrected on", "We named the wrong day",
                      "We stand with", "What we ask", "* That nobody loses", "1. Come to the "
                      "depot on Thursday")
    form = lynx.form("/es/subscribe")
    text = lynx.post("/es/subscribe", form.filled({"address": "lynx@"}))
    follow_each_other(text, es("Something needs another look"), "lynx@___")
    text = lynx.post("/es/subscribe", form.filled({"address": "lynx@example.org"}))
    follow_each_other(text, es("Look into your mail"))
    (mail,) = mails(house.stack, "lynx@example.org")
    way = link(mail, "confirm")
    text = lynx.post("/es/subscribe/confirm", lynx.form_at(way, "/confirm").filled())
    follow_each_other(text, es("You are subscribed"))


@pytest.mark.parametrize("site", SITES)
def test_events(lynx, houses, site):
    """The list, the month and an event are read in the order of time; and somebody comes."""
    house = houses(site).furnish()
    days = [f"{d.day} {d:%B %Y}" for d in (tuesday(), tuesday(4), tuesday(8))]
    follow_each_other(lynx.read("/"), "Coming events", "How a contract is read", "All events")
    follow_each_other(lynx.read("/events"), "Coming", "Month", "Past", days[0], "18:30",
                      "How a contract is read", "Political education", days[1], "Cancelled",
                      "No meeting this week", "Later", "calendar (iCalendar)")
    follow_each_other(lynx.read(f"/events/month/{tuesday(4):%Y-%m}"), "Monday", "Sunday",
                      f"{tuesday(4).day}", "18:30 How a contract is read", "Cancelled")
    follow_each_other(lynx.read(f"/events/{house.event_slug('class')}"), "Every second Tuesday",
                      "Dates", days[0], "Seats are left", days[1], "Cancelled", "Moved",
                      "On a Wednesday", "Postponed", "Where and how", "12 Harbor Street",
                      "A ramp")
    path = f"/rsvp/{house.event_slug('late')}"
    form = lynx.form(path)
    text = lynx.post(path, form.filled({"answer": "coming", "name": "Rosa"}, ("step", "send")))
    follow_each_other(text, "Something needs another look", "* ", "Picket at the gate",
                      "How many are you")
    text = lynx.post(path, form.filled({"answer": "coming", "name": "Rosa", "people": "2"},
                                       ("step", "send")))
    assert re.search(r"(?m)^ *(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}$", text)
    follow_each_other(text, "Your answer", "Picket at the gate", "What the hosts see", "Rosa")


@pytest.mark.parametrize("site", SITES)
def test_nothing_but_words(lynx, site):
    """No rule of style and no mark of a template is left among the words."""
    for path in ("/es/", "/es/join", "/es/support", "/es/aid", "/es/aid/request", "/es/units",
                 "/es/statements", "/es/subscribe", "/es/receipt", "/es/admin/login",
                 "/es/events", "/es/events/month", "/es/rsvp", "/es/privacy", "/es/contact"):
        assert not re.search(r"[{}<>]|&\w+;", lynx.read(path)), path
