"""Mail as it leaves: what stands in it, announcements to hundreds that nothing stops, mail
servers that refuse, delay and hang up, what comes back, and the notices of the forms."""

import os
import re
import signal
import subprocess
import threading
import time
from email.utils import parsedate_to_datetime

import pytest

from mailbox import FROM, Sink, link, new_address, parse, parts, path_of, post  # noqa: F401
from portal import Page, Visitor, word
from stack import BUILD, wait_for
from test_subscribe import mail_in

HOSTILE = 'Tenants & <b>owners</b> "agree": ¿sí? 50% =?UTF-8?Q?x?= {{link}}'


@pytest.fixture
def server(post):
    """The site's mail goes to a server, which `server(answer)` starts."""
    sinks = []

    def make(answer=lambda n, to: None):
        sink = Sink(answer)
        sinks.append(sink)
        sink.__enter__()
        post.to_server(sink)
        return sink
    yield make
    post.to_folder()
    for sink in sinks:
        sink.__exit__()


@pytest.fixture
def alone_on_list(post):
    """Nobody else is subscribed; what waited is gone."""
    post.stack.sql("DELETE FROM subscriber; DELETE FROM outbox; DELETE FROM signup;"
                   " UPDATE duty SET next_at = 0 WHERE name IN ('confirm', 'pace')")


@pytest.fixture
def crowd(post, alone_on_list):
    """`crowd(n)`: n readers; they signed up as all do, and their buttons are pressed for
    them.  Gives the addresses."""
    def make(n):
        addresses = [new_address("crowd") for _ in range(n)]
        visitor = Visitor(post.stack)
        form = visitor.page("/subscribe").form("/subscribe")
        for address in addresses:
            assert visitor.submit(form, {"address": address}).status_code == 303
        post.settle()
        post.stack.sql(f"UPDATE subscriber SET state = 'confirmed',"
                       f" confirmed_at = {int(time.time())}")
        assert post.states() == n
        return addresses
    return make


def ids(messages):
    """Message-ID and addressee of each."""
    return [(parse(data)["Message-ID"], to) for to, data in messages]


def due_now(post):
    """As if the time until the next attempt had passed."""
    post.stack.sql("UPDATE outbox SET due_at = 0 WHERE state = 'waiting'")


def outbox(post, id_):
    """The one mail of an announcement, once it is there."""
    rows = post.stack.sql("SELECT state, attempts, code, due_at FROM outbox"
                          f" WHERE mailing = X'{id_}'")
    return (rows[0][0], *map(int, rows[0][1:])) if rows else (None, 0, 0, 0)


# ---- what stands in a mail ----

