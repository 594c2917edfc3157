"""The whole walk from an application with mistakes to a decision, as people do it: with a
phone or at a desk, with or without scripts, and once with the keyboard alone."""

import gettext
import time

import pytest

from browser import Keys
from conftest import SITES
from house import aid_answers, answers, link, mails, support_answers
from stack import BUILD, wait_for
from test_events_admin import tuesday

PASSWORD = "cuatro palabras sin parentesco"
NARROW, WIDE = 360, 1280


def es(words):
    """What stands there in Spanish."""
    return gettext.translation("openhall-es", BUILD / "locale", ["es"]).gettext(words)


def told(lang):
    """How a page says it in that language, and where its pages stand."""
    return (es, "/es") if lang == "es" else (str, "")


class Hall:
    """What people do at a site, by the browser `b`."""

    def __init__(self, stack, site, b, given=None):
        self.stack, self.site, self.b = stack, site, b
        self.given = given or answers(site)

    def ask(self, *names):
        """Answer these questions as a person does: type, or tick."""
        b = self.b
        for name in names:
            fields = b.all(f"main [name='{name}']:not([type=hidden])")
            if fields[0].get_attribute("type") in ("checkbox", "radio"):
                wanted = self.given[name]
                for value in wanted if isinstance(wanted, list) else [wanted]:
                    (at,) = [f for f in fields if f.get_attribute("value") == value]
                    b.tick(at.get_attribute("id"))
            else:
                b.type(name, self.given[name])

    def questions(self):
        """Those of the form, in its order."""
        names = self.b.js("""return [...new Set([...document.querySelectorAll(
            '.form .field [name], .form .choice [name]')].map(e => e.name))]""")
        return [name for name in names if name in self.given]

    def kept(self, *names):
        """These answers stand in the form."""
        got = self.b.js("""return arguments[0].map(name => [...document.getElementsByName(name)]
            .filter(e => e.type != 'hidden' && (e.checked || !/checkbox|radio/.test(e.type)))
            .map(e => e.value))""", names)
        assert dict(zip(names, got)) == {name: [self.given[name]] for name in names}

    # ---- the committee ----

    def begin(self, who, link, name):
        """The person that the browser calls `who` follows an invitation."""
        b = self.b.become(who).get(link)
        b.type("name", name).type("password", PASSWORD).type("again", PASSWORD)
        b.press("Begin")
        assert b.path.startswith("/admin/") and "invitation" not in b.path

    def vote(self, who, case, words, button="Vote"):
        b = self.b.become(who).get(case)
        b.tick(next(c.get_attribute("for") for c in b.all("main .choice label")
                    if c.text == words))
        b.type("reason", "She organised the night shift with us.")
        b.press(button)
        assert "She organised the night shift" in b.text(".panel")


def patient(b):
    """Nobody fills in a form within three seconds."""
    time.sleep(3)
    return b


@pytest.mark.parametrize("site, wide, script", [
    ("party", NARROW, False), ("caucus", WIDE, True)])
