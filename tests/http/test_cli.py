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
    waiting = annex.value("SELECT COUNT(*) FROM submission WHERE ended_day IS NULL")
    done = annex.openhall("status")
    assert done.returncode == 0 and done.stderr == ""
    lines = dict(line.split("\t", 1) for line in done.stdout.splitlines())
    assert lines["cases"].startswith(f"{waiting} open")
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
    assert done.stdout.splitlines() == [f"Dai\t{today}\tmembership",
                                        f"Imani\t{today}\tmembership"]


@pytest.mark.parametrize("command", ["setup", "migrate"])
def test_again_changes_nothing(annex, pair, command):
    """Twice, and twice at once, while the site is open."""
    tables = [name for (name,) in annex.sql("SHOW TABLES")]

    def all_rows():
        return [annex.sql(f"CHECKSUM TABLE {name}") for name in tables]
    before, keys = all_rows(), {p: p.read_bytes() for d in ("keys", "credentials")
                                for p in (annex.state / d).iterdir()}
    for done in [annex.openhall(command), *at_once(*[lambda: annex.openhall(command)] * 2)]:
        assert done.returncode == 0, done.stderr
        assert "Recovery code" not in done.stdout and "invitation=" not in done.stdout
    assert all_rows() == before
    assert keys == {p: p.read_bytes() for p in keys}
    assert Visitor(annex).apply()


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
    """What was promised under the form, 180 days, is kept to the day."""
    names = [f"Ana {word()}" for _ in range(3)]
    due, early, waiting = (decided(annex, pair, "against", names[0]),
                           decided(annex, pair, "favour", names[1]),
                           Visitor(annex).apply({"name": names[2]}))
    today = int(time.time()) // DAY * DAY
    for (_, id_), days in ((due, 180), (early, 179)):
        annex.sql(f"UPDATE submission SET ended_day = {today - days * DAY}"
                  f" WHERE id = X'{id_}'")
    done = annex.openhall("retain", "--dry-run")
    assert done.returncode == 0 and "join\t1 due" in done.stdout
    assert names[0] in Visitor(annex).status(due[0]).html
    done = annex.openhall("retain")
    assert done.returncode == 0 and "join\t1 erased" in done.stdout
    assert annex.sql("SELECT LENGTH(body), LENGTH(desk_key), LENGTH(receipt_key), state"
                     f" FROM submission WHERE id = X'{due[1]}'") == [("0", "0", "0", "declined")]
    assert annex.sql("SELECT reason FROM elector WHERE reason IS NOT NULL"
                     f" AND submission = X'{due[1]}'") == []
    page = Visitor(annex).status(due[0])
    assert names[0] not in page.html and "Not accepted" in page.text("main")
    case = pair[0].case(due[1])
    assert "erased" in case.text("main") and names[0] not in case.html
    assert names[1] in Visitor(annex).status(early[0]).html
    assert names[2] in Visitor(annex).status(waiting).html
    assert annex.value("SELECT action FROM audit ORDER BY number DESC LIMIT 1") \
        == "submissions.erased"
    assert annex.openhall("audit", "verify").returncode == 0
    assert "join\t0 erased" in annex.openhall("retain").stdout \
        or "join" not in annex.openhall("retain").stdout


def test_usage(annex):
    for words in ([], ["nonsense"], ["admin"], ["migrate", "more"], ["audit", "verify", "x"],
                  ["retain", "--now"]):
        done = annex.openhall(*words)
        assert done.returncode == 64 and done.stderr, words
    assert annex.openhall("help").returncode == 0
