"""A visitor with a browser that runs no script, and an admin.

Pages are read with the standard library's parser; a form is filled in from what was
rendered and sent as a browser would.
"""

import base64
import hashlib
import hmac
import http.client
import re
import secrets
import time
from collections import namedtuple
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

VOID = {"input", "link", "meta", "img", "br", "hr"}


class Control:
    def __init__(self, tag, attrs):
        self.tag, self.attrs = tag, attrs
        self.name = attrs.get("name")
        self.type = attrs.get("type", "text" if tag == "input" else tag)
        self.value = attrs.get("value", "on" if self.type in ("checkbox", "radio") else "")
        self.checked = "checked" in attrs
        self.options = []       # of a select: the values


class Form:
    def __init__(self, attrs):
        self.action = attrs.get("action", "")
        self.method = attrs.get("method", "get").lower()
        self.controls = []

    def __getitem__(self, name):
        """What stands in the fields called `name`: a text, or what is ticked."""
        named = [c for c in self.controls if c.name == name and c.tag != "button"]
        assert named, f"no field {name}"
        if named[0].type in ("checkbox", "radio"):
            return [c.value for c in named if c.checked]
        assert len(named) == 1, f"{len(named)} fields {name}"
        return named[0].value

    def names(self):
        return {c.name for c in self.controls if c.name and c.tag != "button"}

    def filled(self, answers=None, button=None):
        """The pairs that a browser sends.  `button`: (name, value) of the one pressed,
        which must be there; without it the first is, as by the Enter key."""
        answers = dict(answers or {})
        pairs = []
        buttons = [c for c in self.controls if c.tag == "button"]
        pressed = buttons[0] if button is None and buttons else next(
            (c for c in buttons if (c.name, c.value) == button), None)
        assert button is None or pressed, f"no button {button}"
        for c in self.controls:
            if c.tag == "button":
                if c is pressed and c.name:
                    pairs.append((c.name, c.value))
                continue
            if c.name is None:
                continue
            wanted = answers.get(c.name)
            if c.type in ("checkbox", "radio"):
                ticked = c.checked if c.name not in answers else c.value in (
                    wanted if isinstance(wanted, list) else [wanted])
                if ticked:
                    pairs.append((c.name, c.value))
            else:
                text = c.value if wanted is None else wanted
                assert c.tag != "select" or text in c.options, f"no option {text}"
                # HTML, 4.10.22.4: a line ends in CRLF on the wire.
                pairs.append((c.name, re.sub(r"\r?\n", "\r\n", text)))
        unknown = set(answers) - self.names()
        assert not unknown, f"no fields {unknown}"
        return pairs


