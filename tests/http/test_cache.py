"""What nginx keeps of what is public: for so short that what is published is there within two
seconds, and for as long as it takes while nothing behind it answers."""

import re
import subprocess
import time

import pytest

from portal import Visitor, raw, word
from stack import PROGRAMS, wait_for
from test_statements import deed, draft, publish, published, saved, slug_of, soon, write

FEEDS = ("/statements.rss", "/statements.atom", "/statements.json")
PLACES = ("/", "/statements", *FEEDS)
SECONDS = 2.0


def within(stack, path, says, started):
    """It comes to be so in time, asked often enough that all is kept that can be."""
    while True:
        asked = time.monotonic() - started
        if says(Visitor(stack).get(path)):
            return
        assert asked < SECONDS, (path, asked)
        time.sleep(0.05)


def holds(stack):
    """What lies in nginx's cache, as addresses."""
    files = [path.read_bytes() for path in (stack.state / "cache").glob("*/*/*")]
    return {key[1].decode() for text in files
            if (key := re.search(rb"\nKEY: \S* (\S+)\n", text))}


# ---- soon ----

@pytest.mark.parametrize("path", PLACES)
def test_published_is_there_within_two_seconds(press, editor, path):
    id_ = draft(editor, f"Now {word()}")
    slug = slug_of(press, id_)
    for _ in range(3):
        assert slug not in Visitor(press).get(path).text
    publish(editor, id_)
    within(press, path, lambda got: slug in got.text, time.monotonic())
    saved(deed(editor, id_, "withdraw"))
    within(press, path, lambda got: slug not in got.text, time.monotonic())


def test_page_is_there_and_gone_within_two_seconds(press, editor):
    id_ = draft(editor, f"Page {word()}", "Before.")
    path = f"/statements/{slug_of(press, id_)}"
    assert Visitor(press).get(path).status_code == 404, "which nobody keeps"
    publish(editor, id_)
    within(press, path, lambda got: got.status_code == 200, time.monotonic())
    saved(write(editor, "Page", "After.", at=id_))
    publish(editor, id_, note="Later.")
    within(press, path, lambda got: "After." in got.text, time.monotonic())
    saved(deed(editor, id_, "withdraw"))
    within(press, path, lambda got: got.status_code == 404, time.monotonic())


# ---- kept, and what never is ----

def test_many_readers_are_one_request(press, editor):
    published(editor)
    time.sleep(2)

    def asked():
        return int(press.value("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS"
                               " WHERE VARIABLE_NAME = 'COM_STMT_EXECUTE'"))
    before, started = asked(), time.monotonic()
    for _ in range(200):
        assert Visitor(press).get("/statements").status_code == 200
    spent = time.monotonic() - started
    # Once a second or so; the courier asks as well.
    assert asked() - before < 60 + 15 * spent, spent


