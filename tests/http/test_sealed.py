"""What the disk knows: nothing of what anybody wrote.

People apply, an admin votes, somebody mistypes; then everything the machine has kept is
searched for their words, and the recovery key opens what nobody else can.
"""

import base64
import os
import re
import subprocess
from urllib.parse import quote

import pytest

from conftest import alone
from portal import Admin, Page, Visitor, complete, token
from stack import Stack, site_copy

# In everything that is typed and must not be found, so that few searches do; and in what
# may be found, to see that searching works.
MARK, PLAIN = "q7Zk" + os.urandom(6).hex(), "p3Wd" + os.urandom(6).hex()


def spellings(text):
    """`text` as it may stand in a file."""
    raw = text.encode()
    out = {raw, raw.swapcase(), raw.lower(), raw.upper(), raw[::-1], raw.hex().encode(),
           raw.hex().upper().encode(), quote(text, safe="").encode(),
           text.encode("utf-16-le"), text.encode("utf-32-le"),
           *("".join(f % c for c in raw).encode() for f in ("%%%02x", "%%%02X"))}
    for shift in range(3):      # wherever in a text it stands
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = bytes(shift) + raw
            coded = encode(whole)
            out.add(coded[(8 * shift + 5) // 6:len(coded) - (4 if len(whole) % 3 else 0)])
    return out


@pytest.fixture(scope="module")
def vault(folder):
    """A site where everything happened, and the secrets of those to whom it did."""
    alone()
    (folder / "vault").mkdir()
    stack = Stack(folder / "vault", site_copy(folder / "vault", least_seconds=0)).start()
    secrets = [stack.recovery, stack.invitation.partition("=")[2]]
    password = f"{MARK} pass word"
    first = Admin(stack, f"Imani {PLAIN}", password).accept(stack.invitation)
    link = first.invite()
    second = Admin(stack, f"Wei {PLAIN}", password).accept(link)
    secrets += [link.partition("=")[2], first.cookies["session"], second.cookies["session"],
                first.cookies["device"]]
    for n in range(6):
        visitor = Visitor(stack)
        path = "/es/join" if n % 2 else "/join"
        form = visitor.page(path).form(path)
        answers = {name: value if form[name] != "" or isinstance(form[name], list)
                   else f"Ñ {MARK} {name[:3]} {n}"
                   for name, value in complete(form, every=True).items()}
        answers.update(email=f"{MARK}{n}@example.org", phone=f"+1212{555_0000 + n}",
                       pledge=f"{81234 + n}.56", postcode=f"{MARK[:13]} {n}",
                       website=MARK * (n == 5))
        # First with a mistake: the answers come and go without being stored.
        visitor.submit(form, {**answers, "email": f"{MARK}@"})
        review = Page(visitor.submit(form, answers).text).form(path)
        page = visitor.follow(visitor.submit(review, button=("step", "send")))
        secrets += [page.code(), visitor.cookies["receipt"], review["token"],
                    answers["phone"][1:], answers["pledge"]]
        visitor.submit(page.form("/receipt"), {"code": page.code()})
        if n == 0:
            stack.sealed = stack.value("SELECT LOWER(HEX(id)) FROM submission")
            first.follow(first.open(stack.sealed))
            first.follow(first.vote(stack.sealed, "favour", f"Reason {MARK}"))
            second.follow(second.vote(stack.sealed, "favour", f"Another {MARK}"))
        elif n == 1:
            ask = visitor.page("/es/receipt/withdraw").form("/withdraw")
            visitor.follow(visitor.submit(ask))
    # What goes wrong is not written down either.
    stranger = Visitor(stack)
    stranger.enter(secrets[-5][:-1])
    stranger.get(f"/receipt?code={secrets[-5]}&{MARK}")
    stranger.get(f"/{MARK}")
    stranger.post("/join", data={"name": MARK * 20000})
    stranger.post("/join", data=f"%zz{MARK}".encode(),
                  headers={"Content-Type": "application/x-www-form-urlencoded"})
    stranger.post("/admin/login", data={"token": token(stack.form_key, "admin"),
                                        "name": MARK, "password": MARK})
    stranger.get("/join", headers={"Cookie": f"receipt={MARK}", "Referer": f"http://{MARK}/",
                                   "User-Agent": MARK})
    assert len(secrets) == len(set(secrets))
    stack.secrets = secrets
    yield stack
    stack.stop()


def search(vault, content, where):
    needles = set(spellings(MARK))
    for secret in vault.secrets:
        needles |= {secret.encode(), secret.replace("-", "").encode(),
                    secret.lower().encode(), secret.encode().hex().encode(),
                    secret.encode().hex().upper().encode()}
    for needle in needles:
        assert needle not in content, f"{where} holds {needle!r}"


def test_spellings_are_found():
    """The search itself: each way of writing, at every place of a text."""
    for at in range(4):
        text = ("." * at + MARK + "...").encode()
        for coded in (text, base64.b64encode(text), base64.urlsafe_b64encode(text), text[::-1],
                      text.hex().encode(), text.upper(), text.decode().encode("utf-16-le")):
            assert any(needle in coded for needle in spellings(MARK)), (at, coded)


def test_dump(vault):
    """Everything that a thief of the database, or of its backup, would hold."""
    for how in ([], ["--hex-blob"]):
        done = subprocess.run([*vault.client("mariadb-dump"), "--all-databases",
                               "--skip-extended-insert", *how], capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr
        assert PLAIN.encode() in done.stdout and b"INSERT INTO `elector`" in done.stdout
        search(vault, done.stdout, f"the dump ({how})")


def test_files_and_logs(vault):
    """Everything that a thief of the disk would hold: tables, logs, keys, while it runs and
    after it has ended."""
    for when in ("running", "ended"):
        if when == "ended":
            assert vault.stop() == 0
        found, size = set(), 0
        for path in sorted(vault.state.rglob("*")):
            # What was delivered is not ours any more.
            if path.is_file() and not path.is_symlink() and "mail" not in path.parts:
                # Most of a database's files is room.
                content = re.sub(rb"\0{64,}", bytes(64), path.read_bytes())
                size += len(content)
                if PLAIN.encode() in content:
                    found.add(path.name)
                search(vault, content, path)
        # The names of admins stand in clear, and were found where they had to be.
        assert "admin.ibd" in found or when == "running"
        assert size > 1_000_000
    vault.start()


def test_recovery_drill(vault):
    """All admins are gone; the code on paper opens what was handed in before."""
    for wrong, status, said in (("", 1, ""), ("nonsense", 1, "symbol"),
                                (vault.secrets[1], 1, "not this portal's"),
                                (vault.recovery[:-1], 1, "symbol")):
        done = vault.openhall("admin", "recover", stdin=wrong + "\n")
        assert done.returncode == status and said in done.stderr, wrong
        assert "invitation=" not in done.stdout
    vault.sql("DELETE FROM session")
    done = vault.openhall("admin", "recover", stdin=vault.recovery.lower() + "\n")
    assert done.returncode == 0, done.stderr
    link = next(word for word in done.stdout.split() if "invitation=" in word)
    link = vault.base + link[link.index("/admin/welcome"):]
    heir = Admin(vault, "Heir").accept(link)
    case = heir.case(vault.sealed)
    assert case.text("dd").count(MARK) > 10
    assert f"Reason {MARK}" in case.text("main") and f"Another {MARK}" in case.text("main")
    assert Visitor(vault).get(link).status_code == 404
    # The others can log in as ever.
    again = Admin(vault, f"Wei {PLAIN}", f"{MARK} pass word").login()
    assert MARK in again.case(vault.sealed).text("dd")
    assert vault.openhall("audit", "verify").returncode == 0


def test_each_key_opens_its_own_only(vault):
    """Sealed parts that are moved to another row do not open there."""
    admin = Admin(vault, f"Imani {PLAIN}", f"{MARK} pass word").login()
    rows = [id_ for (id_,) in vault.sql("SELECT LOWER(HEX(id)) FROM submission"
                                        " WHERE state = 'received' AND suspect = 0")]
    victim, other = rows[:2]
    vault.sql("CREATE TABLE kept AS SELECT id, body, desk_key FROM submission")
    try:
        for what in ("body", "desk_key", "body, desk_key"):
            for column in what.split(", "):
                vault.sql(f"UPDATE submission SET {column} = (SELECT {column} FROM kept WHERE"
                          f" id = X'{other}') WHERE id = X'{victim}'")
            got = admin.get(f"/admin/case/{victim}")
            assert got.status_code == 500 and MARK not in got.text
            vault.sql("UPDATE submission s JOIN kept k ON k.id = s.id"
                      " SET s.body = k.body, s.desk_key = k.desk_key")
        assert MARK in admin.case(victim).text("dd")
    finally:
        vault.sql("DROP TABLE kept")