@pytest.mark.parametrize("lang", ["en", "es"])
def test_announcement(post, alone_on_list, lang):
    prefix = "" if lang == "en" else "/es"
    address, code = post.subscribe(prefix=prefix)
    other, _ = post.subscribe(prefix="" if prefix else "/es")
    title = f"{HOSTILE} {word()}"
    id_ = post.publish(title, "A summary,\nof two lines.", lang)
    post.announce(id_)
    assert post.sent(id_) == {"sent": 1}
    assert len(post.box.to(other)) == 1     # their confirmation; it is not their language
    (mail,) = [m for m in post.box.to(address) if m["List-Id"]]
    text, html = parts(mail)
    host = re.match(r"http://([^/:]+)", post.stack.base)[1]
    assert mail["Subject"] == title
    assert mail["From"].addresses[0].addr_spec == FROM and mail["From"].addresses[0].display_name
    assert mail["To"] == address
    assert abs(parsedate_to_datetime(mail["Date"]).timestamp() - time.time()) < 120
    assert re.fullmatch(rf"<[0-9a-f]{{32}}@{re.escape(host)}>", mail["Message-ID"])
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == f"<statements-{lang}.{host}>"
    assert mail["MIME-Version"] == "1.0"
    # RFC 2369 and RFC 8058: by the page, in one click, and by mail.
    page, by_mail = re.findall(r"<([^>]*)>", mail["List-Unsubscribe"])
    assert page == f"{post.stack.base}{prefix}/subscribe/leave?code={code}"
    assert by_mail == f"mailto:{FROM}?subject=leave%20{code}"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert title in text and "of two lines." in text and page in text
    shown = Page(html)
    assert shown.lang == lang and title in shown.text() and page in shown.links
    assert "b" not in {tag for tag, _ in shown.tags}
    # Nothing is fetched, so nobody sees that it was read.
    assert not {"img", "link", "script", "style", "iframe"} & {tag for tag, _ in shown.tags}
    slug = path_of(post.stack, link(mail, "/statements/"))
    assert title in Visitor(post.stack).page(slug).text("h1")
    # What the header promises.
    visitor = Visitor(post.stack)
    visitor.origin = None
    assert visitor.post(page, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert post.states("left") == 1


def test_on_the_wire(post, alone_on_list):
    """RFC 5322 and 2045: CRLF, lines that are not too long, seven bits."""
    address, _ = post.subscribe()
    id_ = post.publish(word(), "ñ" * 500)
    post.announce(id_)
    post.sent(id_)
    for path in post.box.new.glob("[!.]*"):
        data = path.read_bytes()
        assert data.isascii() and data.endswith(b"\r\n")
        lines = data.split(b"\r\n")
        assert not any(b"\n" in line or b"\r" in line for line in lines)
        # Only an address of a page may be as long as it is.
        assert max(map(len, lines)) <= 200
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_who_left_meanwhile_gets_none(post, alone_on_list):
    """Also when their mail waits in the outbox."""
    address, code = post.subscribe()
    stays, _ = post.subscribe()
    id_ = post.publish(word())
    post.stack.supervisorctl("stop", "courier")
    post.announce(id_)
    Visitor(post.stack).post(f"/subscribe/leave?code={code}")
    post.stack.supervisorctl("start", "courier")
    post.sent(id_)
    assert len(post.box.to(stays)) == 2 and len(post.box.to(address)) == 1


def test_withdrawn_before_its_mails(post, alone_on_list):
    address, _ = post.subscribe()
    id_ = post.publish(word())
    post.stack.supervisorctl("stop", "courier")
    post.announce(id_)
    post.rosa.follow(post.rosa.submit(post.rosa.page(
        f"/admin/statements/{id_}/withdraw").form("/withdraw")))
    post.stack.supervisorctl("start", "courier")
    assert post.sent(id_) == {}
    assert len(post.box.to(address)) == 1


def test_once(post, alone_on_list):
    """A statement is announced once, however often the button is pressed."""
    address, _ = post.subscribe()
    id_ = post.publish(word())
    form = post.rosa.page(f"/admin/statements/{id_}").form(f"/{id_}/announce")
    first = post.rosa.submit(form)
    assert first.status_code == 303
    again = post.rosa.submit(form)
    assert again.status_code in (303, 409)
    assert post.sent(id_) == {"sent": 1}
    assert len(post.box.to(address)) == 2
    assert not post.rosa.page(f"/admin/statements/{id_}").has_form("/announce")


# ---- nobody is left out ----

def kill(post, program):
    (pid,) = post.stack.running(program)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: pid not in post.stack.pids(program))


def tally(page):
    """The numbers of an announcement on its page."""
    found = re.search(r"<h2>Announcement</h2>.*?</dl>", page.html, re.S)[0]
    return {name: int(n) for name, n in
            re.findall(r"<dt>(.*?)</dt><dd>([0-9]+)</dd>", found)}


