"""The whole site on this machine, for tests: started and ended by deploy/run.

DATABASE_SOCKET names a running server to use instead of a private one, with
DATABASE_OWNER and DATABASE_NAME, as deploy/run takes them.  A server holds the accounts
of one portal, so only one such stack can be there at a time.
"""

import os
import re
import secrets
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import Faults, SupervisorTransport

SRC = Path(os.environ.get("SRCDIR") or Path(__file__).resolve().parents[2])
BUILD = Path(os.environ.get("BUILDDIR") or SRC)
EXTERNAL = os.environ.get("DATABASE_SOCKET")
PROGRAMS = ("join", "support", "aid", "units", "events", "statements", "receipt", "admin")


def site_copy(folder, site="party", **settings):
    """A site of its own in `folder`, with other lines in its site.conf.  A name that stands
    once there is set by itself, and one within a section by a dict for that section:
    site_copy(folder, least_seconds=0, membership={"quorum": 3}, aid={"ask_days": 1})."""
    to = Path(folder) / "site"
    shutil.copytree(SRC / "www/sites" / site, to)
    conf = to / "site.conf"
    text = conf.read_text()
    for name, value in settings.items():
        if isinstance(value, dict):
            section = re.search(rf"(?ms)^(?:\w+ )?{name} \{{$.*?^\}}$", text)
            assert section, f"no section {name} in {conf}"
            inner = section[0]
            for line, new in value.items():
                inner = other_line(inner, line, new)
            text = text.replace(section[0], inner)
        else:
            text = other_line(text, name, value)
    conf.write_text(text)
    return to


def other_line(text, name, value):
    text, n = re.subn(rf"(?m)^(\s*{name}\s*=).*$", rf"\1 {value}", text)
    assert n == 1, f"{name} stands {n} times in:\n{text}"
    return text


