"""One statement announced to very many readers, whose addresses are sealed: how fast it
becomes mail, how fast that goes to a mail server on this machine, next to the same mail sent
by libcurl alone, and what memory the courier has meanwhile."""

import os
import re
import resource
import socket
import subprocess
import time
from pathlib import Path
from statistics import median

from stage import FLOORS, stop, text_of

MAILS = int(os.environ.get("BENCH_MAILS", 50_000))
CONNECTIONS = 2
ROUNDS = 3                              # of the floor
WITHIN = 900                            # seconds, for all of it
FROM = "news@example.org"

ANNOUNCE = """
INSERT INTO published (id, work, lang, slug, title, summary, html, published_at) VALUES
    ('bench announced.', 'bench announced.', 'en', 'bench-announced',
    'What was decided on Sunday', '{summary}', '', 1);
INSERT INTO mailing (id, lang, asked_at, asked_by, due_at) VALUES
    ('bench announced.', 'en', 1, '', 1);
"""
SUMMARY = "The assembly met, and this is what it wants, from whom, and until when. " * 4


class Mails:
    def __init__(self, site, folder):
        self.site = site
        self.first = folder / "mail"    # the first one, which the floor sends, too
        self.sink = subprocess.Popen([FLOORS / "sink", self.first], text=True,
                                     stdout=subprocess.PIPE)
        self.port = int(self.sink.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sink.terminate()
        self.sink.communicate()

    def subscribe(self):
        done = subprocess.run([FLOORS / "readers", self.site.state / "openhall.conf",
                               str(MAILS)], capture_output=True, text=True)
        if done.returncode:
            stop("readers:", done.stderr)
        self.site.sql(done.stdout)
        self.site.sql("ANALYZE TABLE subscriber, outbox;")

    def start_courier(self):
        conf = self.site.state / "openhall.conf"
        text = re.sub(r"(?ms)^mail \{$.*?^\}$\n?", "", conf.read_text())
        conf.write_text(text + f'mail {{\nserver = "smtp://127.0.0.1:{self.port}"\n'
                        f'from = "{FROM}"\nrate = 36000000\n'
                        f'connections = {CONNECTIONS}\n}}\n')
        self.site.control("start", "courier")
        self.site.find_processes()

    def sent(self):
        """How many the mail server has."""
        with socket.create_connection(("127.0.0.1", self.port)) as s, s.makefile("rw") as f:
            f.readline()
            f.write("HELP\r\n")
            f.flush()
            return int(f.readline().split()[1])

    def resident(self):
        """MB of the largest of the courier's processes."""
        return max(int(re.search(r"VmRSS:\s+(\d+)", text_of(f"/proc/{pid}/status"))[1]) / 1024
                   for pid in self.site.pids["courier"])

    def spent(self):
        """Microseconds of processor that each has had."""
        return {"courier": self.site.spent("courier"), "store": self.site.spent("database"),
                "sink": self.spent_by_sink()}

    def spent_by_sink(self):
        return int(text_of(f"/proc/{self.sink.pid}/schedstat").split()[0]) / 1000

    def announce(self, tell):
        """Seconds until all are mails, and until all are sent; MB at a tenth and at the end;
        and what of the processor each had for a mail."""
        got, sent, before = {}, 0, self.spent()
        self.site.sql(ANNOUNCE.format(summary=SUMMARY))
        since = time.monotonic()
        while sent < MAILS:
            time.sleep(0.2)
            sent, took = self.sent(), time.monotonic() - since
            tell(f"announcing: {sent}")
            if took > WITHIN:
                stop("only", sent, "mails were sent in", WITHIN, "seconds")
            if "expand_s" not in got and self.site.sql(
                    "SELECT 1 FROM mailing WHERE expanded_at IS NOT NULL;"):
                got["expand_s"] = took
            if "early_mb" not in got and sent >= MAILS / 10:
                got["early_mb"] = self.resident()
        after = self.spent()
        got.update(send_s=took, late_mb=self.resident(), cpu_us={
            name: (after[name] - before[name]) / MAILS for name in after})
        self.site.control("stop", "courier")
        left = self.site.sql("SELECT COUNT(*) FROM outbox WHERE mailing = 'bench announced.'"
                             " AND state <> 'sent';")
        if left != ["0"] or self.sent() != MAILS:
            stop("of", MAILS, "mails", left[0], "were not sent, and", self.sent(), "came")
        return got

    def floor(self):
        """Mails a second by libcurl alone, and microseconds of processor for one."""
        n = max(1, MAILS // ROUNDS)
        before = resource.getrusage(resource.RUSAGE_CHILDREN), self.spent_by_sink()
        done = [subprocess.run([FLOORS / "mail", str(self.port), str(n), self.first],
                               capture_output=True, text=True) for _ in range(ROUNDS)]
        if any(one.returncode for one in done):
            stop(done[0].stderr)
        after = resource.getrusage(resource.RUSAGE_CHILDREN), self.spent_by_sink()
        own = sum(getattr(after[0], part) - getattr(before[0], part)
                  for part in ("ru_utime", "ru_stime")) * 1e6
        return {"floor_per_second": n / median(float(one.stdout) for one in done),
                "floor_cpu_us": {"libcurl": own / (n * ROUNDS),
                                 "sink": (after[1] - before[1]) / (n * ROUNDS)}}

    def run(self, tell):
        tell("subscribing readers")
        self.subscribe()
        self.start_courier()
        got = self.announce(tell)
        tell("sending mail by libcurl alone")
        return {"mails": MAILS, "bytes": self.first.stat().st_size, **got,
                "per_second": MAILS / got["send_s"], **self.floor()}


def measure(site, folder, tell):
    """None where it is left out."""
    if MAILS == 0:
        return None
    with Mails(site, Path(folder)) as mails:
        return mails.run(tell)


def goals(got):
    if got:
        yield ("mails by libcurl alone / announced, a second",
               got["floor_per_second"] / got["per_second"], 2.0)
        yield ("courier's memory, at the end / at a tenth",
               got["late_mb"] / got["early_mb"], 1.1)


def cpu(spent):
    return ", ".join(f"{name} {us:.0f}" for name, us in spent.items())


def show(got):
    if got:
        print(f"\n{got['mails']} announcements of {got['bytes']} bytes: all are mails after "
              f"{got['expand_s']:.1f} s, sent after {got['send_s']:.1f} s.\n"
              f"{got['per_second']:.0f} a second; CPU, us a mail: {cpu(got['cpu_us'])}\n"
              f"{got['floor_per_second']:.0f} a second by libcurl alone: "
              f"{cpu(got['floor_cpu_us'])}\n"
              f"The courier's largest process: {got['early_mb']:.1f} MB at a tenth, "
              f"{got['late_mb']:.1f} MB at the end")
