"""The operator's command on a portal that is in use."""

import re
import time

import pytest

from portal import Admin, Visitor, word
from test_join import at_once

DAY = 86400


@pytest.fixture(scope="module")
def pair(annex, founder):
    """Two admins, as many as the party's rule asks for."""
    return [founder, Admin(annex, "Dai").accept(founder.invite())]


def decided(annex, pair, vote, name):
    """Somebody's receipt and case, decided `vote`."""
    before = set(annex.sql("SELECT LOWER(HEX(id)) FROM submission"))
    code = Visitor(annex).apply({"name": name})
    ((id_,),) = set(annex.sql("SELECT LOWER(HEX(id)) FROM submission")) - before
    pair[0].follow(pair[0].open(id_))
    for admin in pair[:1] if vote == "against" else pair:
        admin.follow(admin.vote(id_, vote, "Reason of " + name))
    return code, id_


def test_status(annex, pair):
    Visitor(annex).apply()
    Visitor(annex).apply(path="/aid/request")
    done = annex.openhall("status")
    assert done.returncode == 0 and done.stderr == ""
    lines = dict(line.split("\t", 1) for line in done.stdout.splitlines())
    for desk in ("membership", "supporters", "aid"):
        waiting = annex.value("SELECT COUNT(*) FROM submission WHERE ended_day IS NULL"
                              f" AND desk = '{desk}'")
        assert re.search(rf"(?m)^desk\t{desk} {waiting} open\b", done.stdout), desk
    assert lines["admins"].startswith("2,")
    assert re.fullmatch(r"\d+ applied, 0 pending", lines["schema"])
    assert "missing" not in done.stdout


def test_what_is_missing_is_told(annex):
    key = annex.state / "keys/membership.pub"
    key.rename(key.with_suffix(".away"))
    try:
        done = annex.openhall("status")
        assert done.returncode == 1 and "membership.pub missing" in done.stdout
    finally:
        key.with_suffix(".away").rename(key)


def test_admin_list(annex, pair):
    done = annex.openhall("admin", "list")
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert done.stdout.splitlines() == [
        f"{name}\t{today}\taid events membership statements supporters\tpassword only"
        for name in ("Dai", "Imani")]


@pytest.mark.parametrize("command", ["setup", "migrate"])
def test_again_changes_nothing(annex, pair, command):
    """Twice, and twice at once, while the site is open."""
    annex.settle()
    annex.supervisorctl("stop", "courier")      # it has duties of its own
    tables = [name for (name,) in annex.sql("SHOW TABLES")]

    def all_rows():
        return [annex.sql(f"CHECKSUM TABLE {name}") for name in tables]
    try:
        before, keys = all_rows(), {p: p.read_bytes() for d in ("keys", "credentials")
                                    for p in (annex.state / d).iterdir()}
        for done in [annex.openhall(command),
                     *at_once(*[lambda: annex.openhall(command)] * 2)]:
            assert done.returncode == 0, done.stderr
            assert "Recovery code" not in done.stdout and "invitation=" not in done.stdout
        assert all_rows() == before
        assert keys == {p: p.read_bytes() for p in keys}
        assert Visitor(annex).apply()
    finally:
        annex.supervisorctl("start", "courier")


