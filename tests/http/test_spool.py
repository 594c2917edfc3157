"""The store is away: what is handed in waits sealed on the disk, its receipt is good at
once, and it is filed once."""

import contextlib
import os
import re

import pytest

from conftest import alone
from portal import Page, Visitor, complete, word
from stack import Stack, site_copy, wait_for
from test_sealed import spellings

FORMS = {"membership": "/join", "supporters": "/support", "aid": "/aid/request"}
FILING, STANDS = "Received, being filed", "Where it stands"


@pytest.fixture(scope="module")
def depot(folder):
    """A site of its own, whose store comes and goes."""
    alone()
    (folder / "depot").mkdir()
    site = site_copy(folder / "depot", least_seconds=0)
    with Stack(folder / "depot", site) as stack:
        yield stack


@contextlib.contextmanager
def away(stack):
    """The store is stopped; afterwards it is there again, and nothing waits any more."""
    stack.supervisorctl("stop", "database")
    try:
        yield
    finally:
        stack.supervisorctl("start", "database")
        wait_for(lambda: stack.openhall("status").returncode == 0)
    wait_for(lambda: not waiting(stack), 30)


@contextlib.contextmanager
def no_courier(stack):
    stack.supervisorctl("stop", "courier")
    try:
        yield
    finally:
        stack.supervisorctl("start", "courier")


def waiting(stack, desk="*"):
    """The files that wait."""
    return sorted(p for p in (stack.state / "spool").glob(f"{desk}/*")
                  if re.fullmatch("[0-9a-f]{64}", p.name))


def count(stack):
    return int(stack.value("SELECT COUNT(*) FROM submission"))


def reviewed(stack, path, prefix="", **answers):
    """A visitor before the last button, and the form that it sends."""
    visitor = Visitor(stack)
    return visitor, visitor.review(answers, prefix + path).form(path)


def press(visitor, form):
    return visitor.submit(form, button=("step", "send"))


def status_line(stack):
    lines = dict(line.split("\t", 1)
                 for line in stack.openhall("status").stdout.splitlines())
    return tuple(map(int, re.fullmatch(r"(\d+) waiting, (\d+) bytes, (\d+) set aside",
                                       lines["spool"]).groups()))


# ---- it waits, and is filed ----

def test_all_kinds_are_taken_while_the_store_is_away(depot):
    """In both languages: the receipt at once, the truth meanwhile, and the answers after."""
    visitor, form = reviewed(depot, "/join")
    stored = visitor.follow(press(visitor, form)).code()
    before, sent = count(depot), []
    with away(depot):
        for desk, path in FORMS.items():
            for prefix in ("", "/es"):
                mark = word(16)
                visitor, form = reviewed(depot, path, prefix, **(
                    {"details": mark} if desk == "aid" else {"name": mark}))
                got = press(visitor, form)
                assert (got.status_code, got.headers["Location"]) == (303, f"{prefix}/receipt")
                page = visitor.follow(got)
                assert page.lang == (prefix[1:] or "en") and page.code()
                sent.append((visitor, form, page.code(), mark, prefix, desk))
        assert len(waiting(depot)) == 6
        assert {desk: len(waiting(depot, desk)) for desk in FORMS} == dict.fromkeys(FORMS, 2)
        for visitor, form, code, mark, prefix, desk in sent:
            # The page that has the code, and who comes back with it from elsewhere.
            assert visitor.page(f"{prefix}/receipt").code() == code
            page = Visitor(depot).status(code, prefix)
            assert page.lang == (prefix[1:] or "en")
            assert mark not in page.html and code not in page.html
            if not prefix:
                assert page.text("h1") == FILING
            # Sent once more it is the same file.
            assert visitor.follow(press(visitor, form)).code() == code
        assert len(waiting(depot)) == 6
        # What is in the store cannot be read, and is not called unknown.
        got = Visitor(depot).enter(stored)
        assert got.status_code == 503 and int(got.headers["Retry-After"]) > 0
    assert count(depot) == before + 6
    for visitor, form, code, mark, prefix, desk in sent:
        page = Visitor(depot).status(code, prefix)
        assert mark in page.text("dd")
        if not prefix:
            assert page.text("h1") == STANDS
        # The same form once more: known already, and nothing twice.
        again = visitor.follow(press(visitor, form))
        assert again.code() == code
        assert prefix or "already" in again.text("h1")
    assert count(depot) == before + 6
    assert depot.sql("SELECT desk, COUNT(*) FROM submission GROUP BY desk ORDER BY desk") \
        == [("aid", "2"), ("membership", "3"), ("supporters", "2")]