class Stack:
    """One running site.  `site`: party, caucus, or a folder."""

    def __init__(self, folder, site="party", **environment):
        self.folder = Path(folder)
        self.state = self.folder / "state"
        self.site = str(site)
        self.environment = {"PORT": "0", "LIMITS": "off", **environment}
        self.socket = EXTERNAL or str(self.state / "run/db.sock")
        self.database = os.environ.get("DATABASE_NAME", "openhall_test") \
            if EXTERNAL else "openhall"
        self.owner = os.environ.get("DATABASE_OWNER", "root") if EXTERNAL else None
        self.process = self.base = self.recovery = self.invitation = None
        self.output = []
        self.clients = []       # each is asked by one at a time

    # ---- life ----

    def environ(self, **more):
        env = {k: v for k, v in os.environ.items()
               if k not in ("SITE", "WORKERS", "LIMITS", "OPENHALL_CONF")}
        env.update(BUILDDIR=str(BUILD), STATE=str(self.state), SITE=self.site,
                   DATABASE_NAME=self.database, **self.environment)
        env.update(more)
        return env

    def start(self, within=90):
        """Start it, and wait until it answers.  The first start tells its codes."""
        if EXTERNAL and not self.state.exists():
            self.sql(f"DROP DATABASE IF EXISTS {self.database}", database="")
        self.base = None
        self.process = subprocess.Popen(
            ["sh", SRC / "deploy/run"], env=self.environ(), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        ready = threading.Event()
        self.listener = threading.Thread(target=self._listen, args=(ready,), daemon=True)
        self.listener.start()
        if not ready.wait(within) or self.base is None:
            self.stop()
            raise RuntimeError("the stack does not start:\n" + "".join(self.output))
        return self

    def _listen(self, ready):
        for line in self.process.stdout:
            self.output.append(line)
            if match := re.match(r"Recovery code: (\S+)", line):
                self.recovery = match[1]
            elif match := re.match(r"(http\S+/admin/welcome\?invitation=\S+)", line):
                self.invitation = match[1]
            elif match := re.match(r"ready (\S+)", line):
                self.base = match[1]
                ready.set()
        ready.set()

    def stop(self, within=60):
        """End it as a service manager would; gives its exit status."""
        if self.process is None:
            return None
        for client in self.clients:
            client.end()
        self.clients = []
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(within)
            self.listener.join(within)
        finally:
            self.process.stdout.close()
            self.process = None
        # In a build with --enable-sanitizers.
        reports = re.findall(r".*(?:Sanitizer|runtime error): .*", self.logs())
        assert not reports, reports
        return status

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # ---- what stands behind it ----

    @property
    def port(self):
        return int(self.base.rpartition(":")[2])

    @property
    def conf(self):
        return self.state / "openhall.conf"

    @property
    def form_key(self):
        return (self.state / "keys/form.key").read_bytes()

    def program_socket(self, program):
        return str(self.state / "run" / f"{program}.sock")

    def client(self, name="mariadb"):
        """The command line of a client that is the schema's owner."""
        return [name, "--no-defaults", f"--socket={self.socket}",
                *([f"--user={self.owner}"] if self.owner else [])]

    def sql(self, text, database=None):
        """Run it as the schema's owner.  Rows of texts; NULL is None."""
        client = self._client(database)
        got = client.ask(text)
        if database is None:
            self.clients.append(client)
        else:
            client.end()
        return [tuple(None if cell == "NULL" else cell for cell in line.split("\t"))
                for line in got.splitlines()]

    def _client(self, database):
        """One that nobody is asking, of the server that is there now."""
        while database is None and self.clients:
            client = self.clients.pop()
            if client.server == Client.identity(self.socket):
                return client
            client.end()
        return Client(self, self.database if database is None else database)

    def value(self, text):
        """The one value of the one row."""
        (row,) = self.sql(text)
        (cell,) = row
        return cell

    def settle(self):
        """Wait until the courier has filed what came in."""
        wait_for(lambda: not list((self.state / "spool").glob("*/*"))
                 and self.value("SELECT COUNT(*) FROM submission WHERE filed = 0") == "0")

    def openhall(self, *words, stdin=""):
        return subprocess.run([BUILD / "openhall", "-c", self.conf, *words], input=stdin,
                              text=True, capture_output=True, timeout=60)

    def logs(self):
        """All that was logged: what must hold no secret."""
        return "".join(path.read_text(errors="replace")
                       for path in sorted((self.state / "log").iterdir()))

    # ---- processes ----

    def supervisor(self, what, *about):
        """Ask it what supervisorctl asks, which takes a fifth of a second to start."""
        with ServerProxy("http://127.0.0.1", SupervisorTransport(
                serverurl=f"unix://{self.state}/run/supervisor")) as proxy:
            return getattr(proxy.supervisor, what)(*about)

    def supervisorctl(self, what, *names):
        """start, stop or restart "database", "join:*" or "all", and wait until it is done."""
        for name in names:
            for verb in ("stop", "start") if what == "restart" else (what,):
                try:
                    if name == "all":
                        self.supervisor(f"{verb}AllProcesses")
                    else:
                        self.supervisor(f"{verb}Process", name)
                except Fault as fault:      # it was so before, or does not go
                    assert fault.faultCode != Faults.BAD_NAME, name
                if (verb, name) == ("start", "database"):
                    self.running(name)

    def pids(self, program):
        """What runs as `program` now, as the supervisor knows it."""
        try:
            return {one["pid"] for one in self.supervisor("getAllProcessInfo")
                    if one["group"] == program and one["statename"] == "RUNNING"}
        except (OSError, Fault):        # it has ended, or is about to
            return set()

    def running(self, program, n=None):
        """The same, when all of it are up, which takes a second, and the database answers."""
        n = n or (2 if program in PROGRAMS else 1)
        found = wait_for(lambda: len(pids := self.pids(program)) == n and pids)
        if program == "database":
            wait_for(self.answers)
        return found

    def answers(self):
        """Whether the database does, which takes a moment longer than to be up."""
        try:
            return self.sql("SELECT 1")
        except AssertionError:
            return False


class Client:
    """A client of a stack's database that stays: starting one takes longer than most
    answers."""

    def __init__(self, stack, database):
        self.server = self.identity(stack.socket)
        self.process = subprocess.Popen(
            [*stack.client(), "--batch", "--skip-column-names", "--unbuffered", database],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    @staticmethod
    def identity(socket):
        """Of the server that listens there: another one makes it anew."""
        try:
            return os.stat(socket).st_ctime_ns
        except FileNotFoundError:
            return None

    def ask(self, text, within=60):
        """What it prints.  A mistake ends it."""
        end, lines = secrets.token_hex(16), []
        watch = threading.Timer(within, self.process.kill)
        # Aside, for while it prints much it reads nothing.
        said = threading.Thread(target=self._say, args=(f"{text}\n;\nSELECT '{end}';\n",))
        watch.start()
        said.start()
        try:
            for line in self.process.stdout:
                if line == f"{end}\n":
                    return "".join(lines)
                lines.append(line)
        finally:
            watch.cancel()
            said.join()
        raise AssertionError(self.end())

    def _say(self, text):
        try:
            self.process.stdin.write(text)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def end(self):
        """Gives what it complained of."""
        return self.process.communicate()[1]


def wait_for(what, within=20, every=0.05):
    """Call `what` until its answer is true; gives that answer."""
    until = time.monotonic() + within
    while True:
        if got := what():
            return got
        assert time.monotonic() < until, f"not within {within} s: {what}"
        time.sleep(every)
