"""What search engines are told of: every public page, each with its translations, and nothing
else."""

import re
import subprocess
import time
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from portal import Page, Visitor, word
from stack import wait_for
from test_calendar import enter, next_day
from test_events_admin import date_state, links
from test_events_admin import deed as event_deed, saved as event_saved
from test_statements import deed, draft, publish, published, saved, write

NS = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
FILES = ("/pages.xml", "/statements.xml", "/es/statements.xml", "/events.xml", "/es/events.xml")

# The protocol's own two grammars (sitemap.xsd, siteindex.xsd), as far as these files use them.
GRAMMAR = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"
  targetNamespace="http://www.sitemaps.org/schemas/sitemap/0.9"
  xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<xsd:element name="urlset"><xsd:complexType><xsd:sequence>
<xsd:element name="url" type="tUrl" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType>
</xsd:element>
<xsd:element name="sitemapindex"><xsd:complexType><xsd:sequence>
<xsd:element name="sitemap" type="tSitemap" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType>
</xsd:element>
<xsd:complexType name="tUrl"><xsd:sequence><xsd:element name="loc" type="tLoc"/>
<xsd:element name="lastmod" type="tLastmod" minOccurs="0"/>
<xsd:any namespace="##other" minOccurs="0" maxOccurs="unbounded" processContents="skip"/>
</xsd:sequence></xsd:complexType>
<xsd:complexType name="tSitemap"><xsd:sequence><xsd:element name="loc" type="tLoc"/>
<xsd:element name="lastmod" type="tLastmod" minOccurs="0"/></xsd:sequence></xsd:complexType>
<xsd:simpleType name="tLoc"><xsd:restriction base="xsd:anyURI"><xsd:minLength value="12"/>
<xsd:maxLength value="2048"/></xsd:restriction></xsd:simpleType>
<xsd:simpleType name="tLastmod"><xsd:union memberTypes="xsd:date xsd:dateTime"/></xsd:simpleType>
</xsd:schema>"""


@pytest.fixture(scope="module")
def grammar(folder):
    path = folder / "sitemap.xsd"
    path.write_text(GRAMMAR)
    return path


def fetch(stack, path):
    got = Visitor(stack).get(path)
    assert got.status_code == 200, (path, got.status_code)
    assert got.headers["Content-Type"] == "application/xml; charset=utf-8"
    return got


def entries(stack, path):
    """Of one file: each address with its last change and its versions, in their order."""
    root = ElementTree.fromstring(fetch(stack, path).content)
    return {url.findtext("s:loc", None, NS): SimpleNamespace(
        changed=url.findtext("s:lastmod", None, NS),
        versions={x.get("hreflang"): x.get("href") for x in url.findall("x:link", NS)})
        for url in root.findall("s:url", NS)}


def everything(stack):
    index = ElementTree.fromstring(fetch(stack, "/sitemap.xml").content)
    files = [loc.text for loc in index.findall("s:sitemap/s:loc", NS)]
    assert files == [stack.base + path for path in FILES]
    all_ = {}
    for path in FILES:
        for address, entry in entries(stack, path).items():
            # By the protocol, a file may tell of what stands below it alone.
            assert address.startswith(stack.base + path[:path.rindex("/") + 1])
            assert address not in all_, address
            all_[address] = entry
    return all_


def soon(stack, path, address, there=True):
    """The address comes to be in that file, or leaves it."""
    def look():
        got = entries(stack, path)
        return (address in got) == there and [got]
    return wait_for(look, 10, 0.2)[0]


def moment(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").timestamp()


@pytest.fixture(scope="module")
def furnished(press, editor):
    """Of each kind one that is public, and all that is not."""
    bread, slug = published(editor, f"Bread {word()}", "Bread.")
    new = f"/admin/statements/new?of={bread}&lang=es"
    pan = publish(editor, saved(editor.submit(
        editor.page(new).form("/admin/statements/new"),
        {"title": f"Pan {word()}", "body": "Pan."}, ("step", "save"))))
    alone = published(editor, f"Alone {word()}")
    planned = draft(editor, f"Planned {word()}")
    at = datetime.now(timezone.utc) + timedelta(days=2)
    class_ = enter(editor, day=next_day(1).isoformat(), step_by="1")
    off = enter(editor, day=next_day(3).isoformat(), how="not")
    assert event_saved(event_deed(editor, off.id, "cancel", {"note": "Rain."})) == off.id
    over = enter(editor, day=next_day(3).isoformat(), how="not")
    press.sql(f"UPDATE occurrence SET starts_at = 0, ends_at = 60 WHERE event = X'{over.id}';"
              " UPDATE press SET number = number + 1 WHERE id = 2")
    hidden = [publish(editor, planned, at=f"{at:%Y-%m-%d %H:%M}"),
              press.value(f"SELECT slug FROM statement WHERE id = X'{draft(editor)}'"),
              enter(editor, publish=False, day=next_day(3).isoformat(), how="not").slug,
              enter(editor, day=next_day(3).isoformat(), how="not", visibility="link").slug,
              over.slug]
    base = press.base
    public = {f"{base}/statements/{slug}", f"{base}/es/statements/{pan}",
              f"{base}/statements/{alone[1]}",
              *(f"{base}{prefix}/events/{event.slug}" for event in (class_, off)
                for prefix in ("", "/es"))}
    time.sleep(2)       # what nginx keeps for a second it may keep to the end of the next
    return SimpleNamespace(public=public, hidden=hidden, slug=slug, pan=pan, alone=alone,
                           class_=class_)


def test_files_are_by_the_protocol(press, furnished, grammar):
    assert f"\nSitemap: {press.base}/sitemap.xml\n" in Visitor(press).get("/robots.txt").text
    for path in ("/sitemap.xml", *FILES):
        done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", grammar, "-"],
                              input=fetch(press, path).content, capture_output=True, timeout=60)
        assert done.returncode == 0, (path, done.stderr)


def test_all_that_is_public_and_no_more(press, furnished):
    told = everything(press)
    assert furnished.public <= set(told)
    for slug in furnished.hidden:
        assert slug and not [address for address in told if slug in address], slug
    for prefix in ("", "/es"):
        for path in ("/", "/programme", "/join", "/aid", "/statements", "/events"):
            assert press.base + prefix + path in told
    assert not [address for address in told
                if re.search(r"/(admin|receipt|rsvp|subscribe)|\?|/\d{4}-\d\d-\d\d", address)]


def test_each_is_there_and_its_own(press, furnished):
    """Its page answers, calls itself by that address, and names the same translations."""
    visitor = Visitor(press)
    for address, entry in everything(press).items():
        got = visitor.get(address.removeprefix(press.base))
        assert got.status_code == 200 and "X-Robots-Tag" not in got.headers, address
        heads = [attrs for tag, attrs in Page(got.text).tags if tag == "link"]
        named = [a["href"] for a in heads if a.get("rel") == "canonical"]
        assert named == [address], address
        assert entry.versions == {a["hreflang"]: a["href"] for a in heads
                                  if a.get("rel") == "alternate" and "hreflang" in a}, address


def test_when_it_changed(press, editor, furnished):
    path, base = "/statements.xml", f"{press.base}/statements"
    before = entries(press, path)
    assert list(before)[0] == base and before[base].changed
    newest = [moment(entry.changed) for entry in list(before.values())[1:]]
    listed = press.sql("SELECT slug FROM published WHERE lang = 'en' AND published_at <="
                       " UNIX_TIMESTAMP() ORDER BY published_at DESC, id DESC")
    assert list(before)[1:] == [f"{base}/{slug}" for (slug,) in listed]
    id_, slug = furnished.alone
    assert before[f"{base}/{slug}"].versions == {}
    assert moment(before[f"{base}/{slug}"].changed) == float(press.value(
        f"SELECT published_at FROM published WHERE id = X'{id_}'")) in newest
    # a correction; and a translation, which the page names
    saved(write(editor, "Better", "Better.", at=id_))
    publish(editor, id_, note="A word.")
    after = wait_for(lambda: (got := entries(press, path))[f"{base}/{slug}"].changed !=
                     before[f"{base}/{slug}"].changed and got, 10, 0.2)
    assert moment(after[f"{base}/{slug}"].changed) == float(press.value(
        f"SELECT corrected_at FROM published WHERE id = X'{id_}'"))
    # a date of an event: but not each that time brings
    path, address = "/events.xml", f"{press.base}/events/{furnished.class_.slug}"
    first = entries(press, path)[address].changed
    press.sql("UPDATE occurrence SET changed_at = 4000000000 WHERE event = "
              f"X'{furnished.class_.id}'; UPDATE press SET number = number + 1 WHERE id = 2")
    time.sleep(2)
    assert entries(press, path)[address].changed == first
    press.sql(f"UPDATE event SET changed_at = 0 WHERE id = X'{furnished.class_.id}';"
              f"UPDATE occurrence SET changed_at = 0 WHERE event = X'{furnished.class_.id}'")
    oid = links(editor, furnished.class_.id)[1]
    assert event_saved(date_state(editor, oid, "cancelled", why="No."), "events/date") == oid
    at = float(press.value(f"SELECT changed_at FROM occurrence WHERE id = X'{oid}'"))
    wait_for(lambda: moment(entries(press, path)[address].changed) == at, 10, 0.2)


def test_what_is_withdrawn_leaves_it(press, editor):
    id_, slug = published(editor, f"Soon gone {word()}")
    address = f"{press.base}/statements/{slug}"
    soon(press, "/statements.xml", address)
    assert saved(deed(editor, id_, "withdraw")) == id_
    soon(press, "/statements.xml", address, there=False)
    event = enter(editor, day=next_day(3).isoformat(), how="not")
    soon(press, "/es/events.xml", f"{press.base}/es/events/{event.slug}")
    press.sql(f"UPDATE event SET visibility = 'link' WHERE id = X'{event.id}';"
              f" UPDATE occurrence SET shown = 0 WHERE event = X'{event.id}';"
              " UPDATE press SET number = number + 1 WHERE id = 2")
    soon(press, "/es/events.xml", f"{press.base}/es/events/{event.slug}", there=False)


def test_asked_again(press, furnished):
    for path in ("/sitemap.xml", *FILES):
        time.sleep(1.1)
        got = fetch(press, path)
        assert "public" in got.headers["Cache-Control"]
        again = Visitor(press).get(path, headers={"If-None-Match": got.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b""), path
        head = Visitor(press).request("HEAD", path)
        assert head.status_code == 200 and head.content == b"", path
        assert head.headers["ETag"] == got.headers["ETag"], path
    assert Visitor(press).get("/statements.xml?before=1").content == \
        Visitor(press).get("/statements.xml").content
    for path in ("/es/pages.xml", "/es/sitemap.xml", "/fr/statements.xml", "/statements.xml/"):
        assert Visitor(press).get(path).status_code == 404, path


def test_never_too_many(press, furnished):
    """The newest alone, however many there are."""
    mark = word()
    press.sql("INSERT INTO published (id, work, lang, slug, title, summary, html, published_at)"
              f" SELECT RANDOM_BYTES(16), RANDOM_BYTES(16), 'en', CONCAT('{mark}-', seq), 'T',"
              " '', '<p>Text.</p>', 4000 + seq FROM seq_1_to_6000;"
              " UPDATE press SET number = number + 1")
    try:
        told = soon(press, "/statements.xml", f"{press.base}/statements/{mark}-6000")
        assert len(told) == 5001
        assert f"{press.base}/statements/{furnished.alone[1]}" in told
        assert f"{press.base}/statements/{mark}-1" not in told
    finally:
        press.sql(f"DELETE FROM published WHERE slug LIKE '{mark}-%';"
                  " UPDATE press SET number = number + 1")
    soon(press, "/statements.xml", f"{press.base}/statements/{mark}-6000", there=False)
