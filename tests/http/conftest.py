"""The stacks that tests share, each started when the first test asks for it."""

import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from portal import Admin, Visitor          # noqa: E402
from stack import EXTERNAL, Stack, site_copy   # noqa: E402


@pytest.fixture(scope="session")
def folder():
    """Short, for sockets lie below it."""
    with tempfile.TemporaryDirectory(prefix="openhall-http.") as name:
        yield Path(name)


def alone():
    if EXTERNAL:
        pytest.skip("a server that is not ours holds one portal, and is not killed")


@pytest.fixture(scope="session")
def hall(folder):
    """Most tests' site: the party's, with forms that may be sent at once and a rule for
    members in which every number counts."""
    (folder / "hall").mkdir()
    site = site_copy(folder / "hall", least_seconds=0, membership={
        "reviewers": 3, "quorum": 3, "favour": 2, "block": 2})
    with Stack(folder / "hall", site) as stack:
        yield stack


@pytest.fixture(scope="session")
def caucus(folder):
    """The caucus as it is shipped, with its limits."""
    alone()
    with Stack(folder / "caucus", "caucus", LIMITS="on") as stack:
        yield stack


@pytest.fixture(scope="session")
def annex(folder):
    """The party's site, for tests that break things."""
    alone()
    (folder / "annex").mkdir()
    site = site_copy(folder / "annex", least_seconds=0)
    with Stack(folder / "annex", site) as stack:
        yield stack


@pytest.fixture(scope="session")
def founder(annex):
    """Its first admin."""
    return Admin(annex, "Imani").accept(annex.invitation)


@pytest.fixture(scope="session")
def press(folder):
    """The party's site, where one editor may publish."""
    alone()
    (folder / "press").mkdir()
    site = site_copy(folder / "press", least_seconds=0, statements={
        "reviewers": 1, "quorum": 1, "favour": 1, "block": 1})
    with Stack(folder / "press", site) as stack:
        yield stack


@pytest.fixture(scope="session")
def editor(press):
    """Its first admin, who serves at every desk."""
    return Admin(press, "Imani").accept(press.invitation)


@pytest.fixture(scope="session")
def committee(hall):
    """Three admins who serve at every desk, logged in."""
    first = Admin(hall, "Imani").accept(hall.invitation)
    return [first, *(Admin(hall, name).accept(first.invite()) for name in ("Tomás", "Wei"))]


@pytest.fixture
def visitor(hall):
    return Visitor(hall)


@pytest.fixture
def new_case(hall):
    """Somebody sent the form at `path`: their receipt code and the id of the case."""
    def make(path="/join", **answers):
        before = {id_ for (id_,) in hall.sql("SELECT HEX(id) FROM submission")}
        code = Visitor(hall).apply(answers, path)
        (row,) = {id_ for (id_,) in hall.sql("SELECT HEX(id) FROM submission")} - before
        return code, row.lower()
    return make
