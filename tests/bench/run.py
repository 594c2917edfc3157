#!/usr/bin/python3
"""What a request costs, beside what the same thing costs when written by hand.

`make bench` calls this.  It starts a site of its own in a new folder, adds the floors of
this folder to it (started by the same supervisor, served by the same nginx, storing in
the same database server), and measures all of them in turns, several rounds, so that
whatever else the machine does meets all alike.  A ratio is taken within each round;
the middle one of the rounds is printed.

The generator's time is not counted: the figures are what nginx, the program and the
store spent, as the kernel's scheduler counts it.  Take ratios from them, not absolutes.

    BENCH_ROUNDS=6 BENCH_SECONDS=1.0    how often, and how long each row a time
    BENCH_WORKERS=8 BENCH_CONNECTIONS=16
    BENCH_STRICT=1                      fail when a goal is missed
    make bench BENCH_FLAGS="--json FILE"
"""

import argparse
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlencode
from urllib.request import urlopen

SRC = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("BUILDDIR", Path.cwd()))
FLOORS = BUILD / "tests/bench"
ROUNDS = int(os.environ.get("BENCH_ROUNDS", 6))
SECONDS = float(os.environ.get("BENCH_SECONDS", 1.0))
WORKERS = int(os.environ.get("BENCH_WORKERS", 8))
CONNECTIONS = int(os.environ.get("BENCH_CONNECTIONS", 16))
SMALL = 8192
TOKEN = "@" * 75                        # see load.c
WARM = 400

# An application such as people write.
ANSWERS = {
    "website": "", "name": "Ana María Example", "pronouns": "she", "adult": "yes",
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
    "step": "send", "token": TOKEN,
}

# name, what is measured, which program serves it
ROWS = [
    ("static", "nginx, a file of 8 KB", None),
    ("hello", "hello by hand", "hello"),
    ("page8", "page of 8 KB by hand", "page8"),
    ("page", "page of the form's size by hand", "page"),
    ("form", "GET of the join form", "join"),
    ("insert", "POST inserted by hand", "insert"),
    ("apply", "POST of an application", "join"),
    ("store", "single-row commits, store alone", None),
]


def stop(*words):
    sys.exit("bench: " + " ".join(map(str, words)))


