"""What nginx keeps of the public pages: what is gone stays gone, and no two share a page."""

import time

import pytest

from portal import Visitor, word
from stack import wait_for


@pytest.fixture
def statement(press):
    slug = f"kept-{word()}"
    press.sql("INSERT INTO published (id, work, lang, slug, title, summary, html, published_at)"
              f" VALUES (RANDOM_BYTES(16), RANDOM_BYTES(16), 'en', '{slug}', 'Kept', '',"
              " '<p>Kept.</p>', 946684800); UPDATE press SET number = number + 1")
    return slug


def test_withdrawn_does_not_come_back(press, statement):
    path = f"/statements/{statement}"
    reader = Visitor(press)
    assert reader.get(path).status_code == 200
    press.sql(f"DELETE FROM published WHERE slug = '{statement}';"
              " UPDATE press SET number = number + 1")
    wait_for(lambda: reader.get(path).status_code == 404)
    time.sleep(1.5)
    press.supervisorctl("stop", "statements:*")
    try:
        assert "Kept." not in reader.get(path).text
        assert reader.get(path).status_code == 404
    finally:
        press.supervisorctl("start", "statements:*")
    wait_for(lambda: reader.get("/statements").status_code == 200)


def test_other_address_is_another_page(press, statement):
    """An address with a question mark in it is not the one with a query."""
    good, bad = "/statements.rss?before=946684801-" + "f" * 32, "/statements.rss%3Fbefore=" \
        "946684801-" + "f" * 32
    reader = Visitor(press)
    assert reader.get(good).status_code == 200
    assert reader.get(bad).status_code == 404
    time.sleep(1.2)
    assert reader.get(bad).status_code == 404
    assert reader.get(good).status_code == 200


def test_nothing_is_kept_of_a_page_that_never_was(press):
    """Whoever makes up addresses fills no cache."""
    cache = press.state / "cache"
    path = f"/statements/{word()}-never"
    reader = Visitor(press)
    for _ in range(2):
        assert reader.get(path).status_code == 404
    assert not [f for f in cache.rglob("*") if f.is_file() and path.encode() in f.read_bytes()]