def test_from_nothing_to_a_decision(browsers, stacks, site, wide, script):
    stack = stacks(site)
    b = browsers(script).at(stack).width(wide).scheme("light")
    hall = Hall(stack, site, b)
    # From the front page to the form, in Spanish.
    b.become("Rosa").get("/").press("Español", "header")
    assert b.path == "/es/" and b.one("html").get_attribute("lang") == "es"
    b.press(es("Join"), "nav.menu")
    assert b.path == "/es/join"

    # With mistakes: something left out, something wrong.
    names = hall.questions()
    hall.ask(*(name for name in names if name not in ("why", "email", "phone")))
    b.type("email", "rosa@")
    b.press(es("Continue"))
    assert b.driver.title.startswith(es("Error:"))
    links = b.all(".errors a")
    assert [a.get_attribute("href").rpartition("#")[2] for a in links] == [
        "f-email", "f-why"]
    hall.kept(*(name for name in names if name not in ("why", "email", "phone")))
    assert b.field("email").get_property("value") == "rosa@"
    for link in links:
        field = link.get_attribute("href").rpartition("#")[2]
        link.click()
        assert b.focused().get_attribute("id") == field
        told = b.focused().get_attribute("aria-describedby").split()
        assert any(b.one(f"#{id_}").get_attribute("class") == "error" for id_ in told)

    # The language changes on the way, and no answer is lost.
    b.press("English")
    assert b.path == "/join" and not b.has(".errors")
    hall.kept(*(name for name in names if name not in ("why", "email", "phone")))
    b.press("Español")
    assert b.path == "/es/join"
    hall.ask("email", "phone", "why")
    b.press(es("Continue"))

    # Look over everything, and go back once.
    assert not b.has(".errors")
    for shown in ("Rosa Ibarra", "rosa@example.org", "Bus mechanic", hall.given["pledge"]):
        assert shown in b.text()
    b.press(es("Change something"))
    hall.kept(*names)
    b.press(es("Continue"))
    patient(b).leave(b.one("button[value=send]").click)

    # The receipt: large, and typed from the note.
    assert b.path == "/es/receipt"
    code = b.text(".code").replace("\n", "")
    size = float(b.one(".code").value_of_css_property("font-size").removesuffix("px"))
    assert size >= (28 if wide == NARROW else 36)
    b.type("code", code[:-1] + ("0" if code[-1] != "0" else "1")).press(es("Check it"))
    assert b.has(".error") and b.text(".code").replace("\n", "") == code
    b.type("code", code.lower().replace("-", " ").replace("0", "o")).press(es("Check it"))
    assert not b.has(".code") and "Rosa Ibarra" in b.text()
    assert "step--now" in b.all("ol.steps li")[0].get_attribute("class")
    b.press(es("Close and forget on this device"))
    b.get("/es/receipt")
    assert "Rosa Ibarra" not in b.text()

    # The first reviewer comes by the operator's link, the second is invited.
    hall.begin("Imani", stack.invitation, "Imani")
    b.press("People", "nav.menu").press("Make an invitation")
    link = b.text(".link").replace("\n", "")
    hall.begin("Wei", link, "Wei")
    b.become("Somebody").get(link)
    assert b.has("a.button") and not b.has("form.form")

    # Two votes, each with a reason.
    b.become("Imani").get("/admin/")
    b.press("Queue", "nav.menu")
    b.press("Rosa Ibarra")
    case = b.path
    assert "City Transit" in b.text() and "rosa@example.org" in b.text()
    b.press("Open for decision")
    hall.vote("Imani", case, "In favour")
    assert b.text(".tag") == "In review" and "1 / 2" in b.text("dl.tally")
    hall.vote("Wei", case, "In favour")
    assert b.text(".tag") == "Accepted"

    # Both leave; what was open is closed to this browser.
    b.press("Log out", "header").get(case)
    assert b.has("[name=password]")
    b.type("name", "Wei").type("password", PASSWORD).press("Log in")
    b.get(case)
    assert b.text(".tag") == "Accepted"

    # The receipt tells the decision.
    b.become("Rosa").get("/es/receipt").type("code", code).press(es("Show me"))
    assert es("You are welcome with us: your application was accepted.") in \
        b.text(".notice--good")
    assert not b.has("a[href$='/receipt/withdraw']")


@pytest.mark.parametrize("site, wide, script", [
    ("party", WIDE, True), ("caucus", NARROW, False)])
