"""PAGES maps the name of a page to how a browser comes there; what the places share.

Those that are `alone` need a house with one reviewer and nothing waiting; the others what
House.furnish() brings.  A page of one site alone says which.
"""

PAGES = {}


def page(status=200, alone=False, half=False, site=None):
    def add(reach):
        PAGES[reach.__name__.replace("_", "-")] = (reach, status, alone, half, site)
        return reach
    return add


def half(status=200, alone=False):
    """One of so many of its kind that each site shows it in one language only: the back
    office, what stands behind a receipt, and a form that comes back once more."""
    return page(status, alone, half=True)


def as_imani(house, b):
    b.cookies_of(house.imani)


def as_tomas(house, b):
    b.cookies_of(house.tomas)


def as_wei(house, b):
    b.cookies_of(house.wei)


def as_ada(house, b):
    b.cookies_of(house.ada)


def public(path, called, status=200, alone=False, half=False, site=None):
    def reach(house, b, at):
        b.get(at + path)
    reach.__name__ = called
    page(status, alone, half, site)(reach)
    return reach


def slipped(code):
    """With another check symbol."""
    return code[:-1] + ("0" if code[-1] != "0" else "1")
