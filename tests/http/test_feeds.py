"""The feeds of statements, as feed readers take them: two parsers that know nothing of each
other, and one whole reader, newsboat."""

import json
import os
import re
import sqlite3
import subprocess
import time
import uuid
from calendar import timegm
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import feedparser
import pytest

from portal import Page, Visitor, word
from stack import wait_for
from test_statements import HOSTILE, deed, harmless, publish, published, rows, saved, soon, write

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
KINDS = {"rss": "application/rss+xml", "atom": "application/atom+xml",
         "json": "application/feed+json"}


def fetch(stack, path, **headers):
    got = Visitor(stack).get(path, headers=headers)
    assert got.status_code == 200, (path, got.status_code)
    return got


def parsed(got):
    """By feedparser; of JSON by hand: id, link, title, content, published, changed each."""
    if got.headers["Content-Type"].startswith("application/feed+json"):
        return [(i["id"], i["url"], i["title"], i["content_html"].strip(),
                 moment(i["date_published"]),
                 moment(i.get("date_modified", i["date_published"])))
                for i in json.loads(got.text)["items"]]
    feed = feedparser.parse(got.content, response_headers={
        "content-type": got.headers["Content-Type"]}, sanitize_html=False,
        resolve_relative_uris=False)
    assert not feed.bozo, feed.bozo_exception
    return [(e.id, e.link, e.title, e.content[0].value.strip(), timegm(e.published_parsed),
             timegm(e.updated_parsed if "updated_parsed" in e else e.published_parsed))
            for e in feed.entries]


def by_tree(got):
    """The same by the standard library, which knows XML and nothing of feeds."""
    root = ElementTree.fromstring(got.content)
    if root.tag == "rss":
        return [(i.findtext("guid"), i.findtext("link"), i.findtext("title"),
                 i.findtext(CONTENT).strip(),
                 int(parsedate_to_datetime(i.findtext("pubDate")).timestamp()),
                 moment(i.findtext(ATOM + "updated"))
                 or int(parsedate_to_datetime(i.findtext("pubDate")).timestamp()))
                for i in root.iter("item")]
    assert root.tag == ATOM + "feed"
    return [(e.findtext(ATOM + "id"), e.find(ATOM + "link").get("href"),
             e.findtext(ATOM + "title"), e.findtext(ATOM + "content").strip(),
             moment(e.findtext(ATOM + "published")), moment(e.findtext(ATOM + "updated")))
            for e in root.iter(ATOM + "entry")]


def moment(text):
    return text and timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def entry(stack, kind, slug, says=lambda e: True):
    """That of one statement, once it says so."""
    def look():
        return next((e for e in parsed(fetch(stack, f"/statements.{kind}"))
                     if e[1].endswith(f"/statements/{slug}") and says(e)), None)
    return wait_for(look, 5, 0.2)


def identity(id_):
    """What a statement is called for good: its id with the bits that make a random UUID of it."""
    return uuid.UUID(id_, version=4).urn


# ---- what they say ----

