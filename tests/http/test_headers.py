"""What every answer carries, what may be kept, and what a log may tell."""

import re
import time

import pytest

from fastcgi import ask
from portal import Page, Visitor, token

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def asset(visitor, name):
    """The address of a file as a page links it."""
    return next(attrs["href"] for tag, attrs in visitor.page("/join").tags
                if tag == "link" and attrs["href"].endswith("/" + name))


# ---- on every answer ----

ANSWERS = {
    "static page": lambda v: v.get("/"),
    "static page in spanish": lambda v: v.get("/es"),
    "stylesheet": lambda v: v.get(asset(v, "style.css")),
    "logo": lambda v: v.get(asset(v, "logo.svg")),
    "program": lambda v: v.get("/join"),
    "head": lambda v: v.head("/join"),
    "mistake": lambda v: v.post("/join", data={}),
    "redirect": lambda v: v.get("/admin/"),
    "not found": lambda v: v.get("/nothing"),
    "not found in assets": lambda v: v.get("/assets/000000000000/nothing.css"),
    "not found by a program": lambda v: v.get("/join/nothing"),
    "method": lambda v: v.delete("/join"),
    "method on a file": lambda v: v.delete("/"),
    "too large": lambda v: v.post("/join", data=b"x" * 200_000),
    "too long": lambda v: v.get("/" + "x" * 9000),
    "not modified": lambda v: v.get("/units", headers={
        "If-None-Match": v.get("/units").headers["ETag"]}),
    "other name": lambda v: v.get("/join", headers={"Host": "elsewhere.example"}),
}
STATUS = {"redirect": 303, "not found": 404, "not found in assets": 404,
          "not found by a program": 404, "method": 405, "method on a file": 405,
          "too large": 413, "too long": 414, "mistake": 422, "not modified": 304,
          "other name": 302}


@pytest.mark.parametrize("kind", ANSWERS)
def test_security_headers(visitor, kind):
    got = ANSWERS[kind](visitor)
    assert got.status_code == STATUS.get(kind, 200)
    for name, value in SECURITY.items():
        assert got.headers.get(name) == value, name
    assert "geolocation=()" in got.headers["Permissions-Policy"]
    assert got.headers["Server"] == "nginx"
    assert "X-Powered-By" not in got.headers
    # Only over TLS, where it means something.
    assert "Strict-Transport-Security" not in got.headers
    # Nothing stands twice: the later of two would win, or none.
    names = [name.lower() for name, _ in got.raw.headers.items()]
    assert len(names) == len(set(names)), names


@pytest.mark.parametrize("kind", [k for k in ANSWERS if k not in (
    "stylesheet", "logo", "redirect", "not modified", "head", "other name")])
def test_pages_load_nothing_from_elsewhere(visitor, kind):
    page = Page(ANSWERS[kind](visitor).text)
    for tag, attrs in page.tags:
        assert tag not in ("script", "style", "iframe", "object", "base"), tag
        assert not [n for n in attrs if n.startswith("on") or n == "style"], attrs
        if attrs.get("rel") in ("canonical", "alternate"):      # named, and not loaded
            attrs = {"href": attrs["href"].removeprefix(visitor.stack.base)}
        for name in ("href", "src", "action", "formaction"):
            if name in attrs:
                assert re.match(r"(/(?!/)|#)", attrs[name]), attrs


def test_what_pages_link_to_is_there(visitor):
    for path in ("/", "/es/", "/join", "/support", "/aid", "/es/aid", "/aid/request", "/units",
                 "/statements", "/es/statements", "/subscribe", "/receipt", "/admin/login", "/nothing"):
        page = Page(visitor.get(path).text)
        for tag, attrs in page.tags:
            target = attrs.get("href") or attrs.get("src")
            target = target and target.removeprefix(visitor.stack.base)
            if target and not target.startswith("#"):
                assert visitor.get(target).status_code == 200, (path, target)
            elif target:
                assert target[1:] in page.ids


# ---- caching ----

def test_assets_never_change(visitor):
    for name in ("style.css", "logo.svg"):
        got = visitor.get(asset(visitor, name))
        assert got.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert got.headers["Content-Type"].startswith(
            "text/css" if name.endswith("css") else "image/svg+xml")


@pytest.mark.parametrize("path", ["/", "/es/"])
def test_home_page(visitor, path):
    """It holds the newest statements, so its file's date and ETag say nothing of it."""
    got = visitor.get(path)
    assert got.headers["Cache-Control"] == "public, max-age=1"
    assert not {"Set-Cookie", "ETag", "Last-Modified"} & set(got.headers)
    assert "<!--#" not in got.text


@pytest.mark.parametrize("path", ["/statements", "/es/statements", "/statements.rss",
                                  "/statements.atom", "/statements.json", "/units"])