class Page(HTMLParser):
    """What a test asks of a page."""

    def __init__(self, html, url=""):
        super().__init__(convert_charrefs=True)
        self.html, self.url = html, url
        self.forms, self.ids, self.links, self.tags = [], [], [], []
        self.lang = None
        self._open, self._area, self._select, self._texts = [], None, None, []
        self.feed(html)
        self.close()
        assert not self._open, f"left open: {self._open}"
        assert len(self.ids) == len(set(self.ids)), "an id stands twice"

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len({name for name, _ in attrs}), f"twice in <{tag}>"
        attrs = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attrs))
        if tag not in VOID:
            self._open.append(tag)
        if tag == "html":
            self.lang = attrs.get("lang")
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a":
            self.links.append(attrs.get("href", ""))
        if tag == "form":
            self.forms.append(Form(attrs))
        if tag in ("input", "textarea", "button", "select"):
            control = Control(tag, attrs)
            if "form" in self._open:
                self.forms[-1].controls.append(control)
            if tag == "textarea":
                self._area = control
                control.value = ""
            if tag == "select":
                self._select = control
        # The first option, unless another says that it is the one.
        if tag == "option":
            if not self._select.options or "selected" in attrs:
                self._select.value = attrs["value"]
            self._select.options.append(attrs["value"])

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self._open and self._open[-1] == tag, f"</{tag}> within {self._open}"
        self._open.pop()
        if tag == "textarea":
            self._area.value = self._area.value.removeprefix("\n")
            self._area = None

    def handle_data(self, data):
        if self._area is not None:
            self._area.value += data
        else:
            self._texts.append((tuple(self._open), data))

    def text(self, within="body"):
        """The words inside `within`, with white space folded."""
        return " ".join("".join(data for path, data in self._texts
                                if within in path).split())

    def form(self, ending, having=None):
        """The form whose action ends so; `having`: the one of several with that field, or
        with that (name, value) in a field, on a button or to be chosen."""
        def has(form):
            return having is None or any(
                having in (c.name, (c.name, c.value), *((c.name, o) for o in c.options))
                for c in form.controls)
        found = [f for f in self.forms if f.action.endswith(ending) and has(f)]
        assert len(found) == 1, f"{len(found)} forms for {ending} in: {self.text()[:400]}"
        return found[0]

    def has_form(self, ending):
        return any(f.action.endswith(ending) for f in self.forms)

    def errors(self):
        """The ids that the summary of errors links to."""
        found = re.search(r'<div class="errors".*?</div>', self.html, re.S)
        return re.findall(r'href="#([^"]*)"', found[0]) if found else []

    def answers(self):
        """What was answered, as (question, answer); of a case's page with what it was
        before each correction behind it."""
        return [(words(dt), words(dd)) for dt, rest in re.findall(
            r"<dt>(.*?)</dt>(.*?)</div>", self.html, re.S)
            for dd in re.findall(r"<dd>(.*?)</dd>", rest, re.S)]

    def talk(self):
        """The conversation: of each message who wrote it and when, what it says (None:
        something happened), whether it is theirs who look at it, and whether it is new."""
        found = re.search(r'<ol class="talk">(.*?)</ol>', self.html, re.S)
        out = []
        for kind, inner in re.findall(r'<li(?: class="(\w+)")?>(.*?)</li>',
                                      found[1] if found else "", re.S):
            by = re.search(r'<p class="by">(.*?)</p>', inner, re.S)[1]
            if "<strong>" not in by:    # nobody has written yet
                continue
            said = re.search(r'<p class="said">(.*?)</p>', inner, re.S)
            out.append(Message(words(by), said and unescape(said[1]), kind == "ours",
                               "tag--new" in by))
        return out

    def code(self):
        """The receipt code that it shows."""
        found = re.search(r'<p class="code">([0-9A-Z-]+)</p>', self.html)
        return found and found[1]


Message = namedtuple("Message", "by said ours new")


