"""Every page in every state: on the smallest phone and on a desk, by day and by night, in
both languages of both sites."""

import re

import html5lib
import pytest

from conftest import SITES
from house import PAGES

LANGUAGES = ("en", "es")


def malformed(html):
    """What the parser of the HTML standard calls an error."""
    parser = html5lib.HTMLParser()
    parser.parse(html)
    return [f"line {line}: {code}" for (line, _), code, _ in parser.errors]


# The pages of a house with one reviewer come first, on each site.
@pytest.mark.parametrize("site, name, lang", [
    pytest.param(site, name, lang, id=f"{name}-{site}-{lang}")
    for site in SITES for name in sorted(PAGES, key=lambda name: not PAGES[name][2])
    for lang in LANGUAGES])
def test_page(browsers, houses, site, name, lang):
    reach, status, alone = PAGES[name]
    house = houses(site)
    if not alone:
        house.furnish()
    b = browsers(True).at(house.stack).width(1280).scheme("light")
    at = "" if lang == "en" else "/" + lang
    reach(house, b, at)

    wrong = b.audit("structure", "contrast")
    for wide in (1280, 360, 320):
        wrong += b.width(wide).audit("fit", "targets", "overlap")
    wrong += b.scheme("dark").audit("contrast")
    got = b.js("return performance.getEntriesByType('navigation')[0].responseStatus")
    if got != status:
        wrong.append(f"status {got}, not {status}")
    if b.js("return /^(Error|Errores?): /.test(document.title)") != (status >= 400):
        wrong.append(f"titled {b.driver.title}")

    console, requests = b.logs()
    wrong += [line for line in console if not re.search(r"status of 4\d\d", line)]
    wrong += [f"asks {url}" for url, _ in requests if not url.startswith(b.base + "/")]
    wrong += malformed(b.source())
    assert not wrong, "\n" + "\n".join(wrong)


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
    assert len({url for url, _ in requests}) <= 1 + 3, requests
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
    assert 1 <= b.print() <= 4