def test_killed_midway(post, server, crowd):
    """Of 300 mails the courier is killed at the 60th and the database at the 150th, each
    while the mail server has a mail and has not said so."""
    everybody = crowd(300)
    gates = {60: threading.Event(), 150: threading.Event()}
    sink = server(lambda n, to: gates.get(n))
    title = word()
    id_ = post.publish(title)
    post.announce(id_)
    wait_for(lambda: len(sink.got) == 61, 30)

    # How far it has come can be seen meanwhile.
    # What was sent last has its mark a little later.
    seen = tally(post.rosa.page(f"/admin/statements/{id_}"))
    assert seen["Sent"] <= 60 and seen["Sent"] + seen["Waiting"] == 300 and not seen["Failed"]
    status = post.stack.openhall("status").stdout
    assert re.search(rf"(?m)^mailing\t.*: {seen['Sent']} sent, {seen['Waiting']} waiting,"
                     r" 0 failed$", status), status

    # As if its leases had run out, which takes a minute; no other courier is there to see.
    post.stack.sql("UPDATE outbox SET leased_until = 1 WHERE leased_until > 0")
    kill(post, "courier")
    gates.pop(60).set()
    wait_for(lambda: len(sink.got) == 151, 60)
    kill(post, "database")
    gates.pop(150).set()
    # It remembers what was sent until the store takes it.
    counts = wait_for(lambda: ready(post) and post.sent(id_, 90), 90)
    assert counts == {"sent": 300}

    got = ids(sink.got)
    assert {to for _, to in got} == set(everybody)      # nobody is left out
    twice = [one for one in set(got) if got.count(one) > 1]
    assert len({id_ for id_, _ in got}) == 300          # who got two, got the same twice
    assert len(twice) == 1 and len(got) == 301
    assert twice == [got[60]]
    assert tally(post.rosa.page(f"/admin/statements/{id_}")) == {
        "Sent": 300, "Waiting": 0, "Failed": 0}
    assert "\nmailing\t" not in post.stack.openhall("status").stdout


def ready(post):
    """The store answers."""
    try:
        return post.stack.sql("SELECT 1")
    except AssertionError:
        return False


def test_a_courier_that_is_asked_to_end(post, server, crowd):
    """SIGTERM gives back what it had leased, and nothing is sent twice."""
    everybody = crowd(60)
    sink = server(lambda n, to: 0.1)
    id_ = post.publish(word())
    post.announce(id_)
    wait_for(lambda: len(sink.got) > 10)
    post.stack.supervisorctl("stop", "courier")
    assert len(sink.got) < 60       # it was midway
    post.stack.supervisorctl("start", "courier")
    assert post.sent(id_, 20) == {"sent": 60}
    assert sorted(to for to, _ in sink.got) == sorted(everybody)


def test_two_couriers(post, server, crowd):
    """Share the work: each mail once."""
    everybody = crowd(120)
    sink = server(lambda n, to: 0.01)
    other = subprocess.Popen([BUILD / "courier", "-c", post.stack.conf],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        id_ = post.publish(word())
        post.announce(id_)
        assert post.sent(id_) == {"sent": 120}
    finally:
        other.terminate()
        assert other.wait(20) == 0
    assert sorted(to for to, _ in sink.got) == sorted(everybody)


# ---- servers that do not take it ----

def test_again_later(post, server, crowd):
    """450: after a minute once more, then after two; the same mail."""
    (address,) = crowd(1)
    said = ["450 4.2.1 busy", "451 4.3.0 later", None]
    sink = server(lambda n, to: said[min(n, 2)])
    id_ = post.publish(word())
    post.announce(id_)
    for attempt, (code, least) in enumerate([(450, 60), (451, 120)], 1):
        wait_for(lambda: outbox(post, id_)[1] == attempt)
        state, _, was, due = outbox(post, id_)
        assert (state, was) == ("waiting", code)
        assert least - 10 <= due - time.time() <= least + 10
        time.sleep(1.5)
        assert len(sink.got) == attempt         # not before
        due_now(post)
    assert post.sent(id_) == {"sent": 1}
    assert [to for to, _ in sink.taken] == [address]
    assert post.stack.value("SELECT bounces FROM subscriber") == "0"


def test_three_refusals(post, server, crowd):
    """550 is counted, is not tried again, and after the third the address is erased."""
    good, bad = crowd(2)
    sink = server(lambda n, to: "550 5.1.1 nobody" if to == bad else None)
    for n in (1, 2, 3):
        id_ = post.publish(word())
        post.announce(id_)
        assert post.sent(id_) == {"sent": 1, "failed": 1}
        assert tally(post.rosa.page(f"/admin/statements/{id_}"))["Failed"] == 1
        (bounced,) = post.stack.sql("SELECT state, bounces, LENGTH(address) > 0"
                                    " FROM subscriber WHERE bounces > 0")
        assert bounced == (("confirmed", str(n), "1") if n < 3 else ("bounced", "3", "0"))
    id_ = post.publish(word())
    post.announce(id_)
    assert post.sent(id_) == {"sent": 1}
    assert [to for to, _ in sink.got].count(bad) == 3
    assert [to for to, _ in sink.taken] == [good] * 4
    # What the server said, which may name them, is in no log.
    assert "5.1.1" not in post.stack.logs() and bad not in post.stack.logs()


def test_refused_at_the_end(post, server, crowd):
    """After DATA it counts the same."""
    crowd(1)

    class Late(Sink):
        async def handle_RCPT(self, server, session, envelope, address, options):
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server, session, envelope):
            self.got.append((envelope.rcpt_tos[0], envelope.content))
            return "554 5.7.1 not wanted"

    with Late() as sink:
        server()
        post.to_server(sink)
        id_ = post.publish(word())
        post.announce(id_)
        assert post.sent(id_) == {"failed": 1}
    assert post.stack.value("SELECT bounces FROM subscriber") == "1"
    assert len(sink.got) == 1


