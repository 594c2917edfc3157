"""Every page that a site can show, by the place where it stands: PAGES, the table of them all."""

from . import front, receipt, people, desks, statements, events     # noqa: F401
from .table import PAGES

__all__ = ["PAGES"]