def words(html):
    """A piece of a page as it is read."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


class From(requests.adapters.HTTPAdapter):
    """Connections from another address of this machine."""

    def __init__(self, address):
        self.address = address
        super().__init__()

    def init_poolmanager(self, *args, **kw):
        super().init_poolmanager(*args, source_address=(self.address, 0), **kw)


class Visitor(requests.Session):
    """`origin`: what a browser says about where a form was, if not on this site; None:
    nothing."""

    def __init__(self, stack, address=None):
        super().__init__()
        self.trust_env = False
        if address:
            self.mount("http://", From(address))
        self.stack = stack
        self.origin = "own"

    def request(self, method, url, **kw):
        kw["allow_redirects"] = False
        kw.setdefault("timeout", 30)
        headers = dict(kw.pop("headers", None) or {})
        if method == "POST" and self.origin and "Origin" not in headers:
            headers["Origin"] = self.stack.base if self.origin == "own" else self.origin
        got = super().request(method, urljoin(self.stack.base, url), headers=headers, **kw)
        if got.headers.get("Content-Type", "").startswith("text/html"):
            got.encoding = "utf-8"
            got.content.decode("utf-8")
        return got

    def page(self, url, status=200):
        got = self.get(url)
        assert got.status_code == status, (got.status_code, got.text[:2000])
        return Page(got.text, url)

    def submit(self, form, answers=None, button=None, **kw):
        return self.post(form.action, data=form.filled(answers, button), **kw)

    def follow(self, got):
        """Go where a 303 leads."""
        assert got.status_code == 303, (got.status_code, got.text[:2000])
        return self.page(got.headers["Location"])

    # ---- sending a form: /join, /support, /aid/request, or one of them in Spanish ----

    def review(self, answers, path="/join"):
        """Fill in the form, and give the page that shows the answers before sending."""
        form = self.page(path).form(path)
        got = self.submit(form, complete(form, answers), ("step", "review"))
        assert got.status_code == 200, got.text
        return Page(got.text)

    def apply(self, answers=None, path="/join"):
        """The whole way; gives the receipt's code."""
        review = self.review(answers or {}, path)
        page = self.follow(self.submit(review.form(path), button=("step", "send")))
        return page.code()

    def enter(self, code, prefix=""):
        """Type a receipt code."""
        form = self.page(f"{prefix}/receipt").form("/receipt")
        return self.submit(form, {"code": code})

    def status(self, code, prefix=""):
        """What a receipt leads to."""
        return self.follow(self.enter(code, prefix))

    # ---- what the holder of a receipt does, once its code is typed ----

    def write(self, text, prefix=""):
        form = self.page(f"{prefix}/receipt").form("/receipt/message")
        return self.submit(form, {"text": text})

    def correct(self, answers, prefix=""):
        """Change some answers, look over them all, and send them."""
        path = f"{prefix}/receipt/correct"
        got = self.submit(self.page(path).form(path), answers, ("step", "review"))
        assert got.status_code == 200, Page(got.text).errors()
        return self.submit(Page(got.text).form(path), button=("step", "send"))

    def needed(self, still, prefix=""):
        """Say whether it is: "yes" or "no"."""
        form = self.page(f"{prefix}/receipt").form("/receipt/needed", ("still", still))
        return self.submit(form, button=("still", still))

    def withdraw(self, prefix=""):
        page = self.page(f"{prefix}/receipt/withdraw")
        return self.submit(page.form("/receipt/withdraw"))

    def erase(self, prefix=""):
        """Everything."""
        page = self.page(f"{prefix}/receipt/erase")
        return self.submit(page.form("/receipt/erase"))


PASSWORD = "four words not alike"


class Admin(Visitor):
    """Somebody of the committee.  `factor`: the secret of their one-time codes, once they
    have set that up."""

    def __init__(self, stack, name, password=PASSWORD):
        super().__init__(stack)
        self.name, self.password = name, password
        self.factor, self.recovery = None, []

    def accept(self, invitation):
        form = self.page(invitation).form("/admin/welcome")
        self.follow(self.submit(form, {"name": self.name, "password": self.password,
                                     "again": self.password}))
        return self

    def try_login(self, **other):
        form = self.page("/admin/login").form("/admin/login")
        return self.submit(form, {"name": self.name, "password": self.password, **other})

    def try_code(self, code):
        return self.submit(self.page("/admin/code").form("/admin/code", "code"),
                           {"code": code})

    def login(self):
        got = self.try_login()
        if self.factor and got.headers.get("Location") == "/admin/code":
            # As if some time had passed: a code is good once.
            self.stack.sql("UPDATE admin SET factor_step = 0 WHERE factor IS NOT NULL")
            got = self.try_code(totp(self.factor))
        self.follow(got)
        return self

    def set_factor(self):
        """Take up a second factor, also where the way in asks for it."""
        page = self.page("/admin/factor")
        text = re.search(r"<code>([A-Z2-7 ]+)</code>", page.html)[1].replace(" ", "")
        secret = base64.b32decode(text)
        got = self.submit(page.form("/admin/factor", "first"), {"first": totp(secret)})
        assert got.status_code == 200, got.text[:2000]
        self.factor = secret
        self.recovery = re.findall(r"<li>([0-9A-Z-]+)</li>", got.text)
        return self

    def logout(self):
        return self.submit(self.page("/admin/account").form("/admin/logout"))

    def invite(self, desks=None):
        """The link for another, who will serve at these desks; None: at all of one's own."""
        form = self.page("/admin/people").form("/admin/people/invite")
        if desks is None:
            desks = [c.value for c in form.controls if c.name == "desk"]
        got = self.submit(form, {"desk": list(desks)})
        assert got.status_code == 200, got.text
        return re.search(r"http\S+?/admin/welcome\?invitation=[0-9A-Z-]+", got.text)[0]

    def queue(self, desk, key="", status=200):
        """A list of a desk; without `key` its first."""
        return self.page(f"/admin/queue?desk={desk}" + (f"&list={key}" if key else ""), status)

    def case(self, id_, status=200):
        return self.page(f"/admin/case/{id_}", status)

    def open(self, id_):
        return self.submit(self.case(id_).form(f"/admin/case/{id_}/open"))

    def vote(self, id_, vote, reason="Known to us for years."):
        form = self.case(id_).form(f"/admin/case/{id_}/vote")
        return self.submit(form, {"vote": vote, "reason": reason})

    def recuse(self, id_):
        return self.submit(self.case(id_).form(f"/admin/case/{id_}/recuse"))

    def say(self, id_, text):
        """To who holds the receipt."""
        form = self.case(id_).form(f"/admin/case/{id_}/message")
        return self.submit(form, {"text": text})

    def move(self, id_, state, text=""):
        """A case at the aid desk."""
        form = self.case(id_).form(f"/admin/case/{id_}/state")
        return self.submit(form, {"text": text}, ("state", state))

    def assign(self, id_, admin):
        """`admin`: an id as hex digits, or "nobody"."""
        form = self.case(id_).form(f"/admin/case/{id_}/assign", ("admin", "nobody"))
        return self.submit(form, {"admin": admin})

    def note(self, id_, text, **more):
        form = self.case(id_).form(f"/admin/case/{id_}/note")
        return self.submit(form, {"text": text, **more})