def test_dropped(post, server, crowd):
    """A server that hangs up has not refused anybody: it is tried again, as the same mail."""
    (address,) = crowd(1)
    sink = server(lambda n, to: "drop" if n == 0 else None)
    id_ = post.publish(word())
    post.announce(id_)
    wait_for(lambda: outbox(post, id_)[1] == 1)
    assert outbox(post, id_)[0] == "waiting"
    assert post.stack.value("SELECT bounces FROM subscriber") == "0"
    wait_for(lambda: (due_now(post), not post.counts(id_).get("waiting"))[1], 60, 1)
    assert post.counts(id_) == {"sent": 1}
    assert [to for to, _ in sink.got] == [address] * 2
    assert len(set(ids(sink.got))) == 1


def test_nobody_there(post, server, crowd):
    """Without a server nothing is lost, and nobody is counted."""
    crowd(3)
    with Sink() as sink:
        server()
        post.to_server(sink)
    id_ = post.publish(word())
    post.announce(id_)
    wait_for(lambda: int(post.stack.value(
        f"SELECT SUM(attempts) FROM outbox WHERE mailing = X'{id_}'") or 0) > 0)
    assert post.counts(id_) == {"waiting": 3}
    assert post.stack.value("SELECT SUM(bounces) FROM subscriber") == "0"
    server()
    due_now(post)
    assert post.sent(id_) == {"sent": 3}


def test_a_slow_server_holds_up_nothing(post, server, crowd):
    """While it does not say that it has a mail, what was spooled is filed, and sign-ups are
    answered; and the answer counts when it comes at last."""
    everybody = crowd(2)
    gate = threading.Event()
    sink = server(lambda n, to: gate)
    id_ = post.publish(word())
    post.announce(id_)
    wait_for(lambda: sink.got)
    post.stack.supervisorctl("stop", "database")
    code = Visitor(post.stack).apply()
    assert list((post.stack.state / "spool").glob("membership/*"))
    post.stack.supervisorctl("start", "database")
    wait_for(lambda: ready(post))
    post.ask(new_address())
    post.stack.settle()
    wait_for(lambda: post.stack.value("SELECT COUNT(*) FROM signup") == "0")
    assert Visitor(post.stack).status(code) and len(sink.got) == 1 and not sink.taken
    gate.set()
    assert post.sent(id_) == {"sent": 2}
    assert sorted(to for to, _ in sink.got if to in everybody) == sorted(everybody)


