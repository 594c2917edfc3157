"""Retention: what each form promises is kept to the day, for both sides; then nothing of the
person is left but a line without content."""

import re
import subprocess
import time
import xml.etree.ElementTree as xml

import pytest

from conftest import alone
from portal import Admin, Visitor, word
from stack import SRC, Stack, site_copy, wait_for
from test_sealed import spellings
from test_support import handed_in

DAY, WARN = 86400, 14
FORMS = {"join": ("membership", "/join"), "support": ("supporters", "/support"),
         "aid": ("aid", "/aid/request")}

# As the forms declare it: (form, after, days, messages only).
KEEPS = [(form, keep.get("after"), int(keep.get("days")), keep.get("what") == "messages")
         for form in FORMS
         for keep in xml.parse(SRC / f"www/sites/party/forms/{form}.xml").iter("keep")]
WHOLE = [keep[:3] for keep in KEEPS if not keep[3] and keep[1] != "withdrawn"]
SAID = [keep[:3] for keep in KEEPS if keep[3]]


@pytest.fixture(scope="module")
def archive(folder):
    """A site where one reviewer decides, and whose courier erases when it is told to."""
    alone()
    (folder / "archive").mkdir()
    one = {"reviewers": 1, "quorum": 1, "favour": 1, "block": 1}
    site = site_copy(folder / "archive", least_seconds=0, membership=one)
    with Stack(folder / "archive", site) as stack:
        # Not on the hour of its start, in the middle of a test.
        wait_for(lambda: int(stack.value(
            "SELECT MIN(next_at) FROM duty WHERE name IN ('remind', 'retain')")) > time.time())
        stack.sql(f"UPDATE duty SET next_at = {int(time.time()) + DAY} WHERE name <> 'census'")
        yield stack


@pytest.fixture(scope="module")
def admin(archive):
    return Admin(archive, "Imani").accept(archive.invitation)


def today():
    return int(time.time()) // DAY * DAY


class Case:
    """Somebody handed it in, both sides wrote, the answers were corrected, and it ended."""

    def __init__(self, stack, admin, form, end):
        self.stack, self.form = stack, form
        self.mark = "Zq7" + word(12)
        desk, path = FORMS[form]
        answers = {"details" if form == "aid" else "name": f"Before {self.mark}",
                   "email": f"{self.mark}@example.org"}
        self.code, self.id = handed_in(stack, path, desk, **answers)
        self.visitor = Visitor(stack)
        self.visitor.status(self.code)
        self.visitor.follow(self.visitor.write(f"From me {self.mark}"))
        self.visitor.follow(self.visitor.correct(
            {"details" if form == "aid" else "name": f"After {self.mark}"}))
        admin.case(self.id)
        admin.follow(admin.say(self.id, f"From us {self.mark}"))
        if desk == "aid":
            admin.follow(admin.note(self.id, f"A call {self.mark}", way="call"))
            if end != "never":
                admin.follow(admin.move(self.id, end, f"So it ended {self.mark}"))
        elif end != "never" or form == "join":
            admin.follow(admin.open(self.id))
            if end != "never":
                admin.follow(admin.vote(self.id, {"accepted": "favour",
                                                  "declined": "against"}[end],
                                        f"Reason {self.mark}"))
        assert self.state == ("needed" if end == "never" and desk == "aid" else
                              "review" if end == "never" and form == "join" else
                              "received" if end == "never" else end)
        wait_for(lambda: self.one("filed") == "1")
        self.before = self.traces()
        assert len(self.before) >= 6

    def one(self, columns):
        return self.stack.value(f"SELECT {columns} FROM submission WHERE id = X'{self.id}'")

    @property
    def state(self):
        return self.one("state")

    def rows(self, table):
        return int(self.stack.value(f"SELECT COUNT(*) FROM {table} WHERE submission ="
                                    f" X'{self.id}'"))

    def left(self):
        """How much there is in each table that holds something of a person."""
        return {table: self.rows(table) for table in (
            "message", "note", "revision", "contact", "facet")} | {
            "reason": int(self.stack.value("SELECT COUNT(*) FROM elector WHERE reason IS NOT"
                                           f" NULL AND submission = X'{self.id}'"))}

    def traces(self):
        """All that is sealed or hashed of it, as hexadecimal: what a dump must not hold."""
        got = self.stack.sql(" UNION ALL ".join(
            f"SELECT HEX({column}) FROM {table} WHERE {key} = X'{self.id}'"
            for table, key, column in (
                ("submission", "id", "body"), ("submission", "id", "desk_key"),
                ("submission", "id", "receipt_key"), ("message", "submission", "body"),
                ("note", "submission", "body"), ("revision", "submission", "body"),
                ("contact", "submission", "hash"), ("elector", "submission", "reason"))))
        return {text for (text,) in got if text}

    def aged(self, days):
        """As if it had ended, or last been moved, so many days ago."""
        day = today() - days * DAY
        self.stack.sql(f"UPDATE submission SET received_day = {day - DAY}, moved_day = {day},"
                       f" ended_day = IF(ended_day IS NULL, NULL, {day})"
                       f" WHERE id = X'{self.id}'")
        for table in ("message", "note"):
            self.stack.sql(f"UPDATE {table} SET day = {day} WHERE submission = X'{self.id}'")
        return self

    def gone(self):
        return self.one("CONCAT(LENGTH(body), LENGTH(desk_key), LENGTH(receipt_key),"
                        " LENGTH(facets))") == "0000"