def test_withdraw(browsers, stacks, site, wide, script):
    stack = stacks(site)
    b = browsers(script).at(stack).width(wide)
    hall = Hall(stack, site, b)
    b.get("/join").fill(hall.given)
    b.press("Continue")
    patient(b).leave(b.one("button[value=send]").click)
    code = b.text(".code").replace("\n", "")
    b.type("code", code).press("Check it").press("Withdraw this").press("Keep it")
    assert "Rosa Ibarra" in b.text()
    b.press("Withdraw this").press("Withdraw and erase")
    assert "Rosa Ibarra" not in b.text() and "Withdrawn" in b.text(".steps")
    b.press("Close and forget on this device").get("/receipt")
    b.type("code", code).press("Show me")
    assert "Withdrawn" in b.text(".steps") and "Rosa" not in b.driver.page_source


def seen(b):
    """What has the focus: itself, its name, type and value; its outline, and whether it is on
    the screen, of a tall field the line that is written on."""
    return b.js("""const e = document.activeElement, s = getComputedStyle(e);
        const r = e.getBoundingClientRect();
        const at = document.elementFromPoint(r.x + r.width / 2,
            Math.min(r.y + r.height / 2, innerHeight - 8));
        return [e, e.name, e.type, e.value, s.outlineStyle, parseFloat(s.outlineWidth),
            !!at && (e.contains(at) || at.closest('label') != null)];""")


@pytest.mark.parametrize("site", SITES)
def test_keyboard(browsers, stacks, site):
    """Tab, Space and Enter alone lead through the form, in the order of the page, and one
    always sees where one is."""
    stack = stacks(site)
    b = browsers(False).at(stack).width(WIDE)
    hall = Hall(stack, site, b)
    b.get("/join")

    b.key(Keys.TAB)
    assert b.focused().get_attribute("class") == "skip"
    assert b.focused().location["y"] >= 0
    b.key(Keys.ENTER, Keys.TAB)
    assert b.js("return document.getElementById('main').contains(document.activeElement)")

    order = []
    while True:
        here, name, kind, value, *look = seen(b)
        if value == "review":
            break
        order.append(here)
        assert look[0] != "none" and look[1] >= 2, f"no sign of the focus on {name}"
        assert look[2], f"{name} is not to be seen: {look}"
        assert name != "website"
        if kind == "radio" and name in hall.given:
            b.key(Keys.SPACE)
            while b.focused().get_attribute("value") != hall.given[name]:
                b.key(Keys.ARROW_DOWN)
        elif kind == "checkbox":
            b.key(Keys.SPACE)
        elif name in hall.given:
            b.key(hall.given[name])
        b.key(Keys.TAB)
        assert len(order) < 60
    assert b.js("""return arguments[0].every((e, i, all) => !i ||
        all[i - 1].compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING)""", order)
    assert len(order) > 20

    b.leave(lambda: b.key(Keys.ENTER))
    assert "Bus mechanic" in b.text()
    patient(b)
    for _ in range(30):
        b.key(Keys.TAB)
        if b.focused().get_attribute("value") == "send":
            break
    b.leave(lambda: b.key(Keys.ENTER))
    assert b.has(".code")


# ---- the other forms, without a script, on both sites in both languages ----

BOTH = [pytest.param(site, lang, id=f"{site}-{lang}") for site in SITES
        for lang in ("en", "es")]


def fill_in(house, b, given, path):
    """Answer, look over, send and type the code: the code, and the id of the case."""
    say, at = told("es" if b.path.startswith("/es/") else "en")
    hall = Hall(house.stack, house.site, b, given)
    assert b.path == at + path
    hall.ask(*hall.questions())
    b.press(say("Continue"))
    assert not b.has(".errors"), b.text(".errors")
    _, id_ = house.newest(lambda: b.leave(b.one("button[value=send]").click))
    code = b.text(".code").replace("\n", "")
    b.type("code", code).press(say("Check it"))
    assert say("Where it stands") == b.text("h1")
    b.press(say("Close and forget on this device"))
    return code, id_


def come_back(b, at, say, code):
    b.get(at + "/receipt").type("code", code).press(say("Show me"))


def to_case(b, id_):
    """From the queue, on whichever of its pages the case is."""
    while not (link := b.has(f"main a[href$='{id_}']")):
        b.leave(b.one("a[rel=next]").click)
    b.leave(link.click)


