"""Killing, ending and asking the processes themselves: nothing that was acknowledged is
lost, and the site comes back by itself."""

import os
import signal
import subprocess
import threading
import time

import pytest
import requests

import fastcgi
from portal import PASSWORD, Page, Visitor, complete, token, word
from stack import BUILD, PROGRAMS, wait_for


class Load:
    """Four visitors who send one application after the other, each until it is
    acknowledged, until they are stopped."""

    def __init__(self, stack, patient=True):
        self.stack, self.patient = stack, patient
        self.codes, self.statuses, self.faults, self.sent = [], set(), [], 0
        self.going = True
        form = Visitor(stack).page("/join").form("/join")
        self.answers = dict(form.filled(complete(form)), step="send")
        self.threads = [threading.Thread(target=self._visit) for _ in range(4)]

    def _visit(self):
        visitor = Visitor(self.stack)
        while self.going:
            data = {**self.answers, "token": token(self.stack.form_key, "join", 10)}
            self.sent += 1
            while self.going and not self._press(visitor, data):
                time.sleep(0.05)

    def _press(self, visitor, data):
        """True: it was acknowledged, and the receipt was read."""
        try:
            got = visitor.post("/join", data=data)
            self.statuses.add(got.status_code)
            if got.status_code != 303:
                assert got.status_code == 503 and Page(got.text).text("h1"), got.status_code
                assert int(got.headers["Retry-After"]) > 0
                return False
            page = visitor.get("/receipt")
            if page.status_code == 200:
                self.codes.append(Page(page.text).code())
            return page.status_code == 200
        except requests.exceptions.ConnectionError as error:
            # Cut short in its middle is a fault; not let in is none.
            if not self.patient:
                self.going = False
            if "IncompleteRead" in repr(error):
                self.faults.append(error)
            return False
        except Exception as error:      # noqa: BLE001 -- shown by the test
            self.faults.append(error)
            self.going = False
            return False

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.going = False
        for thread in self.threads:
            thread.join()


def assert_kept(stack, codes):
    """Every code leads to what was sent."""
    assert len(codes) == len(set(codes)) and None not in codes
    stack.settle()
    for code in codes:
        assert Visitor(stack).status(code).text("h1") == "Where it stands"


def serves(stack):
    try:
        return Visitor(stack).get("/join").status_code == 200
    except requests.exceptions.ConnectionError:
        return False


# ---- kill -9 ----

