"""Every page that can be reached from the home page, on both sites and in both languages: each
link leads somewhere, also to its place within the page."""

import re
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest

from portal import Page, Visitor
from test_events_admin import deed, described, saved, send
from test_statements import published

MOST = 800       # pages of a site


def crawl(stack):
    """The pages there are, by address: the ids in each, None for what is no page."""
    visitor, seen, wanted = Visitor(stack), {}, {}
    origin = urlsplit(stack.base)
    waiting = ["/", "/sitemap.xml"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        assert len(seen) < MOST, "there is no end to it"
        got = visitor.get(path)
        assert got.status_code == 200, (got.status_code, path, wanted.get((path, "")))
        kind = got.headers["Content-Type"].split(";")[0]
        if kind == "application/xml":
            links = re.findall(r"<loc>([^<]*)</loc>", got.text)
        elif kind == "text/html":
            page = Page(got.text, path)
            links = page.links + [attrs[name] for tag, attrs in page.tags for name in
                                  ("href", "src") if tag != "a" and name in attrs]
        seen[path] = set(page.ids) if kind == "text/html" else None
        for link in links if seen[path] is not None or kind == "application/xml" else []:
            whole, fragment = urldefrag(urljoin(stack.base + path, link))
            there = urlsplit(whole)
            if (there.scheme, there.netloc) != (origin.scheme, origin.netloc):
                assert there.scheme in ("mailto", "tel", "https", "webcal"), (path, link)
                continue
            to = there.path + (f"?{there.query}" if there.query else "")
            wanted.setdefault((to, unquote(fragment)), path)
            waiting.append(to)
    for (to, fragment), by in wanted.items():
        assert not fragment or fragment in (seen[to] or ()), f"{by}: {to}#{fragment}"
    return seen


def furnish(admin):
    """Something of each kind that pages lead to."""
    published(admin)
    for answers in ({}, {"how": "not", "rsvp": "", "link": "https://meet.example.org/a"}):
        deed(admin, saved(send(admin, described(**answers))), "publish")


def test_party(press, editor):
    furnish(editor)
    seen = crawl(press)
    for path in ("/join", "/es/join", "/programme", "/es/programme", "/statements.atom",
                 "/es/statements.xml", "/events.xml",
                 "/es/events/month", "/events.ics", "/es/privacy", "/rsvp", "/receipt"):
        assert path in seen
    assert any(re.fullmatch(r"/es/events/[^/]+/\d{4}-\d\d-\d\d", path) for path in seen)
    assert any(re.fullmatch(r"/rsvp/[^/]+/\d{4}-\d\d-\d\d", path) for path in seen)


def test_caucus(caucus):
    seen = crawl(caucus)
    for path in ("/join", "/es/join", "/points-of-unity", "/es/how-we-are-led", "/events",
                 "/statements"):
        assert path in seen


@pytest.mark.parametrize("link", ["/nowhere", "/points-of-unity#nowhere"])
def test_crawler_finds(caucus, monkeypatch, link):
    """The judge itself, on the smaller site."""
    get = Visitor.get

    def mislead(visitor, path):
        got = get(visitor, path)
        if path == "/contact":
            more = f'<a href="{link}">a</a></main>'
            got._content = got.content.replace(b"</main>", more.encode())
        return got
    monkeypatch.setattr(Visitor, "get", mislead)
    with pytest.raises(AssertionError, match="nowhere"):
        crawl(caucus)
