"""What nginx keeps of the public pages: what is gone stays gone, and no two share a page."""

import itertools
import secrets
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


def test_filters_put_nothing_out_of_its_place(press):
    """Whoever asks for the calendar in a hundred ways: the others get it as it was made."""
    def get(path):
        got = Visitor(press).get(f"{path}{'&' if '?' in path else '?'}{word()}")
        assert got.status_code == 200, path
        return got

    def title(text):
        press.sql(f"UPDATE event_words SET title = '{text}' WHERE event = X'{id_}'")

    def raise_press():
        press.sql("UPDATE press SET number = number + 1 WHERE id = 2")

    slug, begun, id_ = f"kept-{word()}", int(time.time()) + 86400, secrets.token_hex(16)
    press.sql("INSERT INTO event (id, slug, state, kind, lang, zone, starts_wall, minutes,"
              " created_at, changed_at, changed_by, published_at)"
              f" VALUES (X'{id_}', '{slug}', 'published', 'talk', 'en', 'UTC', {begun}, 90, 1, 1,"
              " '', 1); INSERT INTO event_words (event, lang, title, body, html)"
              f" VALUES (X'{id_}', 'en', 'Before', '', '');"
              " INSERT INTO occurrence (id, event, day, starts_at, ends_at, shown, kind,"
              " changed_at)"
              f" VALUES (X'{id_}', X'{id_}', 0, {begun}, {begun + 5400}, 1,"
              " 'talk', 1)")
    raise_press()
    paths = ("/events.ics", "/es/events.ics")      # other pages are made anew each minute
    # One of the two, so that it is known what it keeps.
    press.supervisorctl("stop", "events:events-1")
    try:
        kept = {path: get(path).content for path in paths}
        assert b"SUMMARY:Before" in kept["/events.ics"]
        title("After")
        for parts in itertools.product(
                ("", "kind=talk", "kind=other"), ("", "unit=none"),
                ("", *(f"area=a{n}" for n in range(8))), ("", "online=1")):
            query = "&".join(part for part in parts if part)
            if query:
                text = get(f"/events.ics?{query}").text
                assert ("SUMMARY:After" in text) == (query == "kind=talk"), query
        for path in paths:
            assert get(path).content == kept[path], path
        raise_press()
        assert "SUMMARY:After" in get("/events.ics").text
        assert "SUMMARY:After" in get("/events.ics?kind=").text
    finally:
        press.supervisorctl("start", "events:events-1")
        press.sql(f"DELETE FROM occurrence WHERE event = X'{id_}';"
                  f" DELETE FROM event_words WHERE event = X'{id_}';"
                  f" DELETE FROM event WHERE id = X'{id_}'")
        raise_press()
