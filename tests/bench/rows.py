"""The rows of the first table: one request each, sent again and again by load.c, and what
nginx, the program and the store spent on it."""

import os
import subprocess
import time
from typing import NamedTuple
from urllib.parse import urlencode

import pages
import stock
from stage import FLOORS, stop

CONNECTIONS = int(os.environ.get("BENCH_CONNECTIONS", 16))
SMALL = 8192
TOKEN = "@" * 75                        # see load.c
WARM = 400
YOUNG = 4                               # seconds; the site's least age of a form is 3

# What people write, by the program that takes it in.
JOIN = {
    "name": "Ana María Example", "pronouns": "she", "adult": "yes",
    "email": "ana@example.org", "phone": "+1 212 555 0100", "texts": "yes",
    "reach": "Call after six, no messages on the machine", "language": "es",
    "town": "Springfield", "region": "Illinois", "postcode": "62701", "country": "",
    "work": "Nurse", "employer": "County hospital", "site": "Emergency, night shift",
    "union": "Local 1199", "union_role": "Delegate", "unit": "start",
    "unit_name": "", "why": "We were eleven on a shift that needs twenty, and we won "
    "four posts back when we acted together. I want to learn from people who have done "
    "this before, and to bring the others along. " * 2,
    "organisations": "The tenants' union of our building", "heard": "From a colleague",
    "programme_2026_05": "yes", "meetings": "yes", "dues": "yes", "building": "yes",
    "pledge": "10", "hardship": "", "more": "", "signature": "Ana María Example",
}
SUPPORT = {
    "name": "Ana María Example", "email": "ana@example.org", "phone": "+1 212 555 0100",
    "language": "es", "can": ["leaflets", "cooking", "driving"], "unit": "start",
    "area": "riverside", "count_me": "yes", "lists": ["events", "calls"],
    "heard": "From a neighbour who was at the picket",
}
AID = {
    "needs": ["food", "errands"], "offers": ["translation"],
    "details": "There are three of us at home and one does not eat meat. We are on the "
    "fourth floor and the lift does not work, so somebody would have to carry the bags "
    "up, or we come down to meet them. I can translate letters in the evening.",
    "urgency": "week", "repeats": "repeating", "whom": "myself", "people": "3",
    "offer_when": "Evenings after seven, not on Fridays", "offer_limits": "",
    "area": "riverside", "crossing": "Mill Street and Fourth", "language": "es",
    "language_other": "", "reach": "phone", "phone": "+1 212 555 0100",
    "email": "ana@example.org", "reach_how": "Text first, not at night",
    "name": "Ana María Example", "visible": "matter",
}

RSVP = {
    "answer": "coming", "people": "2", "name": "Ana María Example", "email": "ana@example.org",
    "remind": "yes", "needs": "A seat near the front, and somebody who interprets.",
}


class Form(NamedTuple):
    path: str
    get: str                            # titles
    post: str
    answers: dict
    fields: str                         # three that the floor looks at, an address second
    program: str
    promised: bool = True               # it has goals


FORMS = {
    "join": Form("/join", "the join form", "an application", JOIN, "name email town", "join"),
    "support": Form("/support", "the support form", "a sign-up", SUPPORT, "name email heard",
                    "support"),
    "aid": Form("/aid/request", "the aid form", "a request", AID, "name email crossing", "aid"),
    # All of them wait for the seats of one date.
    "rsvp": Form(f"/rsvp/{stock.CROWDED}", "the RSVP form", "an RSVP", RSVP, "name email needs",
                 "events", False),
}

# name: what is measured, which program serves it
ROWS = {
    "static": ("nginx, a file of 8 KB", None),
    "hello": ("hello by hand", "hello"),
    "page8": ("page of 8 KB by hand", "page8"),
}
for _name, _form in FORMS.items():
    ROWS.update({
        f"page_{_name}": ("page of that size by hand", f"page_{_name}"),
        f"get_{_name}": (f"GET of {_form.get}", _form.program),
        f"insert_{_name}": ("POST of that size inserted by hand", f"insert_{_name}"),
        f"post_{_name}": (f"POST of {_form.post}", _form.program),
    })
ROWS["store"] = ("single-row commits, store alone", None)

# Which program serves each, also of those that have a table of their own.
PROGRAM = {**{name: program for name, (_, program) in ROWS.items()}, **pages.rows()}


def form_of(row):
    return row.partition("_")[2]


def body_of(form):
    """What a browser sends from the page that shows the answers."""
    answers = {"website": "", **FORMS[form].answers, "step": "send", "token": TOKEN}
    body = urlencode(answers, doseq=True, safe="@")
    return body.replace("ana@example", "ana%40example")


