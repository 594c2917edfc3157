"""The texts of the sites that are shipped: what they promise is what their files say."""

import re
import xml.etree.ElementTree as xml

import pytest

from stack import SRC

MONTHS = {"en": "January February March April May June July August September October "
                "November December",
          "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre "
                "noviembre diciembre"}
LEAST = {"en": ("two", "three", "four", "five"), "es": ("dos", "tres", "cuatro", "cinco")}

pytestmark = pytest.mark.parametrize("site", ("party", "caucus"))


def page(site, name, lang):
    return (SRC / f"www/sites/{site}/pages/{name}.{lang}.md").read_text()


def form(site, name):
    return xml.parse(SRC / f"www/sites/{site}/forms/{name}.xml")


@pytest.mark.parametrize("lang", MONTHS)
def test_privacy_tells_the_days_of_the_forms(site, lang):
    """In the order of the page: one part a form, its last point how long."""
    stored = re.split(r"^# .*\n", page(site, "privacy", lang), flags=re.M)[2]
    parts = re.split(r"^## .*\n", stored, flags=re.M)[1:]
    assert len(parts) == 5
    for part, name in zip(parts, ("join", "support", "aid", "rsvp")):
        told = {int(n) for n in re.findall(r"\d+", part.strip().splitlines()[-1])}
        kept = {int(keep.get("days")) for keep in form(site, name).iter("keep")}
        assert told == kept - {0}, name


@pytest.mark.parametrize("lang", MONTHS)
def test_privacy_tells_the_floor(site, lang):
    floor = int(re.search(r"^floor = (\d+)$",
                          (SRC / f"www/sites/{site}/site.conf").read_text(), re.M)[1])
    near = re.search(r"^(?:Numbers that we show|Los números que mostramos).*$",
                     page(site, "privacy", lang), re.M)[0]
    assert re.findall(r"\w+", near)[-1] == LEAST[lang][floor - 2]


@pytest.mark.parametrize("lang", MONTHS)
def test_what_one_agrees_with_is_the_version_that_is_there(site, lang):
    """The box of the form, what it leads to and the head of that page name one month."""
    box, = (check for check in form(site, "join").iter("check") if check.find("page") is not None)
    year, month = re.search(r"_(\d{4})_(\d\d)$", box.get("name")).groups()
    name = MONTHS[lang].split()[int(month) - 1]
    said = f"{name} {year}" if lang == "en" else f"{name} de {year}"
    label, = (each.text for each in box.findall("label")
              if each.get("{http://www.w3.org/XML/1998/namespace}lang") == lang)
    assert said in label
    text = page(site, box.find("page").get("name"), lang)
    assert said in re.search(r"^\*\*(.*?)\.\*\*", text, re.M)[1]
    assert said in re.search(r"^description: (.*)$", text, re.M)[1]


def test_both_languages_say_the_same(site):
    """As far as can be counted: the same parts, points and links, in the same order."""
    folder = SRC / f"www/sites/{site}/pages"
    names = sorted(path.name.split(".")[0] for path in folder.glob("*.en.md"))
    assert names == sorted(path.name.split(".")[0] for path in folder.glob("*.es.md"))
    for name in names:
        shape = [re.findall(r"^(?:#+|-|\d+\.|\{\{\w+\}\}|order: \d+)(?=\s|$)|\]\(.*?\)|\*\*",
                            page(site, name, lang), re.M) for lang in MONTHS]
        assert shape[0] == shape[1], name
