"""One site for all faults, and a line for each in the end."""

import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "http"))

from stack import EXTERNAL, Stack, site_copy    # noqa: E402

LINES = pytest.StashKey()


def pytest_configure(config):
    config.stash[LINES] = []


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash[LINES]:
        terminalreporter.write_line(line)


@pytest.fixture
def tell(request):
    """Say something that is shown also when all went well."""
    return request.config.stash[LINES].append


@pytest.fixture(scope="session")
def hall():
    if EXTERNAL:
        pytest.skip("a server that is not ours is not killed")
    # Short, for sockets lie below it.
    with tempfile.TemporaryDirectory(prefix="openhall-fault.") as name:
        with Stack(name, site_copy(name, least_seconds=0)) as stack:
            yield stack