class Bench:
    """`sizes`: of each form's page, in bytes."""

    def __init__(self, site, folder, sizes, rounds, seconds):
        self.site, self.folder = site, folder
        self.pages = pages.Pages(site)
        self.sizes, self.rounds, self.seconds = sizes, rounds, seconds
        self.bodies = {form: body_of(form) for form in FORMS}
        self.tokens = {form: [] for form in FORMS}

    def floors(self):
        """The commands of the programs by hand."""
        return {"hello": "hello", "page8": f"page {SMALL}", "stored": "stored",
                **{f"page_{form}": f"page {size}" for form, size in self.sizes.items()},
                **{f"insert_{form}": f"insert {FORMS[form].fields}" for form in FORMS}}

    def request(self, name, path, body=None):
        """Write the request of a row, as a browser would send it, but for a few headers
        that no program reads."""
        head = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", "Host: 127.0.0.1:"
                f"{self.site.port}", "User-Agent: Mozilla/5.0 (X11; Linux x86_64) bench",
                "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
                "Accept-Language: en-US,en;q=0.5"]
        if body:
            head += ["Content-Type: application/x-www-form-urlencoded",
                     f"Content-Length: {len(body)}", f"Origin: {self.site.base}"]
        (self.folder / name).write_text("\r\n".join(head) + "\r\n\r\n" + (body or ""))

    def write_requests(self):
        (self.site.state / "html/now/floor.html").write_text("0123456789abcde\n" * (SMALL // 16))
        self.request("static", "/floor")
        for name in ("hello", "page8"):
            self.request(name, f"/floor-{name}")
        for form, (path, *_) in FORMS.items():
            self.request(f"page_{form}", f"/floor-page_{form}")
            self.request(f"get_{form}", path)
            self.request(f"insert_{form}", f"/floor-insert_{form}", self.bodies[form])
            self.request(f"post_{form}", path, self.bodies[form])
        for name, path in self.pages.requests().items():
            self.request(name, path)

    def load(self, name, count, *more, take=False):
        status = "303" if name.startswith(("insert_", "post_")) else "200"
        return self.output([FLOORS / "load", *(["-t"] if take else []), str(self.site.port),
                            str(min(CONNECTIONS, count)), str(count), status,
                            self.folder / name, *more])

    def output(self, command):
        done = subprocess.run(command, capture_output=True, text=True,
                              env={**os.environ, **self.site.env})
        if done.returncode:
            stop(done.stderr)
        return done.stdout.split("\n")[:-1]

    def fetch_tokens(self, counts):
        posted = [form for form in FORMS if f"post_{form}" in counts]
        for form in posted:
            self.tokens[form] += self.load(f"get_{form}", counts[f"post_{form}"], take=True)
        if posted:
            time.sleep(YOUNG)

    def once(self, name, count):
        """Do `count` of one row; give seconds and the microseconds of each."""
        if name == "store":
            lines = self.output([FLOORS / "store", str(self.site.workers), str(count),
                                 str(len(self.bodies["join"]))])
        elif name.startswith("post_"):
            tokens = self.tokens[form_of(name)]
            path = self.folder / "tokens"
            path.write_text("".join(f"{token}\n" for token in tokens[:count]))
            del tokens[:count]
            lines = self.load(name, count, path)
        else:
            lines = self.load(name, count)
        return float(lines[0]), [float(line) for line in lines[1:]]

    def measure(self, name, count):
        """One round of one row: rate, latencies, and microseconds a request of each."""
        who = {"nginx": "nginx", "program": PROGRAM[name], "store": "database"}
        before = {part: self.site.spent(of) for part, of in who.items() if of}
        seconds, took = self.once(name, count)
        return {"seconds": seconds, "took": took, "cpu": {
            part: (self.site.spent(who[part]) - spent) / count
            for part, spent in before.items()}}

    def run(self, tell):
        """All rows; gives the rounds of each."""
        self.write_requests()
        rounds = self.in_turns(ROWS, tell)
        tell("filling the pages")
        self.pages.fill()
        return {**rounds, **self.in_turns(pages.rows(), tell)}

    def in_turns(self, names, tell):
        self.fetch_tokens(dict.fromkeys(names, WARM))
        counts = {}
        for name in names:
            seconds, _ = self.once(name, WARM)
            counts[name] = max(WARM, int(self.seconds * WARM / seconds))
        self.fetch_tokens({name: self.rounds * count for name, count in counts.items()})
        rounds = {name: [] for name in names}
        for number in range(self.rounds):
            tell(f"round {number + 1} of {self.rounds}")
            for name, count in counts.items():
                changed = self.pages.hold(name.startswith("many_"))
                # Each worker keeps its pages again.
                if changed or name.startswith(("made_", "many_")):
                    self.once(name, WARM)
                rounds[name].append(self.measure(name, count))
        return rounds

    def file(self):
        """Let the courier file what was posted; give microseconds a submission of each."""
        unfiled = "SELECT COUNT(*) FROM submission WHERE filed = 0"
        n = int(self.site.sql(unfiled)[0])
        before = self.site.spent("database")
        self.site.control("start", "courier")
        self.site.find_processes()
        until = time.monotonic() + 120
        while self.site.sql(unfiled) != ["0"]:
            if time.monotonic() > until:
                stop("the courier does not file")
            time.sleep(0.5)
        spent = {"program": self.site.spent("courier") / n,
                 "store": (self.site.spent("database") - before) / n}
        self.site.control("stop", "courier")
        return spent
