"""Whatever breaks while people hand in what they have to say: every receipt that was given
opens afterwards, once; nobody meets an error for longer than a restart takes; and nobody
types anything again.

FAULT_SECONDS: how long each fault lasts (`make fault` takes longer than `make check`).
"""

import os
import random
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from crowd import Crowd
from portal import Visitor
from stack import wait_for

SECONDS = float(os.environ.get("FAULT_SECONDS", 2))
EACH = 2 if SECONDS > 5 else 1         # visitors a form
MOMENT = 5              # seconds: what ending and starting again may take
FORMS = ("join", "support", "aid")


# ---- what is broken, each for SECONDS ----

def until(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.2)


def kill(pids, how):
    for pid in pids:
        try:
            os.kill(pid, how)
        except ProcessLookupError:
            pass


def workers_killed(hall):
    """One at a time, of any of the programs that take a form in."""
    for _ in until(SECONDS):
        pids = hall.pids(random.choice(FORMS))
        kill(random.sample(sorted(pids), min(1, len(pids))), signal.SIGKILL)
        time.sleep(0.5)


def workers_all_killed(hall):
    """All that serve one form, at the same moment."""
    for program in FORMS:
        kill(hall.pids(program), signal.SIGKILL)
        time.sleep(SECONDS / len(FORMS))


def database_killed(hall):
    for _ in until(SECONDS):
        kill(hall.pids("database"), signal.SIGKILL)
        time.sleep(1.5)


def database_stopped(hall):
    hall.supervisorctl("stop", "database")
    time.sleep(SECONDS)
    hall.supervisorctl("start", "database")


def database_read_only(hall):
    hall.sql("SET GLOBAL read_only = 1")
    time.sleep(SECONDS)
    hall.sql("SET GLOBAL read_only = 0")


def database_crowded(hall):
    """Others hold every connection there may be; those that the programs had are ended."""
    ours = hall.sql("SELECT id, @@max_connections FROM information_schema.processlist"
                    " WHERE user LIKE 'openhall%'")
    # It is there before the others, for afterwards nobody gets in.
    door = subprocess.Popen([*hall.client(), "--unbuffered", "--force"], text=True,
                            stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    door.stdin.write("SET GLOBAL max_connections = 10;\n")
    door.stdin.flush()
    others = []
    for id_, most in ours:
        others += [subprocess.Popen([*hall.client(), "-e", f"SELECT SLEEP({SECONDS + 20})"],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                   for _ in range(2)]
        door.stdin.write(f"KILL {id_};\n")
        door.stdin.flush()
    time.sleep(SECONDS)
    door.communicate(f"SET GLOBAL max_connections = {most};\n", timeout=20)
    for other in others:
        other.kill()
        other.wait()


def courier_killed(hall):
    """What is being filed while it is killed is filed once."""
    hall.supervisorctl("stop", "database")
    time.sleep(SECONDS / 2)
    hall.supervisorctl("start", "database")
    for _ in until(SECONDS):
        kill(hall.pids("courier"), signal.SIGKILL)
        time.sleep(0.3)


def nginx_reloaded(hall):
    for _ in until(SECONDS):
        kill(hall.pids("nginx"), signal.SIGHUP)


def all_at_once(hall):
    threads = [threading.Thread(target=what, args=(hall,))
               for what in (workers_killed, database_killed, nginx_reloaded)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ---- what holds all the same ----

def waiting(hall):
    """What lies in the spool.  What a killed program left half-written is not waiting: nobody
    has a receipt for it, and the courier sweeps it up an hour later."""
    return [path for path in (hall.state / "spool").glob("*/[!.]*")]


def settle(hall):
    """Everything is up again, and what was spooled has been filed."""
    for program in (*FORMS, "receipt"):
        hall.running(program)
    for program in ("database", "courier", "nginx"):
        hall.running(program, 1)
    wait_for(lambda: not waiting(hall), within=60)


def check(hall, crowd, before, tell, what):
    settle(hall)
    rows = int(hall.value("SELECT COUNT(*) FROM submission"))
    lost = []
    with ThreadPoolExecutor(4) as readers:
        for code, page in zip(crowd.codes, readers.map(
                lambda code: Visitor(hall).status(code), crowd.codes)):
            if crowd.codes[code] not in page.text():
                lost.append(code)
    tell(f"{what}: {crowd}; {len(lost)} lost, {rows - before - len(crowd.codes)} twice")
    assert crowd.faults == []
    assert len(crowd.codes) == crowd.sent > 0
    assert lost == []
    assert rows - before == len(crowd.codes)


@pytest.mark.parametrize("fault, errors", [
    (workers_killed, MOMENT), (workers_all_killed, MOMENT), (database_killed, 0),
    (database_stopped, 0), (database_read_only, 0), (database_crowded, 0),
    (courier_killed, 0), (nginx_reloaded, 0), (all_at_once, MOMENT),
], ids=lambda v: getattr(v, "__name__", ""))
def test_fault(hall, tell, fault, errors):
    """`errors`: for how long a visitor may meet a 5xx; 0: never."""
    settle(hall)
    before = int(hall.value("SELECT COUNT(*) FROM submission"))
    with Crowd(hall, EACH) as crowd:
        time.sleep(0.5)
        fault(hall)
        time.sleep(1)
    check(hall, crowd, before, tell, fault.__name__)
    assert crowd.longest_error() <= errors


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk is mounted by root")
def test_disk_full(hall, tell):
    """The store's disk fills; people do not notice."""
    small, db = hall.folder / "small", hall.state / "db"
    hall.supervisorctl("stop", "database")
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", small], check=True)
    try:
        subprocess.run(["cp", "-a", f"{db}/.", small / "db"], check=True)
        db.rename(hall.state / "db.aside")
        db.symlink_to(small / "db")
        hall.supervisorctl("start", "database")
        settle(hall)
        before = int(hall.value("SELECT COUNT(*) FROM submission"))
        filler = small / "filler"
        with Crowd(hall, EACH) as crowd:
            with open(filler, "wb") as full:
                with pytest.raises(OSError):
                    while True:
                        full.write(bytes(1 << 20))
                        full.flush()
            wait_for(lambda: waiting(hall), within=60)
            time.sleep(SECONDS)
            filler.unlink()
            time.sleep(1)
        check(hall, crowd, before, tell, "disk_full")
        assert crowd.n_errors() == 0
    finally:
        hall.supervisorctl("stop", "database")
        if db.is_symlink():
            db.unlink()
            subprocess.run(["cp", "-a", small / "db", db], check=True)
        subprocess.run(["umount", small], check=True)
        hall.supervisorctl("start", "database")


def test_spool_full(hall, tell):
    """When there is no room left, the visitor is told, keeps the answers, and sends them when
    there is."""
    settle(hall)
    before = int(hall.value("SELECT COUNT(*) FROM submission"))
    hall.supervisorctl("stop", "database")
    # A megabyte is the least that can be set: it is filled by hand.
    blocks = [hall.state / "spool" / desk / "full.bad"
              for desk in ("membership", "supporters", "aid")]
    for block in blocks:
        with open(block, "wb") as file:
            file.truncate(64 << 20)
    try:
        with Crowd(hall, EACH) as crowd:
            wait_for(lambda: crowd.presses > 60)
            assert not crowd.codes, "acknowledged, and nowhere to be kept"
            for block in blocks:
                block.unlink()
            wait_for(lambda: len(crowd.codes) > 6)
            hall.supervisorctl("start", "database")
    finally:
        for block in blocks:
            block.unlink(missing_ok=True)
        hall.supervisorctl("start", "database")
    check(hall, crowd, before, tell, "spool_full")