def text_of(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ""


class Site:
    """A site that was started, and the floors beside it."""

    def __init__(self, state):
        self.state = state
        self.running = None

    def start(self):
        """Start it; give the seconds until its first page was there."""
        since = time.monotonic()
        env = {name: value for name, value in os.environ.items()
               if not name.startswith("DATABASE_")}
        env.update(STATE=str(self.state), PORT="0", LIMITS="off", SITE="party",
                   WORKERS=str(WORKERS), BUILDDIR=str(BUILD))
        self.running = subprocess.Popen(["sh", SRC / "deploy/run"], env=env, text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        for line in self.running.stdout:
            if match := re.match(r"ready http://127\.0\.0\.1:(\d+)", line):
                self.port = int(match[1])
                return time.monotonic() - since
        stop("the site did not start")

    def end(self):
        if self.running:
            self.running.terminate()
            self.running.communicate(timeout=90)
        self.running = None

    def control(self, *words):
        done = subprocess.run(["supervisorctl", "-c", self.state / "supervisor.conf",
                               *words], capture_output=True, text=True)
        if done.returncode:
            stop("supervisorctl", *words, "-", done.stdout)

    def sql(self, text):
        socket = self.state / "run/db.sock"
        done = subprocess.run(["mariadb", "--no-defaults", f"--socket={socket}"],
                              input=text, capture_output=True, text=True)
        if done.returncode:
            stop("mariadb:", done.stderr)

    def add_floors(self, sizes):
        """Start the floors as the site's own programs are: same supervisor, same nginx,
        same parts of configuration.  `sizes` are those of the pages."""
        secret = secrets.token_urlsafe(32)
        self.sql("CREATE DATABASE bench; CREATE TABLE bench.floor ("
                 "id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                 "name VARCHAR(200) NOT NULL, email VARCHAR(200) NOT NULL,"
                 "town VARCHAR(200) NOT NULL, body MEDIUMBLOB NOT NULL)"
                 "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;"
                 f"CREATE USER bench@localhost IDENTIFIED BY '{secret}';"
                 "GRANT INSERT ON bench.floor TO bench@localhost;")
        self.env = {"BENCH_SOCKET": str(self.state / "run/db.sock"),
                    "BENCH_ACCOUNT": "bench", "BENCH_SECRET": secret,
                    "BENCH_NAME": "bench"}
        self.floors = {"hello": "hello", "insert": "insert",
                       **{name: f"page {size}" for name, size in sizes.items()}}

        # The section of `join`, with another name and command.
        conf = self.state / "supervisor.conf"
        section = re.search(r"\[fcgi-program:join\]\n(?:.+\n)+", conf.read_text())[0]
        env = ",".join(f'{name}="{value}"' for name, value in self.env.items())
        with open(conf, "a") as out:
            for name, command in self.floors.items():
                out.write("\n" + section.replace("join", name).replace(
                    f"{BUILD}/{name}", f"{FLOORS}/{command}")
                    + f"environment = {env}\n")
        self.control("update")
        self.control("start", *(f"{name}:*" for name in self.floors))

        # The location of `join`, with another address and upstream.
        nginx = self.state / "nginx.conf"
        part = text_of(SRC / "nginx/openhall.conf")
        part = re.search(r'location ~ "[^"]*/join[^"]*" \{\n(?:.+\n)+?\}\n', part)[0]
        ups = places = ""
        for name in self.floors:
            ups += f"upstream openhall_{name} {{ server unix:{self.state}/run/{name}.sock; }}\n"
            places += part.replace("/join", f"/floor-{name}").replace("_join", f"_{name}")
        text = nginx.read_text().replace("\tserver {\n", ups + "\tserver {\n", 1)
        include = "\t\tinclude openhall/openhall.conf;\n"
        nginx.write_text(text.replace(include, places + include))
        (self.state / "html/floor.html").write_text("0123456789abcde\n" * (SMALL // 16))
        self.control("signal", "HUP", "nginx")
        self.processes()
        for _ in range(100):
            try:
                urlopen(f"http://127.0.0.1:{self.port}/floor-hello").read()
                break
            except OSError:
                time.sleep(0.05)
        else:
            stop("the floors do not answer")
        time.sleep(0.5)                 # nginx's former worker leaves
        self.processes()

    def processes(self):
        """Find the processes of each program: self.pids[name]."""
        children = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            fields = text_of(stat).rpartition(")")[2].split()
            if fields:
                children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        self.pids = {}
        top = int(text_of(self.state / "run/supervisor.pid"))
        for pid in children.get(top, []):
            command = text_of(f"/proc/{pid}/cmdline").split("\0")
            name = command[0].split()[0].rstrip(":").rpartition("/")[2]
            if name == "page":
                name = "page8" if command[1] == str(SMALL) else "page"
            self.pids.setdefault(name, []).extend([pid, *children.get(pid, [])])

    def spent(self, name):
        """Microseconds of processor that the processes of a program have had."""
        total = 0
        for pid in self.pids[name]:
            for task in Path(f"/proc/{pid}/task").iterdir():
                total += int((text_of(task / "schedstat").split() or [0])[0])
        return total / 1000

    def memory(self, name):
        """Of one worker, in MB: resident, of which private, of which shared."""
        pids = self.pids[name]
        total = {"VmRSS": 0, "RssAnon": 0, "RssFile": 0, "RssShmem": 0}
        for pid in pids:
            for key, value in re.findall(r"(\w+):\s+(\d+) kB", text_of(f"/proc/{pid}/status")):
                if key in total:
                    total[key] += int(value) / 1024 / len(pids)
        return {"resident": total["VmRSS"], "private": total["RssAnon"],
                "shared": total["RssFile"] + total["RssShmem"]}


class Bench:
    def __init__(self, site, folder):
        self.site = site
        self.folder = folder
        self.tokens = []

    def request(self, name, path, body=None):
        """Write the request of a row, as a browser would send it, but for a few headers
        that no program reads."""
        head = [f"{'POST' if body else 'GET'} {path} HTTP/1.1", "Host: 127.0.0.1:"
                f"{self.site.port}", "User-Agent: Mozilla/5.0 (X11; Linux x86_64) bench",
                "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
                "Accept-Language: en-US,en;q=0.5"]
        if body:
            head += ["Content-Type: application/x-www-form-urlencoded",
                     f"Content-Length: {len(body)}",
                     f"Origin: http://127.0.0.1:{self.site.port}"]
        (self.folder / name).write_text("\r\n".join(head) + "\r\n\r\n" + (body or ""))

    def requests(self):
        body = urlencode(ANSWERS, safe="@")
        body = body.replace("ana@example", "ana%40example")
        self.body = len(body)
        self.request("static", "/floor.html")
        for name in ("hello", "page8", "page"):
            self.request(name, f"/floor-{name}")
        self.request("form", "/join")
        self.request("insert", "/floor-insert", body)
        self.request("apply", "/join", body)

    def load(self, name, count, *more, take=False):
        command = [FLOORS / "load", *(["-t"] if take else []), str(self.site.port),
                   str(min(CONNECTIONS, count)), str(count),
                   "303" if name in ("insert", "apply") else "200",
                   self.folder / name, *more]
        return self.output(command)

    def output(self, command):
        done = subprocess.run(command, capture_output=True, text=True,
                              env={**os.environ, **self.site.env})
        if done.returncode:
            stop(done.stderr)
        return done.stdout.split("\n")[:-1]

    def fetch_tokens(self, count):
        self.tokens += self.load("form", count, take=True)

    def once(self, name, count):
        """Do `count` of one row; give seconds and the microseconds of each."""
        if name == "store":
            lines = self.output([FLOORS / "store", str(WORKERS), str(count),
                                 str(self.body)])
        elif name == "apply":
            path = self.folder / "tokens"
            path.write_text("".join(f"{token}\n" for token in self.tokens[:count]))
            del self.tokens[:count]
            lines = self.load(name, count, path)
        else:
            lines = self.load(name, count)
        return float(lines[0]), [float(line) for line in lines[1:]]

    def measure(self, name, program, count):
        """One round of one row: rate, latencies, and microseconds a request of each."""
        who = {"nginx": "nginx", "program": program, "store": "mariadbd"}
        before = {part: self.site.spent(of) for part, of in who.items() if of}
        seconds, took = self.once(name, count)
        return {"seconds": seconds, "took": took, "cpu": {
            part: (self.site.spent(who[part]) - spent) / count
            for part, spent in before.items()}}


def at(sorted_, part):
    return sorted_[min(len(sorted_) - 1, int(len(sorted_) * part))]


def total(round_):
    return sum(round_["cpu"].values())


def ratio(rounds, name, floor):
    return median(total(a) / total(b) for a, b in zip(rounds[name], rounds[floor]))


def summary(rounds):
    """What the rounds of a row say together."""
    took = sorted(one for round_ in rounds for one in round_["took"])
    cpu = {part: median(round_["cpu"][part] for round_ in rounds)
           for part in rounds[0]["cpu"]}
    return {"requests": len(took),
            "per_second": len(took) / sum(round_["seconds"] for round_ in rounds),
            "median_ms": at(took, 0.5) / 1000, "p99_ms": at(took, 0.99) / 1000,
            "cpu_us": {**cpu, "total": median(map(total, rounds))}}


def print_table(rows):
    print(f"\n{'':33}{'requests':>9}{'median':>8}{'99 %':>8}"
          f"{'server CPU, us a request':>36}")
    print(f"{'':33}{'a second':>9}{'ms':>8}{'ms':>8}"
          f"{'nginx':>9}{'program':>9}{'store':>9}{'all':>9}")
    for name, title, _ in ROWS:
        row = rows[name]
        parts = "".join(f"{row['cpu_us'][part]:9.1f}" if part in row["cpu_us"] else
                        f"{'-':>9}" for part in ("nginx", "program", "store", "total"))
        print(f"{title:33}{row['per_second']:9.0f}{row['median_ms']:8.2f}"
              f"{row['p99_ms']:8.2f}{parts}")


def bench(site, folder):
    run = Bench(site, folder)
    run.requests()
    counts = {}
    run.fetch_tokens(WARM)
    time.sleep(4)                       # the site's least age of a form
    for name, _, _ in ROWS:
        seconds, _ = run.once(name, WARM)
        counts[name] = max(WARM, int(SECONDS * WARM / seconds))
    run.fetch_tokens(ROUNDS * counts["apply"])
    time.sleep(4)
    rounds = {name: [] for name, _, _ in ROWS}
    for number in range(ROUNDS):
        if sys.stderr.isatty():
            print(f"round {number + 1} of {ROUNDS}", end="\r", file=sys.stderr)
        for name, _, program in ROWS:
            rounds[name].append(run.measure(name, program, counts[name]))
    return rounds, run.body


def main():
    parser = argparse.ArgumentParser(description="See tests/bench/run.py.")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    wanted = parser.parse_args()
    for name in ("load", "hello", "page", "insert", "store"):
        if not (FLOORS / name).exists():
            stop(FLOORS / name, "is not built; run make bench")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    (BUILD / "tests/log").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench.", dir=BUILD / "tests/log"))
    site = Site(folder / "state")
    try:
        site.start()
        site.end()
        first = site.start()
        page = urlopen(f"http://127.0.0.1:{site.port}/join").read()
        sizes = {"page8": SMALL, "page": len(page)}
        site.add_floors(sizes)
        rounds, body = bench(site, folder)
        memory = {name: site.memory(name)
                  for name in ("join", "receipt", "admin", "hello", "insert")}
    finally:
        site.end()
        shutil.rmtree(folder, ignore_errors=True)

    rows = {name: summary(rounds[name]) for name, _, _ in ROWS}
    print(f"{WORKERS} workers of each program, {CONNECTIONS} connections, {ROUNDS} rounds "
          f"of {SECONDS:g} s a row; the form has {len(page)} bytes, what is posted {body}")
    print_table(rows)
    print(f"\n{'memory of a worker, MB':33}{'resident':>9}{'private':>9}{'shared':>9}")
    for name, has in memory.items():
        print(f"{name:33}{has['resident']:9.1f}{has['private']:9.1f}{has['shared']:9.1f}")

    goals = [
        ("form / page of its size by hand, CPU", ratio(rounds, "form", "page"), 1.3),
        ("form / page of 8 KB by hand, CPU", ratio(rounds, "form", "page8"), 1.3),
        ("application / insert by hand, CPU", ratio(rounds, "apply", "insert"), 2.0),
        ("largest worker, MB resident", max(memory[name]["resident"] for name in
                                            ("join", "receipt", "admin")), 12),
        ("existing state to first page, s", first, 3),
    ]
    print(f"\n{'':41}{'is':>8}{'goal':>8}")
    for title, value, goal in goals:
        print(f"{title:41}{value:8.2f}{goal:8.1f}{'' if value <= goal else '   missed'}")
    if wanted.json:
        Path(wanted.json).write_text(json.dumps({
            "workers": WORKERS, "connections": CONNECTIONS, "rounds": ROUNDS,
            "form_bytes": len(page), "post_bytes": body, "rows": rows, "memory_mb": memory,
            "goals": [{"what": title, "is": value, "goal": goal}
                      for title, value, goal in goals]}, indent=1) + "\n")
    if os.environ.get("BENCH_STRICT") and any(value > goal for _, value, goal in goals):
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