def test_a_courier_that_is_asked_to_end_by_a_silent_server(post, server, crowd):
    """It waits some seconds for the answer, and gives back all but that one mail: it may have
    been taken, so it rests until its lease has run out."""
    crowd(3)
    gate = threading.Event()
    sink = server(lambda n, to: gate)
    id_ = post.publish(word())
    post.announce(id_)
    wait_for(lambda: sink.got)
    began = time.monotonic()
    post.stack.supervisorctl("stop", "courier")
    assert 5 <= time.monotonic() - began < 13    # 15: it would have been killed
    assert post.stack.sql("SELECT leased_until > UNIX_TIMESTAMP() + 600, COUNT(*) FROM outbox"
                          f" WHERE mailing = X'{id_}' AND state = 'waiting' GROUP BY 1"
                          " ORDER BY 1") == [("0", "2"), ("1", "1")]
    gate.set()
    post.stack.supervisorctl("start", "courier")
    wait_for(lambda: post.counts(id_) == {"sent": 2, "waiting": 1})
    post.stack.sql("UPDATE outbox SET leased_until = 1")
    assert post.sent(id_) == {"sent": 3}
    assert len(sink.got) == 4 and len(set(ids(sink.got))) == 3


def test_one_connection(post, server, crowd):
    """Many mails go over one."""
    crowd(40)
    ports = set()

    class Watched(Sink):
        async def handle_DATA(self, server, session, envelope):
            ports.add(session.peer)
            return await super().handle_DATA(server, session, envelope)

    with Watched() as sink:
        server()
        post.to_server(sink)
        id_ = post.publish(word())
        post.announce(id_)
        assert post.sent(id_) == {"sent": 40}
    assert len(ports) == 1


def test_the_rate(post, crowd):
    """No more than the operator allows an hour."""
    crowd(12)
    post.configure(f'folder = "{post.box.new.parent}"\nfrom = "{FROM}"\nrate = 3600')
    try:
        id_ = post.publish(word())
        began = time.monotonic()
        post.announce(id_)
        post.sent(id_)
        assert 9 <= time.monotonic() - began <= 25
    finally:
        post.to_folder()


# ---- what comes back ----

def report(mail, action="failed", status="5.1.1"):
    """RFC 3464, of a mail that we sent."""
    return (f"From: MAILER-DAEMON@example.net\nTo: {FROM}\nSubject: Undelivered Mail\n"
            "MIME-Version: 1.0\nContent-Type: multipart/report;\n"
            ' report-type=delivery-status; boundary="=b"\n\n'
            "--=b\nContent-Type: text/plain\n\nIt did not arrive.\n"
            "--=b\nContent-Type: message/delivery-status\n\n"
            f"Reporting-MTA: dns; example.net\n\nFinal-Recipient: rfc822; {mail['To']}\n"
            f"Action: {action}\nStatus: {status}\n\n"
            "--=b\nContent-Type: text/rfc822-headers\n\n"
            f"To: {mail['To']}\nMessage-ID: {mail['Message-ID']}\n\n--=b--\n")


def test_reports(post, alone_on_list):
    address, _ = post.subscribe()

    def bounces():
        return post.stack.value("SELECT bounces FROM subscriber")
    for n in (1, 2, 3):
        id_ = post.publish(word())
        post.announce(id_)
        post.sent(id_)
        (mail,) = [m for m in post.box.to(address)
                   if m["Message-ID"][1:33].upper() == post.stack.value(
                       f"SELECT HEX(id) FROM outbox WHERE mailing = X'{id_}'")]
        mail_in(post, report(mail, "delayed", "4.2.2"))
        assert bounces() == str(n - 1)
        for _ in range(2):      # told twice, it came back once
            mail_in(post, report(mail))
        assert bounces() == str(n)
        assert post.counts(id_) == {"failed": 1}
    assert post.states("bounced") == 1


# ---- notices of the forms ----

def kinds(post, address):
    """Mails to somebody, by what they are about: their outbox row says it."""
    return {post.stack.value("SELECT kind FROM outbox WHERE id = X'%s'"
                             % mail["Message-ID"][1:33]): mail
            for mail in post.box.to(address)}


