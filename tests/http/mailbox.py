"""Where the mail of a site under test goes: a folder, as `run` does it, or a real SMTP server
that takes it, refuses it, lets wait or hangs up."""

import asyncio
import email
import email.policy
import functools
import re
import secrets
import socket
import threading
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from conftest import alone
from portal import Admin, Page, Visitor
from stack import wait_for

FROM = "news@example.org"


# ---- one mail ----

def parse(data):
    """As strictly as the standard library can."""
    mail = email.message_from_bytes(data, policy=email.policy.default)
    for part in mail.walk():
        assert not part.defects, part.defects
        for name, value in part.items():
            assert not value.defects, (name, value, value.defects)
    return mail


def parts(mail):
    """Its text and its HTML, which stand in this order."""
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return text.get_content(), html.get_content()


def link(mail, to):
    """The address in its text that has `to` in it; in its HTML it is the same."""
    text, html = parts(mail)
    found = set(re.findall(rf"http\S*{to}\S*", text))
    assert len(found) == 1, (to, text)
    (url,) = found
    assert url in Page(html).links, (url, html)
    return url


def path_of(stack, url):
    assert url.startswith(stack.base + "/"), url
    return url.removeprefix(stack.base)


# ---- a folder ----

class Mailbox:
    """The Maildir of a site: to whom what was sent."""

    def __init__(self, folder):
        self.new = Path(folder) / "new"
        self.read = {}          # path: whom it is to, and what was read in it

    def all(self):
        return [mail for _, mail in self.looked()]

    def looked(self):
        """As often as one likes: each is read once."""
        for path in sorted(self.new.glob("[!.]*")):
            if path not in self.read:
                mail = parse(path.read_bytes())
                self.read[path] = (str(mail["To"]), mail)
            yield self.read[path]

    def to(self, address):
        return [mail for to, mail in self.looked() if to == address]

    def wait(self, address, n=1):
        """When there are n to this address; there must not be more."""
        found = wait_for(lambda: len(got := self.to(address)) >= n and got)
        assert len(found) == n, [str(mail["Subject"]) for mail in found]
        return found[-1]


# ---- a server ----

class Sink:
    """`answer(n, to)` of the n-th message says what is done with it: None takes it, a text is
    the answer to it, "drop" hangs up, a number of seconds lets wait, and a threading.Event is
    waited for."""

    def __init__(self, answer=lambda n, to: None):
        self.answer = answer
        self.got = []           # (to, bytes), when the data are here
        self.taken = []         # the same, when we said that we have it
        self.lock = threading.Lock()
        self.controller = Controller(self, hostname="127.0.0.1", port=0)
        # Controller asks itself once it listens, and so has to know where.
        self.controller.port = free_port()

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop(no_assert=True)

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.controller.port}"

    async def handle_RCPT(self, server, session, envelope, address, options):
        # A refusal comes where most servers say it.
        said = self.answer(len(self.got), address)
        if isinstance(said, str) and said != "drop":
            with self.lock:
                self.got.append((address, b""))
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        (to,) = envelope.rcpt_tos
        said = self.answer(len(self.got), to)
        with self.lock:
            self.got.append((to, envelope.content))
        if said == "drop":
            server.transport.abort()
            return "421 gone"
        if isinstance(said, (int, float)):
            await asyncio.sleep(said)
        while isinstance(said, threading.Event) and not said.is_set():
            await asyncio.sleep(0.02)
        if server.transport is None or server.transport.is_closing():
            return "421 gone"
        with self.lock:
            self.taken.append((to, envelope.content))
        return "250 taken"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


# ---- a site that sends mail, for the files that use it ----

MAIL = re.compile(r"(?ms)^mail \{$.*?^\}$\n?")