def test_what_a_queue_needs_is_filed_with_it(depot):
    """What was spooled is no different from what was not: state, kind, urgency, facets."""
    columns = "desk, form, state, kind, suspect, urgency, facets, received_day, channel"

    def send():
        return reviewed(depot, FORMS["aid"], needs=["care"], offers=["rides"],
                        area="riverside", urgency="month", language="es")
    with no_courier(depot):
        depot.sql("DELETE FROM submission")
        press(*send())
        (plain,) = depot.sql(f"SELECT {columns} FROM submission")
        depot.sql("DELETE FROM submission")
    with away(depot):
        assert press(*send()).status_code == 303
    assert depot.sql(f"SELECT {columns} FROM submission") == [plain]
    assert plain[3] == "ask" and plain[5] == "2" and "area=riverside" in plain[6]
    wait_for(lambda: ("need", "care") in depot.sql("SELECT name, value FROM facet"))


def test_suspect_stays_so(depot):
    with away(depot):
        visitor, form = reviewed(depot, "/support")
        data = [(n, "x" if n == "website" else v)
                for n, v in form.filled(button=("step", "send"))]
        visitor.post("/support", data=data)
    assert depot.value("SELECT suspect FROM submission ORDER BY desk = 'supporters' DESC"
                       " LIMIT 1") == "1"


def test_store_that_only_reads(depot):
    """As one that is being moved, or whose disk is full, may be."""
    before, name = count(depot), word()
    visitor, form = reviewed(depot, "/join", name=name)
    depot.sql("SET GLOBAL read_only = ON")
    try:
        code = visitor.follow(press(visitor, form)).code()
        assert code and len(waiting(depot)) == 1
        assert Visitor(depot).status(code).text("h1") == FILING
    finally:
        depot.sql("SET GLOBAL read_only = OFF")
    wait_for(lambda: not waiting(depot), 30)
    assert count(depot) == before + 1
    assert name in Visitor(depot).status(code).text("dd")


def test_filed_is_filed(depot):
    """Whoever files may end between storing it and taking the file away."""
    with away(depot):
        visitor, form = reviewed(depot, "/support", name=word())
        code = visitor.follow(press(visitor, form)).code()
        (path,) = waiting(depot)
        kept = path.read_bytes()
    before, row = count(depot), depot.sql("SELECT HEX(id), HEX(body) FROM submission")
    path.write_bytes(kept)
    wait_for(lambda: not path.exists())
    assert count(depot) == before
    assert depot.sql("SELECT HEX(id), HEX(body) FROM submission") == row
    assert Visitor(depot).status(code).text("h1") == STANDS
    assert not list(path.parent.glob("*.bad"))


def test_receipt_while_nobody_files(depot):
    """The store is back and the courier is not: the receipt still says so."""
    with no_courier(depot):
        depot.supervisorctl("stop", "database")
        try:
            visitor, form = reviewed(depot, "/aid/request")
            code = visitor.follow(press(visitor, form)).code()
        finally:
            depot.supervisorctl("start", "database")
        wait_for(lambda: depot.openhall("status").returncode == 0)
        visitor = Visitor(depot)
        page = visitor.status(code)
        assert page.text("h1") == FILING and "nothing to send again" in page.text("main")
        # What cannot be done yet is not done, and not taken for lost.
        assert visitor.page("/receipt").text("h1") == FILING
        assert len(waiting(depot)) == 1
    wait_for(lambda: not waiting(depot), 30)
    assert visitor.page("/receipt").text("h1") == STANDS


# ---- what lies on the disk ----

def test_files_are_sealed(depot):
    mark = "Zq7" + word(12)
    with away(depot):
        codes = []
        for desk, path in FORMS.items():
            visitor = Visitor(depot)
            form = visitor.page(path).form(path)
            answers = complete(form, every=True)
            answers = {n: f"Ñ {mark} {n}" if isinstance(v, str) and n not in (
                "phone", "pledge", "postcode", "people") and form[n] == "" else v
                for n, v in answers.items()}
            answers["email"] = f"{mark}@example.org"
            review = Page(visitor.submit(form, answers).text)
            assert mark in review.text("dd"), review.errors()
            codes.append(visitor.follow(press(visitor, review.form(path))).code())
        assert len(waiting(depot)) == 3
        needles = spellings(mark) | {c.encode() for c in codes} \
            | {c.replace("-", "").encode() for c in codes}
        for path in waiting(depot):
            content = path.read_bytes()
            assert len(content) > 500 and path.stat().st_mode & 0o007 == 0
            assert path.parent.name.encode() in content
            for needle in needles:
                assert needle not in content and needle not in path.name.encode(), needle
    for code in codes:
        assert mark in Visitor(depot).status(code).html
    for needle in needles:
        assert needle not in depot.logs().encode()


