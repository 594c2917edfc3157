"""The site that is measured, and beside it the floors: started by the same supervisor,
served by the same nginx, storing in the same database server."""

import os
import re
import secrets
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

SRC = Path(__file__).resolve().parent.parent.parent
BUILD = Path(os.environ.get("BUILDDIR", Path.cwd()))
FLOORS = BUILD / "tests/bench"


def stop(*words):
    sys.exit("bench: " + " ".join(map(str, words)))


def text_of(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ""


class Site:
    def __init__(self, state, workers):
        self.state = state
        self.workers = workers
        self.running = self.invitation = None

    def start(self):
        """Start it; give the seconds until its first page was there."""
        since = time.monotonic()
        env = {name: value for name, value in os.environ.items()
               if not name.startswith("DATABASE_")}
        env.update(STATE=str(self.state), PORT="0", LIMITS="off", SITE="party",
                   WORKERS=str(self.workers), BUILDDIR=str(BUILD))
        self.running = subprocess.Popen(["sh", SRC / "deploy/run"], env=env, text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        for line in self.running.stdout:
            if match := re.match(r"http://\S+(/admin/welcome\?invitation=\S+)", line):
                self.invitation = match[1]
            elif match := re.match(r"ready (http://127\.0\.0\.1:(\d+))", line):
                self.base, self.port = match[1], int(match[2])
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
        if done.returncode and words != ("status",):    # 3: not everything runs
            stop("supervisorctl", *words, "-", done.stdout)
        return done.stdout

    def sql(self, text):
        """Run it as the owner; give the lines that come back."""
        socket = self.state / "run/db.sock"
        done = subprocess.run(["mariadb", "--no-defaults", f"--socket={socket}",
                               "--batch", "--skip-column-names", "--raw", "openhall"],
                              input=text, capture_output=True, text=True)
        if done.returncode:
            stop("mariadb:", done.stderr)
        return done.stdout.splitlines()

    def add_floors(self, floors):
        """Start the floors as the site's own programs are: same supervisor, same nginx,
        same parts of configuration.  `floors`: their commands by name."""
        secret = secrets.token_urlsafe(32)
        self.sql("CREATE DATABASE bench; CREATE TABLE bench.floor ("
                 "id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,"
                 "name VARCHAR(200) NOT NULL, email VARCHAR(200) NOT NULL,"
                 "town VARCHAR(200) NOT NULL, body MEDIUMBLOB NOT NULL)"
                 "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;"
                 "CREATE TABLE bench.stored (name VARCHAR(40) NOT NULL PRIMARY KEY,"
                 "type VARCHAR(64) NOT NULL, body MEDIUMBLOB NOT NULL)"
                 "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;"
                 f"CREATE USER bench@localhost IDENTIFIED BY '{secret}';"
                 "GRANT INSERT ON bench.floor TO bench@localhost;"
                 "GRANT SELECT ON bench.stored TO bench@localhost;"
                 "SET GLOBAL max_connections = 250;")
        self.env = {"BENCH_SOCKET": str(self.state / "run/db.sock"),
                    "BENCH_ACCOUNT": "bench", "BENCH_SECRET": secret,
                    "BENCH_NAME": "bench"}

        # The section of `join`, with another name and command.
        conf = self.state / "supervisor.conf"
        section = re.search(r"\[fcgi-program:join\]\n(?:.+\n)+", conf.read_text())[0]
        env = ",".join(f'{name}="{value}"' for name, value in self.env.items())
        with open(conf, "a") as out:
            for name, command in floors.items():
                out.write("\n" + section.replace("join", name).replace(
                    f"{BUILD}/{name}", f"{FLOORS}/{command}")
                    + f"environment = {env}\n")
        self.control("update")
        self.control("start", *(f"{name}:*" for name in floors))
        self.add_places(list(floors))
        time.sleep(0.5)                 # nginx's former worker leaves
        self.find_processes()

    def add_places(self, names):
        """The location of the public programs, with other addresses and upstreams; and what
        nginx keeps, past its cache, below /uncached."""
        nginx = self.state / "nginx.conf"
        part = re.search(r'location ~ "[^"]*<openhall_program>join[^"]*" \{\n(?:.+\n)+?\}\n',
                         text_of(SRC / "nginx/openhall.conf"))[0]
        place = re.sub(r"\(\?<openhall_program>[^)]*\)",
                       f"floor-(?<openhall_program>{'|'.join(names)})", part)
        uncached = part.replace(part.split("\n")[0], (
            'location ~ "^/uncached/(?<openhall_program>[a-z]+)" {\n'
            '\trewrite "^/uncached(/.*)$" $1 break;'))
        ups = "".join(f"upstream openhall_{name} {{ server"
                      f" unix:{self.state}/run/{name}.sock; }}\n" for name in names)
        text = nginx.read_text().replace("\tserver {\n", ups + "\tserver {\n", 1)
        include = "\t\tinclude openhall/openhall.conf;\n"
        nginx.write_text(text.replace(include, place + uncached + include))
        self.control("signal", "HUP", "nginx")
        for _ in range(100):
            try:
                urlopen(f"{self.base}/floor-{names[0]}").read()
                return
            except OSError:
                time.sleep(0.05)
        stop("the floors do not answer")

    def find_processes(self):
        """Those of each program, with their children: self.pids[name]."""
        children = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            fields = text_of(stat).rpartition(")")[2].split()
            # nginx's loader leaves after a minute.
            if fields and "cache loader" not in text_of(stat.parent / "cmdline"):
                children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
        self.pids = {}
        for name, pid in re.findall(r"(?m)^(\w+)(?::\S+)? +RUNNING +pid (\d+)",
                                    self.control("status")):
            self.pids.setdefault(name, []).extend([int(pid), *children.get(int(pid), [])])

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
