"""Visitors who fill in all three forms, one after the other, while something is broken, and
do not give up before they hold a receipt."""

import secrets
import sys
import threading
import time
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).parents[1] / "http"))

from portal import Page, Visitor, complete, word       # noqa: E402

PATHS = ("/join", "/support", "/aid/request")
GIVE_UP = 60                    # seconds for one submission, and then it is a fault


class Broken(Exception):
    """What no visitor must meet."""


class Crowd:
    """`each` visitors a form, while the `with` lasts; on leaving, each finishes what it has
    begun.  `codes`: the receipts, each with the word that only its sender knows."""

    def __init__(self, stack, each=2):
        self.stack = stack
        self.codes, self.faults = {}, []
        self.sent = self.presses = self.unreached = 0
        self.errors = {path: [] for path in PATHS}      # (when, how long) of 5xx answers
        self._going, self._lock = True, threading.Lock()
        self._threads = [threading.Thread(target=self._visit, args=(path,))
                         for path in PATHS for _ in range(each)]

    # ---- one visitor ----

    def _visit(self, path):
        while self._going:
            try:
                self._submit(path)
            except Exception as fault:          # noqa: BLE001 -- shown by the test
                self.faults.append(f"{path}: {fault!r}")
                return

    def _patiently(self, path, ask, mark=None):
        """Ask until the answer is neither a 5xx nor a connection that was refused.  Where the
        answer is a page of the program's own, what was typed must stand in it."""
        since, began = None, time.monotonic()
        while True:
            self.presses += 1
            try:
                got = ask()
            except requests.exceptions.ConnectionError as error:
                if "IncompleteRead" in repr(error):
                    raise Broken(f"an answer was cut short: {error!r}") from error
                got = None
                self.unreached += 1
            now = time.monotonic()
            # requests does not look.
            length = got and got.headers.get("Content-Length")
            if length and len(got.content) != int(length):
                raise Broken(f"{len(got.content)} of {length} bytes")
            if got is not None and got.status_code < 500:
                if since:
                    self.errors[path].append((since, now - since))
                return got
            if got is not None:
                if got.status_code != 503:
                    raise Broken(f"{got.status_code} for {path}")
                since = since or now
                page = Page(got.text)
                if mark and any(f.action.endswith(path) for f in page.forms) \
                        and mark not in got.text:
                    raise Broken(f"{path}: what was typed is gone")
            if now - began > GIVE_UP:
                raise Broken(f"{path}: no answer but {got and got.status_code} for {GIVE_UP} s")
            time.sleep(0.05)

    def _submit(self, path):
        visitor, mark = Visitor(self.stack), word() + secrets.token_hex(4)
        form = Page(self._patiently(path, lambda: visitor.get(path)).text).form(path)
        answers = complete(form, {"name": mark})
        pairs = form.filled(answers, ("step", "review"))
        review = self._patiently(path, lambda: visitor.post(path, data=pairs), mark)
        if review.status_code != 200 or mark not in review.text:
            raise Broken(f"{path}: {review.status_code} instead of the answers")
        final = Page(review.text).form(path).filled(button=("step", "send"))
        with self._lock:
            self.sent += 1
        got = self._patiently(path, lambda: visitor.post(path, data=final), mark)
        if got.status_code != 303:
            raise Broken(f"{path}: {got.status_code} instead of a receipt")
        page = self._patiently(path, lambda: visitor.get("/receipt"))
        code = Page(page.text).code()
        with self._lock:
            if not code or code in self.codes:
                raise Broken(f"{path}: the code {code} was given twice, or none")
            self.codes[code] = mark

    # ---- all of them ----

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._going = False
        for thread in self._threads:
            thread.join()

    def longest_error(self):
        """The longest time for which one visitor met nothing but 5xx, in seconds."""
        return max((long for errors in self.errors.values() for _, long in errors), default=0)

    def n_errors(self):
        return sum(map(len, self.errors.values()))

    def __str__(self):
        return (f"{self.sent} sent, {len(self.codes)} acknowledged, {self.presses} requests, "
                f"{self.unreached} not let in, {self.n_errors()} times 5xx, "
                f"at the longest {self.longest_error():.1f} s")