class Post:
    """A site, two who edit its statements, and where its mail goes."""

    def __init__(self, stack):
        self.stack = stack
        self.bounces = stack.state / "bounces"
        for name in ("new", "cur", "tmp"):
            (self.bounces / name).mkdir(parents=True, exist_ok=True)
        self.box = Mailbox(stack.state / "mail")
        self.rosa = Admin(stack, "Rosa").accept(stack.invitation)
        self.to_folder()

    def configure(self, lines, programs=("courier",)):
        """Other lines in the mail section; None: it is not there."""
        conf = self.stack.conf.read_text()
        section = "" if lines is None else f"mail {{\n{lines}\n}}\n"
        self.stack.conf.write_text(MAIL.sub("", conf) + section)
        for program in programs:
            self.stack.supervisorctl("stop", f"{program}:*")
            # What it shall do from now on comes when it comes.
            self.stack.supervisor("startProcessGroup", program, False)

    def to_folder(self, programs=("courier",)):
        self.configure(f'folder = "{self.box.new.parent}"\nfrom = "{FROM}"\n'
                       f'rate = 3600000\nbounces = "{self.bounces}"', programs)

    def to_server(self, sink):
        self.configure(f'server = "{sink.url}"\nfrom = "{FROM}"\n'
                       f'rate = 3600000\nbounces = "{self.bounces}"')

    # ---- readers ----

    def ask(self, address, prefix="", **more):
        """The answer to a sign-up."""
        visitor = Visitor(self.stack)
        form = visitor.page(f"{prefix}/subscribe").form("/subscribe")
        return visitor.submit(form, {"address": address, **more})

    def settle(self):
        """Until the courier has answered all sign-ups, however many an hour it may."""
        def answered():
            self.stack.sql("UPDATE duty SET next_at = 0 WHERE name = 'confirm'")
            return self.stack.value("SELECT COUNT(*) FROM signup") == "0"
        wait_for(answered, 60, 0.2)
        wait_for(lambda: self.stack.value(
            "SELECT COUNT(*) FROM outbox WHERE kind = 'confirm' AND state = 'waiting'")
            == "0", 60, 0.2)

    def subscribe(self, address=None, prefix="", **more):
        """The whole way of a reader: their address, and the code of their mails."""
        address = address or new_address()
        assert self.ask(address, prefix, **more).status_code == 303
        url = path_of(self.stack, link(self.box.wait(address), "confirm"))
        visitor = Visitor(self.stack)
        page = visitor.page(url)
        visitor.follow(visitor.submit(page.form("/subscribe/confirm")))
        return address, url.rpartition("=")[2]

    def states(self, state="confirmed"):
        return int(self.stack.value(
            f"SELECT COUNT(*) FROM subscriber WHERE state = '{state}'"))

    # ---- statements ----

    def publish(self, title, summary="In short.", lang="en"):
        """Written and published; gives the id."""
        admin = self.rosa
        page = admin.page("/admin/statements/new")
        form = page.form("/admin/statements/new", ("step", "save"))
        got = admin.submit(form, {"title": title, "summary": summary, "lang": lang,
                                  "body": "Word for word."}, ("step", "save"))
        page = admin.follow(got)
        id_ = self.stack.value(f"SELECT LOWER(HEX(id)) FROM statement WHERE title = '{title}'")
        admin.follow(admin.submit(page.form(f"/{id_}/publish")))
        return id_

    def announce(self, id_):
        admin = self.rosa
        form = admin.page(f"/admin/statements/{id_}").form(f"/{id_}/announce")
        return admin.follow(admin.submit(form))

    def counts(self, id_):
        """Of an announcement: how many mails are in which state."""
        return {state: int(n) for state, n in self.stack.sql(
            f"SELECT state, COUNT(*) FROM outbox WHERE mailing = X'{id_}' GROUP BY state")}

    def sent(self, id_, within=60):
        """Wait until no mail of it waits; gives the counts."""
        wait_for(lambda: self.stack.value(
            f"SELECT expanded_at IS NOT NULL FROM mailing WHERE id = X'{id_}'") == "1"
            and not self.counts(id_).get("waiting"), within, 0.2)
        return self.counts(id_)


def new_address(name="reader"):
    return f"{name}.{secrets.token_hex(6)}@example.net"


@functools.cache
def start(sites):
    return Post(sites("post", least_seconds=0, statements={
        "reviewers": 1, "quorum": 1, "favour": 1}))


@pytest.fixture(scope="session")
def post(sites):
    """One for all files that use it."""
    alone()
    return start(sites)