def test_all_formats_and_parsers_agree(press, editor):
    title = f"Bread & \"roses\" <3 {word()} Ñandú"
    id_, slug = published(editor, title, "Full **text**, ]]> & [more](/join) and [on](#x).\n\n"
                          + "Long. " * 300 + "The end.", summary="In <short> & \"so\"")
    entry(press, "rss", slug)
    time.sleep(2)
    gots = {kind: fetch(press, f"/statements.{kind}") for kind in KINDS}
    for kind, got in gots.items():
        assert got.headers["Content-Type"].split(";")[0] == KINDS[kind]
    feeds = {kind: parsed(got) for kind, got in gots.items()}
    for kind in ("rss", "atom"):
        assert by_tree(gots[kind]) == [
            (*e[:2], title, *e[3:]) if e[1].endswith(slug) else e for e in feeds[kind]]
        done = subprocess.run(["xmllint", "--noout", "--nonet", "-"], input=gots[kind].content,
                              capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
    assert by_tree(gots["atom"]) == by_tree(gots["rss"]) == feeds["json"]
    (one,) = [e for e in feeds["json"] if e[1] == f"{press.base}/statements/{slug}"]
    assert one[0] == identity(id_)
    assert one[2] == title
    assert "<strong>text</strong>" in one[3] and "The end." in one[3], "the full text"
    assert f'href="{press.base}/join"' in one[3] and 'href="/' not in one[3]
    # newest first, as the list has them
    times = [e[4] for e in feeds["json"]]
    assert times == sorted(times, reverse=True) and len(times) <= 20
    listed = re.findall(r'<h2><a href="(/statements/[^"]+)"', fetch(press, "/statements").text)
    assert [e[1].removeprefix(press.base) for e in feeds["json"]][:10] == listed[:10]
    summary = next(i for i in json.loads(gots["json"].text)["items"]
                   if i["id"] == one[0])["summary"]
    assert summary == "In <short> & \"so\""


def test_each_language_has_its_own(press, editor):
    _, slug = published(editor, f"Tierra {word()}", "Y libertad.", lang="es")
    for kind in KINDS:
        path = f"/es/statements.{kind}"
        soon(press, path, lambda text: slug in text)
        assert slug not in fetch(press, f"/statements.{kind}").text
        got = fetch(press, path)
        assert all("/es/statements/" in e[1] for e in parsed(got))
    feed = feedparser.parse(fetch(press, "/es/statements.atom").content)
    assert feed.feed.language == "es" and feed.entries[0].title_detail.language == "es"
    assert feed.feed.links[0].href == f"{press.base}/es/statements.atom"


def test_empty_feeds_are_feeds(annex, founder):
    for kind in KINDS:
        assert parsed(fetch(annex, f"/es/statements.{kind}")) == []
    assert Visitor(annex).page("/es/statements").has_form("x") is False


def test_identity_through_a_correction(press, editor):
    id_, slug = published(editor, f"Once {word()}", "First words.")
    before = {kind: entry(press, kind, slug) for kind in KINDS}
    assert len({e[0] for e in before.values()}) == 1
    time.sleep(1)       # times are whole seconds
    saved(write(editor, f"Twice {word()}", "Better words.", at=id_))
    publish(editor, id_, note="A <word> & another.")
    for kind, old in before.items():
        new = entry(press, kind, slug, lambda e: "Better" in e[3])
        assert new[:2] == old[:2] and new[4] == old[4], "the same entry"
        assert new[2].startswith("Twice") and new[5] > old[5] == old[4]
        assert "Corrected on" in new[3] and "A &lt;word&gt; &amp; another." in new[3]
    # Taken back and published again in another year, it is the same one still.
    press.sql(f"UPDATE published SET published_at = published_at - 2 * {366 * 86400} WHERE"
              f" id = X'{id_}'; UPDATE press SET number = number + 1")
    soon(press, f"/statements/{slug}", lambda text: "Better" in text)
    saved(deed(editor, id_, "withdraw"))
    for kind in KINDS:
        soon(press, f"/statements.{kind}", lambda text: slug not in text)
    publish(editor, id_)
    for kind, old in before.items():
        assert entry(press, kind, slug)[:2] == old[:2]


def test_hostile_text_is_harmless(press, editor):
    _, slug = published(editor, f"<script>x</script>{word()}", HOSTILE, summary="<b onclick=x>")
    for kind in KINDS:
        one = entry(press, kind, slug)
        harmless(f"<html><body>{one[3]}</body></html>")
        assert "&lt;script&gt;alert(1)" in one[3]
    rss = ElementTree.fromstring(fetch(press, "/statements.rss").content)
    (description,) = [i.findtext("description") for i in rss.iter("item")
                      if i.findtext("link").endswith(slug)]
    assert "<b" not in description and "&lt;b onclick=x&gt;" in description


def test_every_public_page_names_them(press):
    for path in ("/", "/join", "/support", "/aid", "/units", "/statements", "/subscribe",
                 "/receipt", "/es/", "/es/statements", "/missing"):
        got = Visitor(press).get(path)
        prefix = "/es" if path.startswith("/es") else ""
        links = {(a["type"], a["href"]) for tag, a in Page(got.text).tags if tag == "link"
                 and a.get("rel") == "alternate" and "type" in a}
        assert links == {(mime, f"{prefix}/statements.{kind}")
                         for kind, mime in KINDS.items()}, path


# ---- what it costs to look ----

@pytest.mark.parametrize("kind", KINDS)
def test_not_modified(press, editor, kind):
    path = f"/statements.{kind}"
    _, slug = published(editor)
    entry(press, kind, slug)
    time.sleep(2)
    got = fetch(press, path)
    tag, date = got.headers["ETag"], got.headers["Last-Modified"]
    again = fetch(press, path)
    assert (again.content, again.headers["ETag"]) == (got.content, tag)

    def ask(**headers):
        got = Visitor(press).get(path, headers={
            name.replace("_", "-"): value for name, value in headers.items()})
        assert (got.status_code == 304) == (got.content == b"")
        return got.status_code
    assert ask(If_None_Match=tag) == 304
    assert ask(If_Modified_Since=date) == 304
    assert ask(If_None_Match='"other"') == 200
    assert ask(If_None_Match='"other"', If_Modified_Since=date) == 200
    assert ask(If_Modified_Since="Mon, 01 Jan 2001 00:00:00 GMT") == 200
    # feedparser, as a reader would
    seen = feedparser.parse(press.base + path)
    assert kind == "json" or feedparser.parse(
        press.base + path, etag=seen.etag, modified=seen.modified).status == 304
    published(editor)
    wait_for(lambda: ask(If_None_Match=tag) == 200, 5, 0.2)
    time.sleep(1)
    assert ask(If_Modified_Since=date) == 200
    assert fetch(press, path).headers["ETag"] != tag


def test_many_cost_no_more_than_few(press, editor):
    """The document that a reader asks for again and again does not grow."""
    rows(press, 60, first=500000000)
    for kind in KINDS:
        wait_for(lambda: len(parsed(fetch(press, f"/statements.{kind}"))) == 20, 5, 0.2)


# ---- the archive (RFC 5005, 4) ----

def older(kind, got):
    return json.loads(got.text).get("next_url") if kind == "json" else \
        relations(got).get("prev-archive")


def relations(got):
    """Where the links of a feed of XML lead, not those of its entries."""
    root = ElementTree.fromstring(got.content)
    return {link.get("rel"): link.get("href") for link in (
        root if root.tag == ATOM + "feed" else root[0]).findall(ATOM + "link")}


@pytest.mark.parametrize("kind", KINDS)
def test_archive_holds_all_the_rest(press, editor, kind):
    """On, and back again; what is in an archive stays as it is when something comes after."""
    rows(press, 45, first=400000000, step=0)
    wanted = press.sql("SELECT slug FROM published WHERE lang = 'en' AND"
                       " published_at <= UNIX_TIMESTAMP()"
                       " ORDER BY published_at DESC, id DESC")
    time.sleep(2)
    found, documents, url, seen = [], 0, f"{press.base}/statements.{kind}", {}
    while url:
        seen[url] = got = fetch(press, url)
        found += [e[1].rpartition("/")[2] for e in parsed(got)]
        if kind != "json":
            root = ElementTree.fromstring(got.content)
            links = relations(got)
            assert links["self"] == url
            archive = next(root.iter(HISTORY + "archive"), None)
            assert (archive is not None) == (documents > 0)
            assert links.get("current") == (f"{press.base}/statements.{kind}"
                                            if documents else None)
            assert links.get("next-archive") == (list(seen)[-2] if documents > 1 else None)
        documents += 1
        url = older(kind, got)
    assert found == [slug for (slug,) in wanted] and documents == -(-len(found) // 20) > 2
    for wrong in ("x", "1-x", "-1"):
        assert Visitor(press).get(f"/statements.{kind}?before={wrong}").status_code == 404
    published(editor)
    time.sleep(2)
    for url in list(seen)[2:]:      # the first may have got an archive after it
        assert fetch(press, url).content == seen[url].content, url


# ---- a real reader ----

def newsboat(folder, url):
    """Let it fetch what is new; gives what it has: title, link, guid, content, by newest."""
    folder.mkdir(exist_ok=True)
    (folder / "urls").write_text(url + "\n")
    (folder / "config").write_text("auto-reload no\nmax-items 0\n")
    done = subprocess.run(
        ["newsboat", "-u", folder / "urls", "-c", folder / "cache.db",
         "-C", folder / "config", "-x", "reload"], text=True, capture_output=True, timeout=60,
        env={"HOME": str(folder), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
             "TERM": "dumb"})
    assert done.returncode == 0, (done.stdout, done.stderr)
    with sqlite3.connect(folder / "cache.db") as db:
        return db.execute("SELECT title, url, guid, content, deleted FROM rss_item"
                          " ORDER BY pubDate DESC, id").fetchall()


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_newsboat(press, editor, tmp_path, kind):
    title = f"Read & \"heard\" {word()}"
    id_, slug = published(editor, title, "What **we** say & mean.")
    entry(press, kind, slug)
    time.sleep(2)
    url = f"{press.base}/statements.{kind}"
    have = newsboat(tmp_path / "home", url)
    (one,) = [row for row in have if row[1] == f"{press.base}/statements/{slug}"]
    assert one[0] == title and one[2] == identity(id_)
    assert "<strong>we</strong> say &amp; mean." in one[3]
    assert len(have) == len(parsed(fetch(press, url)))
    # A correction is the same entry, changed; one more statement is one more entry.
    saved(write(editor, title, "What **we** said.", at=id_))
    publish(editor, id_, note="Tense.")
    _, other = published(editor)
    entry(press, kind, slug, lambda e: "said" in e[3])
    entry(press, kind, other)
    time.sleep(2)
    again = newsboat(tmp_path / "home", url)
    assert len([row for row in again if row[2] == one[2]]) == 1
    assert {row[2] for row in again} - {row[2] for row in have} == {
        entry(press, kind, other)[0]}
    assert "<strong>we</strong> said." in next(row[3] for row in again if row[2] == one[2])