def test_killed_workers_lose_nothing(annex):
    before = int(annex.value("SELECT COUNT(*) FROM submission"))
    with Load(annex) as load:
        for _ in range(3):
            time.sleep(1.3)
            for program in PROGRAMS:
                for pid in annex.pids(program):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(1)
    assert not load.faults, load.faults
    assert load.statuses <= {303, 503} and len(load.codes) > 100
    rows = int(annex.value("SELECT COUNT(*) FROM submission")) - before
    assert len(load.codes) <= rows <= load.sent
    for program in PROGRAMS:
        annex.running(program)
    assert_kept(annex, load.codes[::max(1, len(load.codes) // 100)])


def test_killed_database_loses_nothing(annex):
    with Load(annex) as load:
        time.sleep(0.7)
        (pid,) = annex.running("database")
        os.kill(pid, signal.SIGKILL)
        acknowledged = len(load.codes)
        time.sleep(0.2)
        wait_for(lambda: len(load.codes) > acknowledged + 50)
    assert not load.faults, load.faults
    assert annex.pids("database") != {pid}
    assert_kept(annex, load.codes[:acknowledged][-60:] + load.codes[acknowledged:][:60])
    assert annex.openhall("status").returncode == 0


def test_without_the_database(annex, founder):
    """What is sent is taken all the same and filed later, once; whatever else needs the
    store says so calmly, and keeps what was typed."""
    visitor, typed, writer = (Visitor(annex) for _ in range(3))
    name = "Ana " + word()
    review = visitor.review({"name": name})
    code = typed.apply()
    writer.status(code)
    writing = writer.page("/receipt").form("/receipt/message")
    admin = founder.login()
    annex.settle()
    before = int(annex.value("SELECT COUNT(*) FROM submission"))
    annex.supervisorctl("stop", "database")
    try:
        got = visitor.submit(review.form("/join"), button=("step", "send"))
        page = visitor.follow(got)
        sent = page.code()
        page = visitor.follow(visitor.submit(page.form("/receipt"), {"code": sent}))
        assert page.text("h1") == "Received, being filed" and name not in page.html
        # Pressed once more, it is the same receipt.
        again = Visitor(annex)
        page = again.follow(again.submit(review.form("/join"), button=("step", "send")))
        assert page.code() == sent
        assert Visitor(annex).status(sent, "/es").lang == "es"
        # What needs no store goes on.
        assert visitor.get("/").status_code == visitor.get("/join").status_code == 200
        assert visitor.review({}).text("h1")
        text = "Half a page " + word()
        got = writer.submit(writing, {"text": text})
        assert got.status_code == 503
        writing = Page(got.text).form("/receipt/message")
        assert writing["text"] == text and "nothing was sent" in Page(got.text).text("main")
        for got in (got, typed.enter(code), admin.get("/admin/"), admin.try_login()):
            page = Page(got.text)
            assert got.status_code == 503 and page.text("h1")
            assert int(got.headers["Retry-After"]) > 0
            assert got.headers["Cache-Control"] == "no-store"
    finally:
        annex.supervisorctl("start", "database")
    wait_for(lambda: annex.openhall("status").returncode == 0)
    annex.settle()
    assert int(annex.value("SELECT COUNT(*) FROM submission")) == before + 1
    assert name in Visitor(annex).status(sent).text("dd")
    writer.follow(writer.submit(writing))
    assert [m.said for m in writer.page("/receipt").talk()] == [text]
    assert admin.get("/admin/").status_code == 200


def test_killed_nginx_comes_back(annex):
    (pid,) = annex.running("nginx")
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: annex.pids("nginx") not in (set(), {pid}))
    wait_for(lambda: serves(annex))


# ---- SIGTERM ----

def test_worker_finishes_what_it_has_begun(annex):
    """SIGTERM in the middle of a request: it is answered in full, then the worker ends."""
    before = annex.running("join")
    env, body = fastcgi.environment(annex, "GET", "/join")
    sent = fastcgi.request_bytes(env, body)
    with fastcgi.socket.socket(fastcgi.socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(annex.program_socket("join"))
        s.sendall(sent[:40])
        time.sleep(0.2)
        for pid in before:
            os.kill(pid, signal.SIGTERM)
        time.sleep(0.3)
        # The other has gone and come back; this one waits.
        assert len(annex.pids("join") & before) == 1
        s.sendall(sent[40:])
        got = b""
        while chunk := s.recv(65536):
            got += chunk
    assert b"</html>" in got
    wait_for(lambda: not annex.pids("join") & before)
    annex.running("join")


def test_end_of_all_under_load_and_again(annex, founder):
    """SIGTERM to the whole: nobody's answer is cut short; the next start goes on."""
    with Load(annex, patient=False) as load:
        time.sleep(1)
        assert annex.stop() == 0
    assert not load.faults, load.faults
    assert load.statuses == {303} and len(load.codes) > 50
    assert not list((annex.state / "run").glob("*.pid"))
    founded = annex.invitation
    started = time.monotonic()
    annex.start()
    assert time.monotonic() - started < 10
    assert annex.invitation == founded, "founded a second time"
    assert_kept(annex, load.codes[-100:])
    founder.login().page("/admin/")


def test_killed_script_takes_all_with_it(annex):
    pids = set().union(*map(annex.running, ("database", "nginx", *PROGRAMS)))
    pids.add(int((annex.state / "run/supervisor.pid").read_text()))
    annex.process.kill()
    annex.process.wait()
    wait_for(lambda: not [pid for pid in pids if os.path.exists(f"/proc/{pid}")], 40)
    annex.process = None
    annex.start()
    assert serves(annex)


# ---- one request at a time ----

def cgi(stack, program, method, path, data=None, conf=None, **more):
    """As plain CGI: the request in the environment and on standard input."""
    env, body = fastcgi.environment(stack, method, path, data, **more)
    done = subprocess.run([BUILD / program, "-c", conf or stack.conf], input=body, timeout=30,
                          env={**os.environ, **env}, capture_output=True)
    assert done.returncode == 0, done.stderr
    return fastcgi.Answer(done.stdout)


@pytest.mark.parametrize("program, path, action", [
    ("join", "/join", "/join"), ("join", "/es/join", "/es/join"),
    ("receipt", "/receipt", "/receipt"), ("admin", "/admin/login", "/admin/login")])
def test_plain_cgi(hall, program, path, action):
    got = cgi(hall, program, "GET", path)
    assert got.status == 200 and Page(got.text).has_form(action)
    assert int(got["Content-Length"]) == len(got.body)
    head = cgi(hall, program, "HEAD", path)
    assert head.status == 200 and head.body == b""
    got = cgi(hall, program, "GET", path + "/nothing")
    assert got.status == 404
    got = cgi(hall, program, "BREW", path)
    assert (got.status, got["Allow"]) == (405, "GET, HEAD, POST")


def test_plain_cgi_takes_an_application(hall):
    form = Page(cgi(hall, "join", "GET", "/join").text).form("/join")
    data = dict(form.filled(complete(form)), step="send",
                token=token(hall.form_key, "join", 60))
    got = cgi(hall, "join", "POST", "/join", data, HTTP_ORIGIN=hall.base)
    assert (got.status, got["Location"]) == (303, "/receipt")
    got = cgi(hall, "receipt", "GET", "/receipt", cookies=got.cookies())
    assert got.status == 200 and Page(got.text).code()
    got = cgi(hall, "admin", "POST", "/admin/login", {
        "token": token(hall.form_key, "admin"), "name": "Nobody", "password": PASSWORD},
        address="198.51.100.200")
    assert got.status == 422


LENGTHS = [
    ("9", b"name=", 400), ("-1", b"name=Ana", 400), ("9x", b"name=Ana", 400),
    ("99999999999999999999", b"", 400), ("131073", b"x" * 131073, 413), ("0", b"name=Ana", 422),
    ("", b"name=Ana", 422), ("4", b"name=Ana", 422)]


@pytest.mark.parametrize("length, body, status", LENGTHS, ids=[row[0] for row in LENGTHS])
def test_length_of_the_body(hall, length, body, status):
    for call in (cgi, fastcgi.ask):
        got = call(hall, "join", "POST", "/join", body, CONTENT_LENGTH=length)
        assert got.status == status and Page(got.text).text("h1")


def test_parameter_lengths(hall):
    """Names and values on both sides of where FastCGI's lengths take four bytes."""
    env, body = fastcgi.environment(hall, "GET", "/es/join", query="a=" + "q" * 3000,
                                    cookies={"x": "c" * 6000})
    late = {name: env.pop(name) for name in ("REQUEST_METHOD", "DOCUMENT_URI")}
    odd = {"HTTP_" + "X" * (n - 5): "v" * m
           for n in (127, 128, 255, 256) for m in (0, 127, 128, 20000)[n % 4:]}
    odd.update({f"E{n}": "v" * n for n in (0, 1, 126, 127, 128, 129, 255, 256, 16384)})
    out, status = fastcgi.exchange(hall.program_socket("join"), fastcgi.request_bytes(
        {**env, **odd, **late}, body))
    got = fastcgi.Answer(out)
    # Read as it was sent only if every length before was.
    assert status == 0 and got.status == 200 and Page(got.text).lang == "es"


BROKEN = [
    b"", b"\0", b"GET / HTTP/1.0\r\n\r\n", b"\xff" * 4096, b"\1\1\0\1",
    fastcgi.record(fastcgi.BEGIN, b"\0\1\0\0\0\0\0\0"),
    fastcgi.record(fastcgi.PARAMS, b"\xff\xff\xff\xff\xff\xff\xff\xff"),
    fastcgi.record(fastcgi.BEGIN, b"\0\1\0\0\0\0\0\0")
    + fastcgi.stream(fastcgi.PARAMS, b"\x0e\x85REQUEST_METHOD"),
    fastcgi.record(fastcgi.BEGIN, b"\0\1\0\0\0\0\0\0")
    + fastcgi.stream(fastcgi.PARAMS, fastcgi.params([(b"REQUEST_METHOD", b"POST"),
                                                     (b"CONTENT_LENGTH", b"50")]))
    + fastcgi.record(fastcgi.STDIN, b"name=")]


@pytest.mark.parametrize("sent", BROKEN, ids=range(len(BROKEN)))
def test_broken_records_stop_nobody(hall, sent):
    """A peer that breaks off, on every worker."""
    before = {p: hall.running(p) for p in PROGRAMS}
    for program in PROGRAMS:
        for _ in range(2):
            with fastcgi.socket.socket(fastcgi.socket.AF_UNIX) as s:
                s.connect(hall.program_socket(program))
                s.sendall(sent)
        assert fastcgi.ask(hall, program, "GET", "/nothing").status == 404
    assert {p: hall.pids(p) for p in PROGRAMS} == before