def test_each_address_is_kept_by_itself(press, editor):
    _, slug = published(editor, lang="es", title=f"Solo {word()}")
    for _ in range(3):
        assert slug in soon(press, "/es/statements", lambda text: slug in text)
        assert slug not in Visitor(press).get("/statements").text
    for path in ("/statements", *FEEDS):
        for _ in range(2):
            assert raw(press, "HEAD", path, {"Host": f"127.0.0.1:{press.port}"})[1] == ""
            assert len(Visitor(press).get(path).text) > 200, "a HEAD keeps no empty page"
    packed = Visitor(press).get("/statements", headers={"Accept-Encoding": "gzip"})
    plain = Visitor(press).get("/statements", headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers and packed.text == plain.text


def test_nothing_private_is_kept(press, editor):
    visitor = Visitor(press)
    code = visitor.apply(path="/aid/request")
    visitor.status(code)
    path = f"/admin/statements/{draft(editor)}"
    private = ("/join", "/support", "/aid/request", "/receipt", "/subscribe", "/es/join",
               "/subscribe/sent", "/admin/login")
    for where in private:
        for _ in range(2):
            got = Visitor(press).get(where)
            assert got.status_code == 200
            assert not got.headers.get("Cache-Control", "").startswith("public"), where
    tokens = {Visitor(press).page(where).forms[0]["token"]
              for where in ("/join", "/subscribe") for _ in range(3)}
    assert len(tokens) == 6, "a form of one's own for each"
    for where in (path, "/admin/statements", "/admin/"):
        assert editor.get(where).headers["Cache-Control"] == "no-store"
    for where in ("/statements", *FEEDS):
        # who is logged in gets no other page, and leaves none for others
        assert "Set-Cookie" not in editor.get(where).headers
        assert Visitor(press).get(where).headers["Cache-Control"].startswith("public")
    kept = holds(press)
    assert {"/statements", *FEEDS} <= kept
    allowed = r"(/es)?/(aid|units(/.*)?|events([./].*)?|statements([./].*)?)"
    assert all(re.fullmatch(allowed, key) for key in kept), kept
    for file in (press.state / "cache").glob("*/*/*"):
        text = file.read_bytes()
        assert b"Set-Cookie" not in text and b'name="token"' not in text, file
        assert code.encode() not in text


# ---- nothing behind it answers ----

@pytest.fixture
def alone(press, editor):
    """A site of which only nginx runs: the slug of its newest statement."""
    _, slug = published(editor, f"Still {word()}", "Still here.")
    for path in (*PLACES, "/es/statements", f"/statements/{slug}", "/statements/recent"):
        soon(press, path, lambda text: path.startswith("/es") or slug in text
             or "Still here" in text)
    nginx = press.running("nginx")
    press.supervisorctl("stop", *(f"{program}:*" for program in PROGRAMS), "courier")
    press.supervisorctl("stop", "database")
    try:
        for program in (*PROGRAMS, "courier", "database"):
            assert not press.pids(program), program
        assert press.running("nginx") == nginx
        time.sleep(3)       # longer than anything is fresh
        yield slug
    finally:
        press.supervisorctl("start", "database")
        wait_for(lambda: subprocess.run(
            [*press.client(), "-e", "SELECT 1"], capture_output=True).returncode == 0)
        press.supervisorctl("start", "all")
        for program in PROGRAMS:
            press.running(program)
        soon(press, "/admin/login", lambda text: True)


def test_read_while_only_nginx_runs(press, editor, alone):
    for _ in range(3):
        for path in PLACES:
            got = Visitor(press).get(path)
            assert got.status_code == 200 and f"/statements/{alone}" in got.text, path
        got = Visitor(press).get(f"/statements/{alone}")
        assert got.status_code == 200 and "Still here." in got.text
        assert Visitor(press).get("/es/statements").status_code == 200
    home = Visitor(press).get("/").text
    assert home.index("Recent statements") < home.index(f"/statements/{alone}")
    # A reader that has it already is told so.
    feed = Visitor(press).get("/statements.atom")
    again = Visitor(press).get("/statements.atom",
                               headers={"If-None-Match": feed.headers["ETag"]})
    assert again.status_code == 304
    # What nobody kept, as nobody else asks for it, says that it will be back.
    for path in ("/statements?before=1-" + "c" * 32, "/subscribe", "/admin/login"):
        got = Visitor(press).get(path)
        assert got.status_code == 503 and "Retry-After" in got.headers, path


def test_back_again(press, editor):
    """After all that, what is published is there as soon as ever."""
    _, slug = published(editor)
    within(press, "/statements", lambda got: slug in got.text, time.monotonic())


def test_read_while_the_database_is_down(press, editor):
    _, slug = published(editor, f"Beyond {word()}", "Beyond.")
    for path in (*PLACES, f"/statements/{slug}"):
        soon(press, path, lambda text: slug in text or "Beyond." in text)
    press.supervisorctl("stop", "database")
    try:
        time.sleep(2.5)
        for path in (*PLACES, f"/statements/{slug}"):
            started = time.monotonic()
            got = Visitor(press).get(path)
            assert got.status_code == 200 and (slug in got.text or "Beyond." in got.text), path
            assert time.monotonic() - started < 5
    finally:
        press.supervisorctl("start", "database")
        wait_for(lambda: subprocess.run(
            [*press.client(), "-e", "SELECT 1"], capture_output=True).returncode == 0)
    _, other = published(editor)
    soon(press, "/statements", lambda text: other in text, within=10)


def test_home_page_without_any_statement(annex, founder):
    """The fragment is nothing, and the page is whole without it."""
    annex.sql("DELETE FROM published; UPDATE press SET number = number + 1")
    for path in ("/", "/es/"):
        text = soon(annex, path, lambda text: 'class="recent"' not in text)
        assert "<!--#" not in text and text.rstrip().endswith("</html>")
