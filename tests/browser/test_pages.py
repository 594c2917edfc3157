"""Every page in every state: on a desk by day and on the smallest phone by night, in both
languages of both sites."""

import re
from functools import cache
from urllib.parse import quote

import html5lib
import pytest

import axe
from conftest import SITES
from pages import PAGES

LANGUAGES = ("en", "es")


def malformed(html):
    """What the parser of the HTML standard calls an error."""
    parser = html5lib.HTMLParser()
    parser.parse(html)
    return [f"line {line}: {code}" for (line, _), code, _ in parser.errors]


# Each mistake, and what must be said of it.
FAULTS = [
    ("structure", "<h1>Two</h1>", "2 headings"),
    ("structure", "<p id=x></p><p id=x>b</p>", "the id x"),
    ("structure", "<a href='#gone'>away</a>", "leads nowhere"),
    ("structure", "<label for=gone>a</label>", "for gone leads nowhere"),
    ("structure", "<input aria-describedby=gone name=n>", "aria-describedby gone"),
    ("structure", "<input name=bare>", "no label: bare"),
    ("structure", "<fieldset><p>a</p></fieldset>", "no legend"),
    ("structure", "<form method=post action=/x></form>", "no token"),
    ("structure", "<p onclick='1'>a</p>", "a script in onclick"),
    ("structure", "<p style='color: red'>a</p>", "has no place here"),
    ("structure", "<button><em>a</em></button>", "does not belong there"),
    ("fit", "<pre>" + "wide" * 100 + "</pre>", "wide by pre"),
    ("targets", "<p><a href='#main'>lone</a></p>", "a target of"),
    ("overlap", "<p>one</p><p style='margin-top: -2.5em'>two</p>", "lies over"),
    ("contrast", "<p style='color: #999; background: #fff'>pale</p>", "contrast 2.85 of p"),
    ("contrast", "<p style='background: linear-gradient(#fff, #000)'>a</p>", "contrast 1.00"),
    ("contrast", "<label>a<input style='border: 1px solid #ddd; background: #fff'></label>",
     "of the edge of input"),
]


# The same for axe-core, each by the name of its rule.
AXE_FAULTS = [
    ("<h4>Deep</h4>", "heading-order"),
    ("<ul><p>a</p></ul>", "list"),
    ("<dl><p>a</p></dl>", "definition-list"),
    ("<p><li>a</li>", "listitem"),
    ("<input name=bare>", "label"),
    ("<button></button>", "button-name"),
    ("<a href='/'></a>", "link-name"),
    ("<img src='data:,'>", "image-alt"),
    ("<label>a<input autocomplete=zip></label>", "autocomplete-valid"),
    ("<p lang=xq>a</p>", "valid-lang"),
    ("<p role=buton>a</p>", "aria-roles"),
    ("<p aria-labeled=a>a</p>", "aria-valid-attr"),
    ("<div aria-hidden=true><a href='/'>a</a></div>", "aria-hidden-focus"),
    ("<p tabindex=2>a</p>", "tabindex"),
    ("</main><p>a</p>", "region"),
    ("</main><main>a", "landmark-no-duplicate-main"),
    ("<script>document.title = ''</script>", "document-title"),
]
GOOD = ("<!DOCTYPE html><html lang=en><title>t</title><meta name=viewport "
        "content='width=device-width'><main id=main><h1>One</h1>%s</main>")


def test_audit(browsers):
    """The judge itself: it is content with a good page, and finds each mistake."""
    b = browsers(True).width(360).scheme("light")
    for check, fault, said in [
            *((check, "", "") for check, _, _ in FAULTS), *FAULTS]:
        b.driver.get("data:text/html," + quote(GOOD % fault))
        got = "\n".join(b.audit(check))
        assert said in got and bool(said) == bool(got), (fault, got)
    assert malformed(GOOD % "<p><div></div></p>") and malformed(GOOD % "<b><i></b></i>")


judged_by_axe = pytest.mark.skipif(
    not axe.script(), reason="axe-core is not there: ./autogen.sh check fetches it")


@judged_by_axe
def test_judge(browsers):
    """The other one, too."""
    b = browsers(True).with_axe().width(1280).scheme("light")
    for fault, rule in [("", ""), *AXE_FAULTS]:
        b.driver.get("data:text/html," + quote(GOOD % fault))
        got = {said.split(":")[0] for said in b.axe()}
        assert rule in got if rule else not got, (fault, got)


# The pages of a house with one reviewer come first, on each site.
every_page = pytest.mark.parametrize("site, name, lang", [
    pytest.param(site, name, lang, id=f"{name}-{site}-{lang}")
    for site in SITES for name in sorted(PAGES, key=lambda name: not PAGES[name][2])
    for lang in LANGUAGES if PAGES[name][4] in (None, site)
    and (not PAGES[name][3] or (site == "party") == (lang == "en"))])