@pytest.mark.parametrize("site, lang", BOTH)
def test_neighbour(browsers, houses, site, lang):
    """Who has no e-mail asks; a coordinator answers; the neighbour replies and closes."""
    house, (say, at) = houses(site), told(lang)
    b = browsers(False).at(house.stack).width(NARROW)
    b.become("neighbour").get(at + "/aid")
    b.press(say("Ask for help or offer some"))
    few = aid_answers(site)
    for name in ("name", "details", "crossing", "people", "language", "repeats"):
        del few[name]
    assert "email" not in few and "phone" not in few
    code, id_ = fill_in(house, b, few, "/aid/request")

    b.become("Imani").cookies_of(house.imani)
    to_case(b.get(at + "/admin/queue?desk=aid"), id_)
    assert say("No name given") == b.text("h1")
    b.one("#message").send_keys("Somebody comes at six.")
    b.press(say("Send the message"))
    assert "Somebody comes at six." in b.text(".talk .ours")
    b.press(say("Started"), ".panel")
    assert b.text("main p .tag") == say("Started")

    b.become("neighbour")
    come_back(b, at, say, code)
    assert "Somebody comes at six." in b.text(".talk") and b.has(".talk .tag--new")
    assert "Imani" not in b.text()
    b.type("text", "Thank you. We are at home.").press(say("Send the message"))
    assert "We are at home." in b.text(".talk .ours")
    b.press(say("This is settled, thank you"))
    assert b.has(".notice--good") and not b.has("a[href$='/receipt/withdraw']")

    b.become("Imani").get(f"{at}/admin/queue?desk=aid&list=unread")
    to_case(b, id_)
    assert "We are at home." in b.text(".talk") and b.has(".talk .tag--new")
    assert say("said that it is settled") in b.text(".talk .happened")
    assert b.text("main p .tag") == say("Complete")
    assert not b.get(b.path).has(".talk .tag--new")


@pytest.mark.parametrize("site, lang", BOTH)
def test_supporter(browsers, houses, site, lang):
    """One reviewer is enough."""
    house, (say, at) = houses(site), told(lang)
    b = browsers(False).at(house.stack).width(NARROW)
    b.become("Grace").get(at + "/").press(say("Support"), "nav.menu")
    name = f"Grace {site} {lang}"
    code, id_ = fill_in(house, b, support_answers(site, name, email=f"g.{lang}@example.org"),
                        "/support")

    b.become("Imani").cookies_of(house.imani)
    to_case(b.get(at + "/admin/queue?desk=supporters"), id_)
    assert name == b.text("h1")
    b.press(say("Open for decision"))
    b.tick("vote").type("reason", "Glad to have her.").press(say("Vote"))
    assert b.text("main p .tag") == say("Accepted")

    b.become("Grace")
    come_back(b, at, say, code)
    assert say("Accepted") in b.text(".steps") and b.has(".notice--good")


@pytest.mark.parametrize("site, lang", BOTH)
def test_phone(browsers, houses, site, lang):
    """A request that is told on the telephone, and its code read out."""
    house, (say, at) = houses(site), told(lang)
    b = browsers(False).at(house.stack).width(WIDE)
    b.become("Imani").cookies_of(house.imani)
    b.get(at + "/admin/queue?desk=aid").press(say("Type in what came by phone or on paper"))
    b.leave(b.one("main a[href*='/entry/phone/']").click)
    hall = Hall(house.stack, site, b, aid_answers(site, name="Mrs. Kowalski"))
    hall.ask(*hall.questions())
    b.press(say("Continue"))
    b.leave(b.one("button[value=send]").click)
    groups = [e.text for e in b.all(".groups li")]
    assert [len(g) for g in groups] == [4] * 6
    b.press(say("Open the case"))
    assert b.text("h1") == "Mrs. Kowalski" and say("by telephone") in b.text()

    b.become("Mrs. Kowalski")
    come_back(b, at, say, " ".join(groups).lower())
    assert "Mrs. Kowalski" in b.text() and b.has("#message")