def test_status_tells_what_waits(depot):
    assert status_line(depot) == (0, 0, 0)
    with away(depot):
        for _ in range(2):
            press(*reviewed(depot, "/support"))
        size = sum(p.stat().st_size for p in waiting(depot))
        done = depot.openhall("status")
        assert done.returncode == 1 and "database\taway" in done.stdout
        assert status_line(depot) == (2, size, 0)
    assert status_line(depot) == (0, 0, 0)


@pytest.mark.parametrize("garble", [
    lambda b: b[:len(b) // 2] + bytes([b[len(b) // 2] ^ 1]) + b[len(b) // 2 + 1:],
    lambda b: b[:-1], lambda b: b"", lambda b: b + b"x", lambda b: os.urandom(len(b)),
    lambda b: b.replace(b"supporters", b"membership")],
    ids=["one bit", "cut", "empty", "longer", "noise", "another desk"])
def test_what_cannot_be_read_is_set_aside(depot, garble):
    """It keeps nobody waiting, and stays for somebody to look."""
    before = count(depot)
    with away(depot):
        visitor, form = reviewed(depot, "/support")
        code = visitor.follow(press(visitor, form)).code()
        (bad,) = waiting(depot, "supporters")
        whole = bad.read_bytes()
        bad.write_bytes(garble(whole))
        names = [word() for _ in range(3)]
        others = []
        for name in names:
            visitor, form = reviewed(depot, "/support", name=name)
            others.append(visitor.follow(press(visitor, form)).code())
    aside = bad.with_name(bad.name + ".bad")
    try:
        wait_for(aside.exists)
        assert count(depot) == before + 3
        for name, other in zip(names, others):
            assert name in Visitor(depot).status(other).text("dd")
        waiting_, size, bads = status_line(depot)
        assert (waiting_, bads) == (0, 1) and size == aside.stat().st_size
        assert f"file={bad.name}" in depot.logs() and "spool.bad" in depot.logs()
        assert depot.running("courier")
        # Its holder is not told that there is no such thing.
        assert Visitor(depot).status(code).text("h1") == FILING
        # Somebody put it right.
        aside.unlink()
        bad.write_bytes(whole)
        wait_for(lambda: Visitor(depot).status(code).text("h1") == STANDS)
    finally:
        aside.unlink(missing_ok=True)
    assert count(depot) == before + 4


# ---- no room ----

def test_full_spool_tells_the_truth(depot):
    """Nothing was sent, and nothing is lost; the other desks still have room."""
    name, filler = word(), depot.state / "spool/membership/filler"
    visitor, form = reviewed(depot, "/join", name=name)
    before = count(depot)
    with away(depot):
        with open(filler, "wb") as file:
            file.truncate(64 << 20)
        try:
            got = press(visitor, form)
            page = Page(got.text)
            assert got.status_code == 503 and int(got.headers["Retry-After"]) > 0
            assert "full" in page.text("main") and "Nothing was sent" in page.text("main")
            assert name in page.text("dd") and page.form("/join")["name"] == name
            assert page.form("/join")["token"] == form["token"]
            assert "receipt" not in visitor.cookies
            assert waiting(depot, "membership") == []
            other, elsewhere = reviewed(depot, "/support")
            assert press(other, elsewhere).status_code == 303
            # To change something is possible meanwhile.
            got = visitor.submit(page.form("/join"), button=("step", "change"))
            assert got.status_code == 200 and Page(got.text).form("/join")["name"] == name
        finally:
            filler.unlink()
        # There is room again: the page that came back is good.
        code = visitor.follow(press(visitor, page.form("/join"))).code()
        assert code and len(waiting(depot, "membership")) == 1
    assert name in Visitor(depot).status(code).text("dd")
    assert count(depot) == before + 2
    assert "spool.full" in depot.logs()


def test_folder_that_cannot_be_written(depot):
    """Neither the store nor the disk takes it: a calm page, with every answer."""
    spool, name = depot.state / "spool/membership", word()
    visitor, form = reviewed(depot, "/join", name=name)
    before = count(depot)
    with away(depot):
        spool.rename(spool.with_name("gone"))
        spool.write_bytes(b"")
        try:
            for _ in range(2):
                got = press(visitor, form)
                page = Page(got.text)
                assert got.status_code == 503 and int(got.headers["Retry-After"]) > 0
                assert "nothing was sent" in page.text("main")
                assert name in page.text("dd") and page.form("/join")["name"] == name
            assert "cannot be read" in depot.openhall("status").stdout
        finally:
            spool.unlink()
            spool.with_name("gone").rename(spool)
        code = visitor.follow(press(visitor, page.form("/join"))).code()
    assert count(depot) == before + 1
    assert name in Visitor(depot).status(code).text("dd")