@pytest.fixture(scope="module")
def visit(browsers, houses):
    """One visit for all that is judged, for to come to a page costs more than to judge it:
    gives what is wrong with it, and what axe finds."""
    @cache
    def go(site, name, lang):
        return look(browsers(True), houses(site), name, "" if lang == "en" else "/" + lang)
    return go


@every_page
def test_page(visit, site, name, lang):
    wrong, _ = visit(site, name, lang)
    assert not wrong, "\n" + "\n".join(wrong)


@judged_by_axe
@every_page
def test_axe(visit, site, name, lang):
    _, wrong = visit(site, name, lang)
    assert not wrong, "\n" + "\n".join(wrong)


def look(b, house, name, at):
    reach, status, alone, *_ = PAGES[name]
    if not alone:
        house.furnish()
    if axe.script():
        b.with_axe()
    b.at(house.stack).width(1280).scheme("light")
    reach(house, b, at)

    wrong = b.audit("structure", "contrast", "fit", "targets", "overlap")
    found = b.axe() if axe.script() else []
    wrong += b.width(768).audit("fit")
    wrong += b.width(320).scheme("dark").audit("fit", "targets", "overlap", "contrast")
    got, title = b.js("return [performance.getEntriesByType('navigation')[0].responseStatus,"
                      " document.title]")
    if got != status:
        wrong.append(f"status {got}, not {status}")
    if bool(re.match("Error(es)?: ", title)) != (status >= 400):
        wrong.append(f"titled {title}")

    console, requests = b.logs()
    wrong += [line for line in console if not re.search(r"status of [45]\d\d", line)]
    # The pictures in a browser's own fields are data.
    wrong += [f"asks {url}" for url, _ in requests
              if not url.startswith((b.base + "/", "data:"))]
    wrong += malformed(b.source())
    return wrong, found


# As others see it: lines that begin at the right, more space between words and lines (WCAG
# 1.4.12), colours of one's own.
SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; " \
    "word-spacing: .16em !important; } p { margin-bottom: 2em !important; }"


@pytest.mark.parametrize("site, name, lang", [
    ("party", name, "es" if n % 2 else "en") for n, name in enumerate((
        "home", "join-mistakes", "aid", "events", "month", "event", "rsvp-mistakes", "statements",
        "statement-corrected", "receipt-aid", "today", "queue-aid-ask", "case-aid",
        "press-published", "hosts-event-class"))])
def test_otherwise(browsers, houses, site, name, lang):
    b = browsers(True).at(houses(site).furnish().stack).scheme("light")
    PAGES[name][0](houses(site), b, "" if lang == "en" else "/" + lang)
    wrong = []
    b.js("document.documentElement.dir = 'rtl'")
    for wide in (1280, 320):
        wrong += ["rtl: " + fault for fault in b.width(wide).audit("fit", "targets", "overlap")]
    b.js("""document.documentElement.dir = 'ltr'; const sheet = new CSSStyleSheet();
        sheet.replaceSync(arguments[0]); document.adoptedStyleSheets = [sheet];""", SPACED)
    wrong += ["spaced: " + fault for fault in b.audit("fit", "overlap")]
    b.js("document.adoptedStyleSheets = []")
    b.cdp("Emulation.setEmulatedMedia", media="",
          features=[{"name": "forced-colors", "value": "active"}])
    wrong += ["forced: " + fault for fault in b.audit("contrast", "fit")]
    assert not wrong, wrong


@pytest.mark.parametrize("site", SITES)
def test_built_pages(houses, site):
    """Those that nginx serves as they stand, when a program is away too."""
    files = sorted((houses(site).stack.state / "html").rglob("*.html"))
    assert len(files) >= 20
    for file in files:
        html = file.read_text()
        assert not malformed(html), file
        assert f'<html lang="{"es" if "es" in file.parts else "en"}">' in html, file


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("name", ("home", "join"))
def test_weight(browsers, houses, site, name):
    """A first visit over a slow line."""
    b = browsers(True)
    b.at(houses(site).stack).width(360)
    b.cdp("Network.clearBrowserCache")
    PAGES[name][0](houses(site), b, "/es")
    _, requests = b.logs()
    assert len({url for url, _ in requests}) <= 1 + 2, requests
    assert 5_000 < sum(size for _, size in requests) <= 40_000, requests


@pytest.mark.parametrize("site", SITES)
def test_print(browsers, houses, site):
    """The receipt fits on one sheet, with its code and without buttons."""
    house = houses(site).furnish()
    b = browsers(True).at(house.stack).width(1280)
    PAGES["receipt-new"][0](house, b, "/es")
    assert b.print() == 1
    b.cdp("Emulation.setEmulatedMedia", media="print")
    assert b.one(".code").is_displayed()
    assert not any(e.is_displayed() for e in b.all("button, nav"))
    b.scheme("light")
    PAGES["case-to-vote"][0](house, b, "")
    assert 1 <= b.print() <= 5