@pytest.mark.parametrize("site, lang", BOTH)
def test_statement(browsers, furnished, site, lang):
    """Written, approved where the site asks for it, published, read; and somebody asks to be
    told of the next, confirms, and leaves again."""
    house, (say, at) = furnished(site), told(lang)
    b = browsers(False).at(house.stack).width(NARROW)
    hall = Hall(house.stack, site, b)
    title = f"We are all at the gate {lang}"
    b.become("Imani").cookies_of(house.imani)
    b.get(at + "/admin/statements").press(say("Write a statement"))
    b.type("title", "").press(say("See how it will look"))
    assert b.has(".errors a[href='#title']")
    b.type("title", title).type("summary", "From six on.")
    b.type("body", "Bring **coffee**.\n\n# When\n\n* At six\n\n<b>not a mark</b>")
    b.press(say("See how it will look"))
    assert b.text("article h2") == title and b.has("article strong, article li")
    b.press(say("Save"))
    page = b.path.partition("?")[0]
    if site == "party":
        assert not b.has("form[action$='/publish']")
        b.press(say("Ask for approval"))
        b.become("Tomás").cookies_of(house.tomas)
        for who in ("Imani", "Tomás"):
            hall.vote(who, page, say("In favour"), say("Vote"))
        assert b.text("main .tag") == say("Ready")
    else:
        b.get(page)
    b.press(say("Publish"))
    assert b.text("main .tag") == say("Published")

    # A reader finds it within two seconds.
    b.become("reader")
    wait_for(lambda: title in b.get(at + "/statements").text(), within=2)
    b.press(title)
    assert b.text("h1") == title and b.text("article strong") == "coffee"
    assert not b.has("article b") and "<b>not a mark</b>" in b.text("article .prose")
    wait_for(lambda: title in b.get(at + "/").text("[aria-labelledby=recent]"), within=2)
    b.press(say("Tell me of new ones by mail"))
    address = f"walker-{lang}@example.org"
    b.type("address", "walker").press(say("Send me that message"))
    assert b.has(".errors") and b.field("address").get_property("value") == "walker"
    b.type("address", address).press(say("Send me that message"))
    assert b.text("h1") == say("Look into your mail")

    # The mail is in the reader's language, and leads to a button.
    (mail,) = mails(house.stack, address)
    way = link(mail, "confirm")
    assert way.startswith(at + "/subscribe") and say("Read it here:") not in str(mail)
    b.get(way).press(say("Yes, subscribe me"))
    assert b.text("h1") == say("You are subscribed")
    b.get(way.replace("/confirm?", "/leave?")).press(say("Yes, take me off the list"))
    assert b.text("h1") == say("You have left the list")
    b.get(way)
    assert b.text("h1") == say("This link does not lead anywhere any more")


@pytest.mark.parametrize("site, lang, wide, script", [
    ("party", "en", WIDE, True), ("caucus", "es", NARROW, False)])
