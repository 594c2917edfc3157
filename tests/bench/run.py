#!/usr/bin/python3
"""What a request costs, beside what the same thing costs when written by hand.

`make bench` calls this.  It starts a site of its own in a new folder, adds the floors of
this folder to it (stage.py), and measures all of them in turns (rows.py), several rounds,
so that whatever else the machine does meets all alike.  A ratio is taken within each
round; the middle one of the rounds is printed.  Then it fills two desks with very many
submissions, and asks for the pages of an admin (desks.py).

The generator's time is not counted: the figures are what nginx, the program and the
store spent, as the kernel's scheduler counts it.  Take ratios from them, not absolutes.

    BENCH_ROUNDS=6 BENCH_SECONDS=0.7    how often, and how long each row a time
    BENCH_WORKERS=8 BENCH_CONNECTIONS=16
    BENCH_SUBMISSIONS=100000            at each desk; 0 leaves the desks out
    BENCH_MAILS=50000                   announced; 0 leaves them out
    BENCH_STRICT=1                      fail when a goal is missed
    make bench BENCH_FLAGS="--json FILE"
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median
from urllib.request import urlopen

import mail
import pages as public
import stock
from desks import SUBMISSIONS, Desks
from rows import CONNECTIONS, FORMS, PROGRAM, ROWS, Bench
from stage import BUILD, FLOORS, Site, stop

ROUNDS = int(os.environ.get("BENCH_ROUNDS", 6))
SECONDS = float(os.environ.get("BENCH_SECONDS", 0.7))
WORKERS = int(os.environ.get("BENCH_WORKERS", 8))
PROGRAMS = ("join", "support", "aid", "receipt", *public.PROGRAMS, "admin")


def tell(text):
    if sys.stderr.isatty():
        print(f"{text:40}", end="\r", file=sys.stderr)


# ---- what the rounds say ----

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


def goals_of(rounds, memory, first, pages, mails):
    """What is wanted of each: title, what it is, what it may be."""
    forms = {name: form for name, form in FORMS.items() if form.promised}
    for name, form in forms.items():
        yield f"{form.get} / page of its size by hand", ratio(
            rounds, f"get_{name}", f"page_{name}"), 1.3
    yield "the join form / page of 8 KB by hand", ratio(rounds, "get_join", "page8"), 1.3
    for name, form in forms.items():
        yield f"{form.post} / insert by hand", ratio(
            rounds, f"post_{name}", f"insert_{name}"), 2.0
    yield from public.goals(partial(ratio, rounds))
    yield "largest worker, MB resident", max(
        has["resident"] for has in memory.values()), 12
    yield "existing state to first page, s", first, 3
    if pages:
        title, page = max(pages.items(), key=lambda item: item[1]["ms"])
        yield f"slowest page of a desk, ms ({title})", page["ms"], 150
    yield from mail.goals(mails)


# ---- tables ----

def print_rows(rows, filing):
    print(f"\n{'':36}{'requests':>9}{'median':>8}{'99 %':>8}"
          f"{'server CPU, us a request':>36}")
    print(f"{'':36}{'a second':>9}{'ms':>8}{'ms':>8}"
          f"{'nginx':>9}{'program':>9}{'store':>9}{'all':>9}")
    for name, (title, _) in ROWS.items():
        row = rows[name]
        parts = "".join(f"{row['cpu_us'][part]:9.1f}" if part in row["cpu_us"] else
                        f"{'-':>9}" for part in ("nginx", "program", "store", "total"))
        print(f"{title:36}{row['per_second']:9.0f}{row['median_ms']:8.2f}"
              f"{row['p99_ms']:8.2f}{parts}")
    print(f"{'filing it later, by the courier':36}{'-':>9}{'-':>8}{'-':>8}{'-':>9}"
          f"{filing['program']:9.1f}{filing['store']:9.1f}{sum(filing.values()):9.1f}")


def print_memory(memory):
    print(f"\n{'memory of a worker, MB':36}{'resident':>9}{'private':>9}{'shared':>9}")
    for name, has in memory.items():
        print(f"{name:36}{has['resident']:9.1f}{has['private']:9.1f}{has['shared']:9.1f}")


def print_pages(pages, reads):
    print(f"\n{f'{SUBMISSIONS} submissions at each desk':36}{'median':>9}{'slowest':>9}"
          f"{'CPU, ms':>20}")
    print(f"{'':36}{'ms':>9}{'ms':>9}{'program':>11}{'store':>9}")
    for title, page in pages.items():
        print(f"{title:36}{page['ms']:9.1f}{page['slowest_ms']:9.1f}"
              f"{page['program'] / 1000:11.1f}{page['store'] / 1000:9.1f}")
    words = ", ".join(f"{n} {name.removeprefix('Handler_')}" for name, n in reads.items())
    print(f"{'rows read to find the person':36} {words}")


def print_goals(goals):
    print(f"\n{'':57}{'is':>8}{'goal':>8}")
    for title, value, goal in goals:
        print(f"{title:57}{value:8.2f}{goal:8.1f}{'' if value <= goal else '   missed'}")


def main():
    parser = argparse.ArgumentParser(description="See tests/bench/run.py.")
    parser.add_argument("--json", metavar="FILE", help="write the figures there, too")
    wanted = parser.parse_args()
    for name in ("load", "hello", "page", "insert", "store", "stored", "mail",
                 "readers", "sink"):
        if not (FLOORS / name).exists():
            stop(FLOORS / name, "is not built; run make bench")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    (BUILD / "tests/log").mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench.", dir=BUILD / "tests/log"))
    site = Site(folder / "state", WORKERS)
    pages = reads = None
    try:
        site.start()
        site.end()
        first = site.start()
        site.control("stop", "courier")     # what it does has a row of its own
        site.sql(stock.CROWD)
        sizes = {form: len(urlopen(site.base + path).read())
                 for form, (path, *_) in FORMS.items()}
        run = Bench(site, folder, sizes, ROUNDS, SECONDS)
        site.add_floors(run.floors())
        rounds = run.run(tell)
        tell("filing")
        filing = run.file()
        if SUBMISSIONS:
            desks = Desks(site)
            desks.fill(tell)
            tell("asking for the pages of desks")
            pages, reads = desks.run(), desks.reads()
        mails = mail.measure(site, folder, tell)
        memory = {name: site.memory(name) for name in (*PROGRAMS, "hello", "insert_join")}
    finally:
        site.end()
        shutil.rmtree(folder, ignore_errors=True)

    rows = {name: summary(rounds[name]) for name in PROGRAM}
    goals = list(goals_of(rounds, {name: memory[name] for name in PROGRAMS}, first, pages,
                          mails))
    print(f"{WORKERS} workers of each program, {CONNECTIONS} connections, {ROUNDS} rounds "
          f"of {SECONDS:g} s a row; bytes of a page and of what is posted: "
          + ", ".join(f"{form} {sizes[form]}, {len(run.bodies[form])}" for form in FORMS))
    print_rows(rows, filing)
    public.print_pages(rows, run.pages.sizes)
    print_memory(memory)
    if pages:
        print_pages(pages, reads)
    mail.show(mails)
    print_goals(goals)
    if wanted.json:
        Path(wanted.json).write_text(json.dumps({
            "workers": WORKERS, "connections": CONNECTIONS, "rounds": ROUNDS,
            "form_bytes": sizes, "post_bytes": {form: len(body) for form, body
                                                in run.bodies.items()},
            "page_bytes": run.pages.sizes,
            "rows": rows, "filing_us": filing, "memory_mb": memory,
            "submissions": SUBMISSIONS, "desk_pages": pages, "find_reads": reads,
            "mails": mails,
            "goals": [{"what": title, "is": value, "goal": goal}
                      for title, value, goal in goals]}, indent=1) + "\n")
    if os.environ.get("BENCH_STRICT") and any(value > goal for _, value, goal in goals):
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
