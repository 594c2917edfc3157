"""Every page that can be reached from the home page, on both sites and in both languages: each
link leads somewhere, also to its place within the page.  And every address that a program knows,
asked what no page of ours asks."""

import re
from collections import Counter
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest

from portal import Page, Visitor
from stack import SRC
from test_events_admin import deed, described, saved, send
from test_headers import SECURITY
from test_statements import published

MOST = 800       # pages of a site
ALIKE = 12       # pages of one kind: other tests leave any number of statements and events


def like(path):
    """The address without what is another one for each statement, event and date."""
    path = re.sub(r"/(events|rsvp|statements)/(?!month|past)[^/?.]+", r"/\1/*", path)
    return re.sub(r"\d{4}-\d\d(-\d\d)?|(?<==)\d+-[0-9a-f]{32}", "*", path)


def crawl(stack):
    """The pages there are, by address: the ids in each, None for what is no page."""
    visitor, seen, wanted, alike = Visitor(stack), {}, {}, Counter()
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
            if to not in seen and to not in waiting and alike[like(to)] < ALIKE:
                alike[like(to)] += 1
                waiting.append(to)
    for (to, fragment), by in wanted.items():
        assert not fragment or to not in seen or fragment in (seen[to] or ()), \
            f"{by}: {to}#{fragment}"
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


# ---- what no page asks ----

FORM = "application/x-www-form-urlencoded"
ODD = [
    *({"method": method} for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS")),
    *({"method": "GET", "query": query} for query in (
        "%", "a=%00", "a=%ff", "&".join(f"a{i}=1" for i in range(600)),
        "after=-1&before=0&kind='&unit=..&area=%2F&online=%3Cscript%3E&dates=x&list=x&desk=x",
        f"after={2 ** 63 - 1}-{'f' * 32}&before={2 ** 63 - 1}-{'f' * 32}&from=9&to=9&code=0",
        f"after={10 ** 20}-{'f' * 32}&of={'0' * 32}&to=//elsewhere.example&done=%3Cscript%3E")),
    *({"method": "GET", "headers": headers} for headers in (
        {"If-None-Match": '*, "' + "x" * 3000}, {"If-Modified-Since": "Sun, 99 Foo 2026"},
        {"Range": "bytes=0-0,5-"}, {"Cookie": "session=; receipt=%00; rsvp=" + "x" * 3000})),
    *({"method": "POST", "data": data, "headers": {"Content-Type": kind}} for data, kind in (
        (b"", FORM), (b"token=" + b"A" * 75 + b"&step=%3Cscript%3E", FORM), (b"a\0b=%", FORM),
        (b"&".join(b"f%d=1" % i for i in range(5000)), FORM), (b"a=1", "text/plain"),
        (b"--x\r\n\r\n--x--\r\n", "multipart/form-data; boundary=x"))),
]


def addresses():
    """Of every program; with an id that nobody has in the place of each star."""
    for source in sorted((SRC / "cgi").rglob("*.c")):
        for path in set(re.findall(r'\.method = \w+, \.path = "([^"]+)"', source.read_text())):
            yield path.replace("*", "a" * 32)


def test_whatever_is_asked(press, editor):
    """It is refused in a calm voice, and nobody keeps what is personal."""
    visitor, paths, seen = Visitor(press), set(addresses()), set()
    assert len(paths) > 80
    for path in sorted(paths):
        public = re.match(r"/(events|statements|units|aid$)", path)
        for odd in ODD:
            who = editor if path.startswith("/admin") else visitor
            got = who.request(odd["method"], f"{path}?{odd.get('query', '')}",
                              data=odd.get("data"), headers=odd.get("headers"))
            what = (path, str(odd)[:200], got.status_code)
            seen.add(got.status_code)
            assert got.status_code < 500, what
            assert {name: got.headers.get(name) for name in SECURITY} == SECURITY, what
            keeps = got.headers["Cache-Control"]
            if not public or got.status_code not in (200, 304):
                assert keeps == "no-store", what
            assert keeps == "no-store" or "Set-Cookie" not in got.headers, what
            assert "<script" not in got.text and "elsewhere" not in str(got.headers), what
    assert {200, 303, 400, 404, 405, 415, 422} <= seen
    assert editor.get("/admin/").status_code == 200