def totp(secret, steps=0, at=None):
    """The one-time code of now, or of as many half minutes later.  RFC 6238, with what
    every app takes: SHA-1, six digits, 30 seconds."""
    step = int(time.time() if at is None else at) // 30 + steps
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at:at + 4], 'big') & 0x7fffffff) % 10 ** 6:06}"


def raw(stack, method, path, headers=None, body=None):
    """A request just as it is given, which no library puts in order: status and text."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=30)
    try:
        connection.putrequest(method, path, skip_host="Host" in (headers or {}))
        for name, value in (headers or {}).items():
            connection.putheader(name, value.encode())
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        got = connection.getresponse()
        return got.status, got.read().decode("utf-8")
    finally:
        connection.close()


# ---- answers ----

def word(n=10):
    """A text that nothing else holds."""
    return "x" + secrets.token_hex((n + 1) // 2)[:n]


def complete(form, answers=None, every=False):
    """Answers that the form takes; with `every`, to every question, each of its own.  Mutual
    aid is asked for, without a name or an address."""
    special = {"email": f"{word()}@example.org", "postcode": word(8), "language": "en",
               "phone": f"+1212555{secrets.randbelow(10 ** 4):04}", "people": "3",
               "pledge": f"{5 + secrets.randbelow(900)}.{10 + secrets.randbelow(90)}"}
    needed = {"name", "email", "town", "pledge", "why", "signature", "local", "membership"}
    aid = "needs" in form.names()
    out = {}
    for c in form.controls:
        if c.name in (None, "token", "website", "step", "once") or c.type == "hidden":
            continue
        if c.type in ("checkbox", "radio"):
            out.setdefault(c.name, c.value)
        elif c.tag != "button" and (every or c.name in needed and not aid):
            out[c.name] = special.get(c.name) or f"{c.name.title()} {word(16)}"
    if aid and not every:
        out["offers"] = []
    out.update(answers or {})
    return out


# ---- tokens, as include/openhall/token.h says ----

def derive(key, purpose, more=b""):
    return hashlib.blake2b(purpose.encode() + b"\0" + more, key=key, digest_size=32).digest()


def token(form_key, purpose, age=0, nonce=None):
    """What a page of `age` seconds ago would carry."""
    signed = (nonce or secrets.token_bytes(16)) + int(time.time() - age).to_bytes(8, "big")
    mac = derive(derive(form_key, purpose), "token", signed)
    return base64.urlsafe_b64encode(signed + mac).rstrip(b"=").decode()