def test_class(browsers, furnished, site, lang, wide, script):
    """Every second Tuesday: entered as a person does, found in the list, in the month and on
    its page; somebody takes the last seat, and the next one moves up when they cannot come."""
    house, (say, at) = furnished(site), told(lang)
    b = browsers(script).at(house.stack).width(wide)
    title = f"Clase de los martes {site}"
    b.become("Imani").cookies_of(house.imani)
    b.get(at + "/admin/").press(say("Events"), "nav.menu").press(say("Add an event"))
    b.press(say("Save"))
    assert b.has(".errors a[href='#f-day']") and b.has("[aria-invalid][name=day]")
    b.type(f"title_{lang}", title).type(f"summary_{lang}", "Bring your contract.")
    b.one("#f-lang").send_keys("Esp" if lang == "es" else "Eng")
    b.one("main [name=kind][value=education] + label").click()
    b.field("day").send_keys(f"{tuesday():%m%d%Y}")
    b.field("from").send_keys("0630PM")
    b.field("to").send_keys("0830PM")
    b.press(say("Again and again")).one("main [name=how][value=weekly] + label").click()
    b.type("step_by", "2").type("address", "12 Harbor Street").type("capacity", "2")
    b.one("main [name=rsvp] + label").click()
    b.press(say("See dates and page"))
    assert b.text("article h2") == title
    assert not b.has(".errors"), b.text(".errors")
    dates = [li.text for li in b.all("section ul li")]
    assert len(dates) > 5 and str(tuesday().day) in dates[0] and str(tuesday(2).day) in dates[1]
    b.press(say("Save")).press(say("Publish"), ".panel")
    assert b.text("main .tag") == say("Published")

    # A reader finds it: in the list of its kind, in the month, on its page.
    b.become("reader").get(at + "/").press(say("Events"), "nav.menu")
    b.one("#kind").send_keys(say("Political education"))
    b.press(say("Show"))
    wait_for(lambda: title in b.get(b.path).text(), within=3)
    b.press(title)
    assert b.text("article h1") == title and str(tuesday().year) in b.text("article h2 + .units, .when")
    page = b.path
    b.get(f"{at}/events/month/{tuesday(2):%Y-%m}")
    cells = [e for e in b.all("td.busy") if title in e.text]
    assert cells and all(b.js("return arguments[0].cellIndex", e) == 1 for e in cells)
    assert {int(b.js("return arguments[0].querySelector('time').dateTime.slice(-2)", e))
            for e in cells} <= {tuesday(n).day for n in range(0, 8, 2)}
    shown = cells[0].value_of_css_property("display")
    assert shown == ("block" if wide == NARROW else "table-cell")

    # Two seats: Rosa takes both, Ben waits, and moves up.
    codes = {}
    way = page.replace("/events/", "/rsvp/", 1).split("?")[0]
    if not way.endswith(f"{tuesday()}"):
        way = f"{way}/{tuesday()}"
    for who, people, is_told in (("Rosa", "2", "2"), ("Ben", "1", "1")):
        b.become(who).get(way)
        b.one("main [name=answer][value=coming] + label").click()
        b.type("people", "" if who == "Rosa" else people).type("name", who)
        b.leave(b.one("button[value=send]").click)
        if who == "Rosa":
            assert b.has(".errors a[href='#f-people']")
            assert b.field("name").get_property("value") == "Rosa"
            b.type("people", people)
            b.leave(b.one("button[value=send]").click)
        codes[who] = b.text(".code").replace("\n", "")
    assert b.path == at + "/rsvp" and not b.has(".notice--good")
    b.become("Rosa").get(at + "/rsvp")
    assert b.has(".notice--good")
    b.press(say("Take it back")).press(say("Take it back"))
    b.become("Ben").get(at + "/rsvp")
    assert b.has(".notice--good") and "12 Harbor Street" in b.text()
    b.press(say("Close and forget on this device"))
    b.get(at + "/rsvp").type("code", codes["Ben"].lower()).press(say("Show me"))
    assert "12 Harbor Street" in b.text() and "Ben" in b.text()

    # No meeting this time: it stays where it was, marked.
    b.become("Imani").get(at + "/admin/events").press(title)
    b.leave(b.one(".panel .tally a").click)
    assert b.has("details:not([open]) [name=why]"), "not to be pressed by accident"
    b.press(say("It does not take place"))
    b.type("why", "No meeting this week.").press(say("No meeting this time"))
    b.become("reader")
    wait_for(lambda: "No meeting this week." in b.get(page).text(), within=3)
    assert say("Cancelled") in b.text("article .tag--bad")
    b.become("Ben").get(at + "/rsvp")
    assert b.has(".notice--bad")