def hand_in(post, prefix="", tick=True, **answers):
    """A form with an address for mail: the address, the receipt's code and the case."""
    stack, address = post.stack, new_address()
    before = set(stack.sql("SELECT HEX(id) FROM submission"))
    visitor = Visitor(stack)
    review = visitor.review({"email": address, **answers}, f"{prefix}/support")
    form = review.form("/support", "mail")
    got = visitor.submit(form, {"mail": "yes"} if tick else None, ("step", "send"))
    code = visitor.follow(got).code()
    stack.settle()
    ((row,),) = set(stack.sql("SELECT HEX(id) FROM submission")) - before
    return address, code, row.lower()


@pytest.mark.parametrize("prefix", ["", "/es"])
def test_notices(post, prefix):
    """The receipt where it was asked for, and that there is an answer: never what it says,
    and in the language of the one who gets it."""
    secret = word(16)
    address, code, id_ = hand_in(post, prefix, name=f"Ana {secret}",
                                 language=prefix[1:] or "en")
    post.rosa.say(id_, f"We meet at {secret}.")
    wait_for(lambda: len(post.box.to(address)) == 2)
    got = kinds(post, address)
    assert set(got) == {"receipt", "message"}
    texts = [" ".join((mail["Subject"], *parts(mail))) for mail in got.values()]
    assert not any(secret in text or "Ana" in text for text in texts)
    assert code in parts(got["receipt"])[0] and code in parts(got["receipt"])[1]
    assert code not in " ".join((got["message"]["Subject"], *parts(got["message"])))
    for mail in got.values():
        assert Page(parts(mail)[1]).lang == (prefix[1:] or "en")
        assert path_of(post.stack, link(mail, "/receipt")) == f"{prefix}/receipt"
        assert mail["Auto-Submitted"] == "auto-generated" and mail["List-Id"] is None


def test_no_receipt_unasked(post):
    address, _, id_ = hand_in(post, tick=False)
    post.rosa.say(id_, "Hello.")
    wait_for(lambda: post.box.to(address))
    assert set(kinds(post, address)) == {"message"}


def test_nobody_is_told_of_a_case_by_its_subject(post):
    """A mail of one says no more than the mail of another."""
    said = set()
    for path in ("x", "y"):
        address, _, id_ = hand_in(post, tick=False, name=f"Ben {path}")
        post.rosa.say(id_, path)
        mail = post.box.wait(address)
        said.add((mail["Subject"], *parts(mail)))
    assert len(said) == 1


def test_invitation(post):
    address = new_address("admin")
    form = post.rosa.page("/admin/people").form("/admin/people/invite")
    desks = [c.value for c in form.controls if c.name == "desk"]
    got = post.rosa.submit(form, {"desk": desks[:1], "email": address})
    assert got.status_code == 200 and address in got.text
    mail = post.box.wait(address)
    url = path_of(post.stack, link(mail, "/admin/welcome"))
    assert Visitor(post.stack).page(url).has_form("/admin/welcome")
    code = url.rpartition("=")[2]
    assert code not in mail["Subject"]
    row = post.stack.value(f"SELECT CONCAT(HEX(address), HEX(about)) FROM outbox"
                           f" WHERE id = X'{mail['Message-ID'][1:33]}'")
    assert row == ""        # nothing of it is kept once it is sent
    no = post.rosa.submit(form, {"desk": desks[:1], "email": "nobody at all"})
    assert no.status_code == 422


# ---- a site that sends no mail ----

def test_mail_off(post):
    programs = ("join", "support", "aid", "statements", "admin", "courier")
    id_ = post.publish(word())
    post.configure(None, programs)
    try:
        visitor = Visitor(post.stack)
        review = visitor.review({"email": new_address()}, "/support")
        assert "mail" not in review.form("/support").names()
        visitor.follow(visitor.submit(review.form("/support"), button=("step", "send")))
        people = post.rosa.page("/admin/people").form("/admin/people/invite")
        assert "email" not in people.names()
        assert not post.rosa.page(f"/admin/statements/{id_}").has_form("/announce")
    finally:
        post.configure(f'folder = "{post.box.new.parent}"\nfrom = "{FROM}"\n'
                       f'rate = 3600000\nbounces = "{post.bounces}"', programs)