def test_public_page_is_known_again(visitor, path):
    got = visitor.get(path, headers={"Accept-Encoding": "identity"})
    assert got.status_code == 200 and got.headers["Cache-Control"].startswith("public, ")
    assert "Set-Cookie" not in got.headers
    again = [{"If-None-Match": got.headers["ETag"]}]
    if "Last-Modified" in got.headers:
        again.append({"If-Modified-Since": got.headers["Last-Modified"]})
    assert path == "/units" or len(again) == 2
    for headers in again:
        same = visitor.get(path, headers={"Accept-Encoding": "identity", **headers})
        assert same.status_code == 304 and same.content == b""
    for headers in ({"If-None-Match": '"other"'},
                    {"If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}):
        assert visitor.get(path, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/subscribe", "/es/subscribe", "/subscribe/sent",
                                  "/subscribe/confirm", "/subscribe/left", "/statements/none"])
def test_subscribing_is_nobody_elses(visitor, path):
    got = visitor.get(path, headers={"Accept-Encoding": "gzip"})
    assert got.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in got.headers or path == "/statements/none"


@pytest.mark.parametrize("path", ["/join", "/es/join", "/support", "/es/support",
                                  "/aid/request", "/receipt", "/receipt/withdraw",
                                  "/receipt/correct", "/receipt/erase", "/receipt/erased",
                                  "/admin/login", "/admin/account", "/admin/code",
                                  "/admin/", "/admin/welcome", "/nothing",
                                  "/join/nothing"])
def test_personal_and_errors_are_not_kept(visitor, path):
    got = visitor.get(path)
    assert got.headers["Cache-Control"] == "no-store"
    assert "ETag" not in got.headers or got.status_code == 404


def test_gzip_only_where_nothing_is_secret(visitor):
    ask_for = {"Accept-Encoding": "gzip"}
    assert visitor.get("/", headers=ask_for).headers["Content-Encoding"] == "gzip"
    assert visitor.get(asset(visitor, "style.css"), headers=ask_for) \
        .headers["Content-Encoding"] == "gzip"
    for path in ("/join", "/receipt", "/admin/login", "/join/nothing"):
        assert "Content-Encoding" not in visitor.get(path, headers=ask_for).headers, path


def test_site_files_stay_private(visitor):
    """Of the site's own folder only what a page loads is served."""
    prefix = asset(visitor, "logo.svg").rpartition("/")[0]
    for path in ("site.conf", "forms/join.xml", "forms", "../site.conf", ".git/config",
                 "%2e%2e/openhall.conf", "pages/home.en.md", "theme.css"):
        assert visitor.get(f"{prefix}/{path}").status_code in (400, 403, 404), path
    for path in ("/site.conf", "/forms/join.xml", "/error/404.html", "/.htaccess",
                 "/layout.html", "/es/error/404.html", "/error/es/404.html"):
        assert visitor.get(path).status_code in (403, 404), path


# ---- logs ----

def test_log_tells_nothing_of_people(hall):
    visitor = Visitor(hall)
    code = visitor.apply({"name": "Xiomara"})
    visitor.status(code)
    marks = ["q" + token(hall.form_key, "x")[:12] for _ in range(4)]
    visitor.get(f"/join?{marks[0]}=1", headers={"Referer": f"http://x.example/{marks[1]}",
                                                "User-Agent": marks[2]})
    visitor.get(f"/admin/case/{'a' * 32}")
    visitor.get("/es/" + marks[3])
    visitor.get("/%zz" + marks[3])
    visitor.post("/join", data=b"x" * 200_000)
    time.sleep(0.1)
    log = (hall.state / "log/access.log").read_text()
    assert len(log.splitlines()) > 5
    for line in log.splitlines():
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]{8}[+-]\d\d:\d\d [A-Z-]* ?\d{3} \d+ [\d.]+",
                            line), line
    everything = hall.logs()
    for secret in [*marks, "127.0.0.1", "Xiomara", "a" * 32, "/join", code,
                   code.replace("-", "")]:
        assert secret not in log, secret
        if secret not in ("127.0.0.1", "/join"):
            assert secret not in everything, secret


# ---- limits ----

def test_rate_limit_is_generous_and_calm(caucus):
    """Thirty people in one room pass; a flood gets a page that says when to come back."""
    room = Visitor(caucus, "127.0.0.2")
    for _ in range(30):
        for _ in range(3):
            assert room.post("/receipt", data={}).status_code == 422
    statuses = []
    for _ in range(120):
        got = room.post("/es/receipt", data={})
        statuses.append(got.status_code)
        if got.status_code == 429:
            break
    assert statuses[-1] == 429, set(statuses)
    page = Page(got.text)
    assert page.lang == "es" and page.text("h1")
    assert int(got.headers["Retry-After"]) > 0
    assert got.headers["Cache-Control"] == "no-store"
    for name, value in SECURITY.items():
        assert got.headers.get(name) == value
    # Reading is not counted, and nobody else has to wait.
    assert Visitor(caucus, "127.0.0.3").post("/receipt", data={}).status_code == 422
    assert room.get("/receipt").status_code == 200
    time.sleep(0.5)
    assert room.post("/receipt", data={}).status_code == 422


def test_calendar_limit(caucus):
    """Parts of the calendar, which can be asked for in ever other ways, are counted; what all
    read is not."""
    reader = Visitor(caucus, "127.0.0.5")
    got = [reader.get(f"{lang}/events.ics?area=a{n}").status_code
           for n in range(30) for lang in ("", "/es")]
    assert got[:20] == [200] * 20 and 429 in got[20:]
    for path in ("/events.ics", "/events?kind=talk"):
        assert [reader.get(path).status_code for _ in range(30)] == [200] * 30
    assert Visitor(caucus, "127.0.0.6").get("/events.ics?kind=talk").status_code == 200


def test_login_limit(caucus):
    visitor = Visitor(caucus, "127.0.0.4")
    got = [visitor.post("/admin/login", data={}).status_code for _ in range(40)]
    assert got[:25] == [422] * 25 and got[-1] == 429


# ---- what a program says by itself ----

def test_program_answer(hall):
    got = ask(hall, "join", "GET", "/join")
    names = [name.lower() for name, _ in got.headers]
    assert len(names) == len(set(names))
    assert got["Cache-Control"] == "no-store"
    assert int(got["Content-Length"]) == len(got.body)
