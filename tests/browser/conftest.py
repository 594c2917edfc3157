"""Browsers and sites that the tests share."""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "http")]

from browser import Browser                     # noqa: E402
from house import House                         # noqa: E402
from stack import EXTERNAL, Stack, site_copy    # noqa: E402

SITES = ("party", "caucus")

# A server that is not ours holds one site at a time, and these tests show two.
if EXTERNAL:
    collect_ignore_glob = ["test_*.py"]


# First, for xdist reads the groups in a hook of the same name.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """What shows one site in full use runs in one process, and the walks that bring what they
    need in a third."""
    for item in items:
        site = getattr(item, "callspec", None) and item.callspec.params.get("site")
        walk = item.path.stem == "test_walk" and "furnished" not in item.fixturenames
        item.add_marker(pytest.mark.xdist_group("walk" if walk else site or SITES[0]))


@pytest.fixture(scope="session")
def folder():
    """Short, for sockets lie below it."""
    with tempfile.TemporaryDirectory(prefix="openhall-www.",
                                     ignore_cleanup_errors=True) as name:
        yield Path(name)


def kept(make):
    """A fixture that makes one of each kind when it is asked for, and ends all."""
    @pytest.fixture(scope="session")
    def fixture(folder):
        things = {}

        def get(kind):
            if kind not in things:
                things[kind] = make(folder, kind)
            return things[kind]
        yield get
        with ThreadPoolExecutor() as pool:
            list(pool.map(end, things.values()))
    return fixture


def end(thing):
    (thing.close if isinstance(thing, Browser) else getattr(thing, "stack", thing).stop)()


@kept
def browsers(folder, script):
    return Browser(folder / f"browser-{script}", script)


@kept
def stacks(folder, site):
    """As it is shipped."""
    return Stack(folder / site, site).start()


@kept
def houses(folder, site):
    """In full use; its form may be sent at once."""
    (folder / f"{site}-house").mkdir()
    copy = site_copy(folder / f"{site}-house", site, least_seconds=0)
    return House(Stack(folder / f"{site}-house", copy).start(), site)


@pytest.fixture
def furnished(houses):
    """In full use, and with something of everything."""
    return lambda site: houses(site).furnish()
