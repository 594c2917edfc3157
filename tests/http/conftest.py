"""The stacks that tests share, each started when the first test asks for it."""

import contextlib
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from portal import Admin, Visitor          # noqa: E402
from stack import EXTERNAL, Stack, site_copy   # noqa: E402

# Files that one process runs one after the other, so that the site which they share is started
# once: in the order in which they begin, the longest first.  The crawler comes before others
# have filled its site.  What is not named here goes by itself.
TOGETHER = [line.split() for line in (
    "process cli build start headers way aid admin bound join receipt review support talk units"
    " events",
    "crawl cache calendar events_admin feeds kept rsvp statements sitemap",
    "mail",
    "subscribe notices",
    "desks dashboard entry factor find queue work",
)]
PLACES = {f"test_{name}": (group, place) for group, names in enumerate(TOGETHER)
          for place, name in enumerate(names)}


@pytest.hookimpl(tryfirst=True)     # xdist asks for the groups when it is called
def pytest_collection_modifyitems(items):
    for item in items:
        group, _ = PLACES.get(item.path.stem, (item.path.stem, 0))
        item.add_marker(pytest.mark.xdist_group(str(group)))
    items.sort(key=lambda item: PLACES.get(item.path.stem, (len(TOGETHER), 0)))


@pytest.fixture(scope="session")
def folder():
    """Short, for sockets lie below it."""
    with tempfile.TemporaryDirectory(prefix="openhall-http.") as name:
        yield Path(name)


def alone():
    if EXTERNAL:
        pytest.skip("a server that is not ours holds one portal, and is not killed")


@pytest.fixture(scope="session")
def sites(folder):
    """`sites(name, **settings)`: the party's site with other settings, which stays to the end;
    then all stop at once."""
    with contextlib.ExitStack() as stacks:
        begun = []

        def start(name, site="party", environment=None, **settings):
            if settings:
                (folder / name).mkdir()
                site = site_copy(folder / name, site, **settings)
            begun.append(Stack(folder / name, site, **(environment or {})))
            return stacks.enter_context(begun[-1])
        yield start
        for stack in begun:
            if stack.process:
                stack.process.terminate()


@pytest.fixture(scope="session")
def hall(sites):
    """Most tests' site: the party's, with forms that may be sent at once and a rule for
    members in which every number counts."""
    return sites("hall", least_seconds=0, membership={
        "reviewers": 3, "quorum": 3, "favour": 2, "block": 2})


@pytest.fixture(scope="session")
def caucus(sites):
    """The caucus as it is shipped, with its limits."""
    alone()
    return sites("caucus", "caucus", {"LIMITS": "on"})


@pytest.fixture(scope="session")
def annex(sites):
    """The party's site, for tests that break things."""
    alone()
    return sites("annex", least_seconds=0)


@pytest.fixture(scope="session")
def founder(annex):
    """Its first admin."""
    return Admin(annex, "Imani").accept(annex.invitation)


@pytest.fixture(scope="session")
def press(sites):
    """The party's site, where one editor may publish."""
    alone()
    return sites("press", least_seconds=0, statements={
        "reviewers": 1, "quorum": 1, "favour": 1, "block": 1})


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