def test_audit_shows_every_kind_of_tampering(annex, pair):
    decided(annex, pair, "favour", "Ana")
    done = annex.openhall("audit", "verify")
    assert done.returncode == 0, done.stderr
    (head,) = re.findall(r"\b\d+:[0-9a-f]{64}\b", done.stdout)
    assert annex.openhall("audit", "verify", head).returncode == 0
    last = int(annex.value("SELECT number FROM audit_head"))
    annex.sql("CREATE TABLE kept AS SELECT * FROM audit;"
              "CREATE TABLE kept_head AS SELECT * FROM audit_head")
    try:
        for deed, row in (
                (f"UPDATE audit SET action = 'case.decline' WHERE number = {last}", last),
                (f"UPDATE audit SET at = at + 1 WHERE number = {last - 1}", last - 1),
                (f"UPDATE audit SET admin = NULL WHERE number = {last - 2}", last - 2),
                (f"UPDATE audit SET subject = REPEAT('x', 16) WHERE number = {last}", last),
                (f"DELETE FROM audit WHERE number = {last - 1}", last - 1),
                (f"UPDATE audit SET number = 0 WHERE number = {last - 1}", None),
                (f"INSERT INTO audit VALUES ({last + 1}, 1, NULL, 'x', NULL,"
                 " REPEAT('x', 32))", last + 1)):
            annex.sql(deed)
            done = annex.openhall("audit", "verify")
            assert done.returncode == 1, deed
            if row is not None:
                assert f"row {row} does not fit" in done.stderr, (deed, done.stderr)
            annex.sql("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept")
        # The end cut off, and the head put back: whole by itself, but not what was noted.
        annex.sql(f"DELETE FROM audit WHERE number = {last}; UPDATE audit_head SET number ="
                  f" {last - 1}, mac = (SELECT mac FROM audit WHERE number = {last - 1})")
        assert annex.openhall("audit", "verify").returncode == 0
        done = annex.openhall("audit", "verify", head)
        assert done.returncode == 1 and f"row {last}" in done.stderr
    finally:
        annex.sql("DELETE FROM audit; INSERT INTO audit SELECT * FROM kept;"
                  "DELETE FROM audit_head; INSERT INTO audit_head SELECT * FROM kept_head;"
                  "DROP TABLE kept; DROP TABLE kept_head")
    assert annex.openhall("audit", "verify", head).returncode == 0


def test_retain(annex, pair):
    """What was promised under the form, 30 days after a refusal and 180 after a welcome, is
    kept to the day."""
    names = [f"Ana {word()}" for _ in range(5)]
    due, early = (decided(annex, pair, "against", name) for name in names[:2])
    old, kept = (decided(annex, pair, "favour", name) for name in names[2:4])
    waiting = Visitor(annex).apply({"name": names[4]})
    today = int(time.time()) // DAY * DAY
    for (_, id_), days in ((due, 30), (early, 29), (old, 180), (kept, 179)):
        annex.sql(f"UPDATE submission SET ended_day = {today - days * DAY}"
                  f" WHERE id = X'{id_}'")

    def told(*words):
        done = annex.openhall("retain", *words)
        assert done.returncode == 0, done.stderr
        return dict(line.split("\t", 1) for line in done.stdout.splitlines())
    lines = told("--dry-run")
    assert lines["join declined"] == "1 due" and lines["join accepted"] == "1 due"
    assert names[0] in Visitor(annex).status(due[0]).html
    lines = told()
    assert lines["join declined"] == "1 erased" and lines["join accepted"] == "1 erased"
    for (code, id_), name, state in ((due, names[0], "declined"), (old, names[2], "accepted")):
        assert annex.sql("SELECT LENGTH(body), LENGTH(desk_key), LENGTH(receipt_key), state,"
                         f" facets FROM submission WHERE id = X'{id_}'") \
            == [("0", "0", "0", state, "")]
        for table, column in (("elector", "reason"), ("message", "body"), ("contact", "hash"),
                              ("revision", "body"), ("facet", "value"), ("note", "body")):
            assert annex.sql(f"SELECT {column} FROM {table} WHERE submission = X'{id_}'"
                             f" AND {column} IS NOT NULL") == [], table
        assert name not in Visitor(annex).status(code).html
        case = pair[0].case(id_)
        assert "erased" in case.text("main") and name not in case.html
    assert "Not accepted" in Visitor(annex).status(due[0]).text("main")
    for code, name in ((early[0], names[1]), (kept[0], names[3]), (waiting, names[4])):
        assert name in Visitor(annex).status(code).html
    assert annex.value("SELECT COUNT(*) FROM audit WHERE action = 'submissions.erased'") == "2"
    assert annex.openhall("audit", "verify").returncode == 0
    assert told()["join declined"] == "0 erased"


def test_usage(annex):
    for words in ([], ["nonsense"], ["admin"], ["migrate", "more"], ["audit", "verify", "x"],
                  ["retain", "--now"]):
        done = annex.openhall(*words)
        assert done.returncode == 64 and done.stderr, words
    assert annex.openhall("help").returncode == 0