def told(stack, *words):
    done = stack.openhall("retain", *words)
    assert done.returncode == 0, done.stderr
    return dict(line.split("\t", 1) for line in done.stdout.splitlines())


def dump(stack):
    done = subprocess.run([*stack.client("mariadb-dump"), "--hex-blob",
                           "--skip-extended-insert", stack.database],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_nothing_left(case):
    """Nowhere: not sealed, not hashed, not in the spool, not in a log."""
    assert case.gone() and set(case.left().values()) == {0}, case.left()
    stored = dump(case.stack)
    assert case.id.upper() in stored
    for trace in case.before:
        assert trace not in stored
    rest = case.stack.logs().encode() + b"".join(
        p.read_bytes() for p in (case.stack.state / "spool").rglob("*") if p.is_file())
    for needle in spellings(case.mark):
        assert needle not in rest and needle not in stored.encode()
    assert case.code.encode() not in rest


# ---- to the day ----

@pytest.mark.parametrize("form, after, days", WHOLE)
def test_everything_goes_on_its_day(archive, admin, form, after, days):
    case = Case(archive, admin, form, after).aged(days - 1)
    line = f"{form} {after}"
    assert told(archive, "--dry-run")[line] == "0 due" and told(archive)[line] == "0 erased"
    assert not case.gone() and f"After {case.mark}" in case.visitor.page("/receipt").text("dd")
    case.aged(days)
    kept = archive.sql("SELECT number, HEX(mac) FROM audit_head")
    # What it would do, and does not.
    assert told(archive, "--dry-run")[line] == "1 due"
    assert case.traces() - case.before == set() and not case.gone()
    assert archive.sql("SELECT number, HEX(mac) FROM audit_head") == kept
    day = case.one("received_day")
    assert told(archive)[line] == "1 erased"
    assert_nothing_left(case)
    # A line is left: which desk, which end, which days.
    wanted = "erased" if after == "never" else after
    assert (case.state, case.one("desk"), case.one("form"), case.one("received_day")) \
        == (wanted, FORMS[form][0], form, day)
    assert case.one("ended_day") == str(today() if after == "never" else today() - days * DAY)
    # Once: there is nothing more to do.
    assert told(archive)[line] == "0 erased"
    assert archive.openhall("audit", "verify").returncode == 0
    assert archive.value("SELECT action FROM audit WHERE number > "
                         f"{kept[0][0]} ORDER BY number LIMIT 1") == "submissions.erased"
    # Who held it, and who reads the desk's list.
    page = Visitor(archive).status(case.code)
    assert case.mark not in page.html and not page.has_form("/receipt/message")
    assert "/receipt/correct" not in page.links
    assert "erased" in page.text("main")
    page = admin.case(case.id)
    assert case.mark not in page.html and "erased" in page.text("main")
    assert not page.has_form(f"/admin/case/{case.id}/message")


@pytest.mark.parametrize("form, after, days", SAID)
def test_messages_go_before_the_answers(archive, admin, form, after, days):
    """What was said goes first where the form says so; what was answered is still there."""
    case = Case(archive, admin, form, after).aged(days - 1)
    line = f"{form} {after} messages"
    assert told(archive)[line] == "0 erased"
    assert case.rows("message") >= 3
    archive.sql(f"UPDATE submission SET holder_unread = 1 WHERE id = X'{case.id}'")
    case.aged(days)
    assert told(archive, "--dry-run")[line] == "1 due"
    assert told(archive)[line] == "1 erased"
    left = case.left()
    assert left["message"] == left["note"] == 0 and not case.gone()
    assert left["revision"] == 1 and left["contact"] > 0
    assert case.one("CONCAT(holder_unread, desk_unread)") == "00"
    page = Visitor(archive).status(case.code)
    assert f"After {case.mark}" in page.text("dd") and page.talk() == []
    page = admin.case(case.id)
    assert f"After {case.mark}" in page.html and f"From us {case.mark}" not in page.html
    assert told(archive)[line] == "0 erased"


def test_several_at_once(archive, admin):
    """Each form by its own declaration, and nobody else's."""
    ends = {(form, after): Case(archive, admin, form, after)
            for form, after in (("join", "declined"), ("support", "declined"),
                                ("aid", "complete"), ("aid", "duplicate"))}
    other = Case(archive, admin, "join", "accepted").aged(15)
    for case in ends.values():
        case.aged(14)
    lines = told(archive)
    # Of these, what a supporter sent who was declined and what came twice.
    assert {at for at, case in ends.items() if case.gone()} \
        == {("support", "declined"), ("aid", "duplicate")}
    assert lines["support declined"] == "1 erased" and lines["aid duplicate"] == "1 erased"
    assert lines["aid complete messages"] == "1 erased"
    assert not other.gone() and other.rows("message") > 0


def test_withdrawn_goes_at_once(archive, admin):
    for form in FORMS:
        case = Case(archive, admin, form, "never")
        case.visitor.follow(case.visitor.withdraw())
        assert case.state == "withdrawn"
        assert_nothing_left(case)
        page = Visitor(archive).status(case.code)
        assert "withdrew" in page.text("main") and case.mark not in page.html


# ---- who is told ----

def test_note_says_the_same_days(archive):
    """The form itself, before anybody answers; from the same declaration."""
    for form, (_, path) in FORMS.items():
        text = Visitor(archive).page(path).text("main")
        spanish = Visitor(archive).page("/es" + path).text("main")
        for of, after, days, _ in KEEPS:
            if of == form and days:
                assert re.search(rf"\b{days} days", text), (form, after)
                assert re.search(rf"\b{days} días", spanish), (form, after)


def ending(admin, desk):
    """What the head of a desk's page says is erased soon: a number; None: nothing."""
    html = admin.queue(desk).html
    found = re.search(r'list=ending">([^<]*)</a></li>', html)
    if found is None:
        return None
    n, within = map(int, re.findall(r"\d+", found[1]))
    assert within == WARN
    return n


def test_desk_is_warned(archive, admin):
    """A fortnight before, with the number and the names; each desk of its own."""
    told(archive)
    before = {desk: ending(admin, desk) or 0 for desk, _ in FORMS.values()}
    for form, after, days in (("join", "accepted", 180), ("support", "declined", 14),
                              ("aid", "complete", 30), ("join", "never", 365)):
        desk = FORMS[form][0]
        case = Case(archive, admin, form, after).aged(days - WARN - 1)
        assert (ending(admin, desk) or 0) == before[desk], (form, after)
        assert case.id not in admin.queue(desk, "ending").html
        case.aged(days - WARN)
        before[desk] += 1
        for other, n in before.items():
            assert (ending(admin, other) or 0) == n, (form, after, other)
        page = admin.queue(desk, "ending")
        assert case.id in page.html and "Erased soon" in page.text("h2")
        # To the last day; on its own it goes within the hour.
        case.aged(days - 1)
        assert ending(admin, desk) == before[desk]
        case.aged(days)
        before[desk] -= 1
        assert (ending(admin, desk) or 0) == before[desk]


def test_courier_does_it_by_itself(archive, admin):
    told(archive)       # so that there is nothing else
    case = Case(archive, admin, "support", "declined").aged(14)
    archive.sql("UPDATE duty SET next_at = 0 WHERE name = 'retain'")
    wait_for(case.gone)
    wait_for(lambda: set(case.left().values()) == {0})
    assert_nothing_left(case)
    assert int(archive.value("SELECT next_at FROM duty WHERE name = 'retain'")) \
        > time.time() + 3000
    wait_for(lambda: r"event=erased what=support\x20declined n=1" in archive.logs())


def test_form_that_is_no_more(archive, admin):
    """Nobody knows how long it was promised to be kept: it stays, and that is said."""
    case = Case(archive, admin, "support", "declined").aged(3000)
    form = archive.folder / "site/forms/support.xml"
    form.rename(form.with_suffix(".away"))
    try:
        done = archive.openhall("retain")
        assert done.returncode == 1 and "support" in done.stderr
        assert not case.gone()
    finally:
        form.with_suffix(".away").rename(form)
    assert told(archive)["support declined"] == "1 erased" and case.gone()


def test_only_dry_run(archive):
    assert archive.openhall("retain", "--all").returncode == 64
