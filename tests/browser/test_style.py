"""The style sheet and the themes, as they are written: themes set tokens only, every pair of
colours that meets can be told apart, and nothing depends on the direction of a line."""

import re

import pytest

from conftest import SITES
from stack import SRC

STYLE = SRC / "www/public/style.css"
SCHEMES = ("light", "dark")

# Text on a ground (WCAG 1.4.3), and marks or edges on one (1.4.11): also those that meet by
# inheritance, where no single rule names both.
TEXT = """ink paper, ink sheet, soft paper, soft sheet, link paper, link sheet, on-brand brand,
    on-brand brand-2, on-strip strip, on-button button, on-button button-2, on-accent accent,
    good good-bg, bad bad-bg, bad-bg bad, wait wait-bg, bad paper, bad sheet, good sheet,
    ink good-bg, ink bad-bg"""
MARKS = """edge paper, edge sheet, mark paper, mark sheet, button paper, button sheet, good paper,
    ink paper, bad paper, accent on-accent"""
# The focus has two tones: one of them stands out on each ground.
GROUNDS = ("paper", "sheet", "brand", "brand-2", "strip", "button", "accent", "good-bg", "bad-bg")


def rules(text):
    """(media, selector, declarations), without comments."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    media, at = [], 0
    for match in re.finditer(r"([^{};]*)(\{|\})", text):
        head, brace = match[1].strip(), match[2]
        if brace == "}":
            media and media.pop()
        elif head.startswith("@") and not head.startswith("@page"):
            media.append(head)
        else:
            end = text.index("}", match.end())
            media.append(head)
            yield " ".join(media[:-1]), head, [
                tuple(part.strip() for part in line.split(":", 1))
                for line in text[match.end():end].split(";") if ":" in line]


def tokens(site, scheme):
    """What each is, in that theme."""
    got = {}
    files = [STYLE, SRC / "www/sites" / site / "theme.css"]
    for file in files:
        for media, selector, lines in rules(file.read_text()):
            if selector == ":root" and (not media or "dark" in media and scheme == "dark"):
                got.update(lines)
    return {name.removeprefix("--"): value for name, value in got.items()}


def light(colour):
    digits = colour.removeprefix("#")
    assert re.fullmatch("[0-9a-f]{3}|[0-9a-f]{6}", digits), colour
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    r, g, b = (c / 12.92 if c <= .04045 else ((c + .055) / 1.055) ** 2.4
               for c in (int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)))
    return .2126 * r + .7152 * g + .0722 * b


def ratio(a, b):
    x, y = sorted((light(a), light(b)))
    return (y + .05) / (x + .05)


def pairs(text):
    return [tuple(pair.split()) for pair in text.split(",")]


def test_ratio():
    assert round(ratio("#000", "#ffffff"), 1) == 21 and ratio("#777", "#fff") < 4.5
    assert ratio("#767676", "#fff") > 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("site", SITES)
def test_contrast(site, scheme):
    got = tokens(site, scheme)
    wrong = [f"{a} on {b}: {ratio(got[a], got[b]):.2f}"
             for least, listed in ((4.5, TEXT), (3, MARKS)) for a, b in pairs(listed)
             if ratio(got[a], got[b]) < least]
    wrong += [f"focus on {ground}" for ground in GROUNDS
              if max(ratio(got[tone], got[ground]) for tone in ("accent", "on-accent")) < 3]
    assert not wrong, wrong


def test_every_pair_is_listed():
    """What a rule writes on what, has its line above."""
    listed = {*pairs(TEXT), *pairs(MARKS)}
    for media, selector, lines in rules(STYLE.read_text()):
        given = dict(lines)
        on = re.findall(r"var\(--([a-z0-9-]+)\)", given.get("background", "")
                        + given.get("background-color", ""))
        for ink in re.findall(r"var\(--([a-z0-9-]+)\)", given.get("color", "")):
            for ground in on:
                assert ground == "poster" or (ink, ground) in listed, (selector, ink, ground)


def test_themes_set_tokens_only():
    known = set(tokens("party", "light"))
    base = {name.removeprefix("--") for _, selector, lines in rules(STYLE.read_text())
            if selector == ":root" for name, _ in lines}
    assert len(known) > 50
    for site in SITES:
        file = SRC / "www/sites" / site / "theme.css"
        for media, selector, lines in rules(file.read_text()):
            assert selector == ":root" and media in ("", "@media (prefers-color-scheme: dark)")
            for name, value in lines:
                assert name.startswith("--") and name[2:] in base, (file, name)
                assert "url(" not in value, (file, name)


def test_colours_stand_in_tokens():
    for media, selector, lines in rules(STYLE.read_text()):
        for name, value in lines:
            if re.search(r"#[0-9a-fA-F]{3}|\brgba?\(|\bhsla?\(", value):
                assert selector in (":root", ":root:root", ".qr svg"), (selector, name, value)


def test_no_direction():
    """Left and right are where a line begins and ends."""
    for media, selector, lines in rules(STYLE.read_text()):
        for name, value in lines:
            if selector.endswith("> legend"):
                continue        # it floats over the whole width, so that no frame is cut
            assert not re.search(r"(^|-)(left|right)($|-)", name), (selector, name)
            assert value not in ("left", "right"), (selector, name, value)
            sides = value.split() if re.fullmatch("margin|padding|inset", name) \
                and "(" not in value.replace("var(", "") else []
            assert len(sides) < 4 or sides[1] == sides[3], (selector, name, value)


def test_all_names_are_known():
    text = STYLE.read_text()
    used = set(re.findall(r"var\(--([a-z0-9-]+)", text))
    assert used and used <= set(tokens("party", "light"))
