#!/usr/bin/python3
"""Take the README's pictures anew, from a fresh site with invented people.

`make pictures` calls this.  They are drawn small: a window of 1280 pixels, 960 in the
picture, and no more colours than a palette holds.
"""

import io
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "http")]

from browser import Browser         # noqa: E402
from house import AREAS, House, answers    # noqa: E402
from portal import Admin            # noqa: E402
from stack import Stack, site_copy  # noqa: E402
from test_events_admin import date_state, saved, tuesday    # noqa: E402

TO = HERE / "pictures"
MOST = 90_000


SAID = ("We stand with the night shift", "What the new fare costs a family",
        "Four questions to the board")
# What, its kind, the Tuesday from now on that it is counted from, days later, from, to.
COMING = (("How a contract is read", "education", 0, 0, "18:30", "20:30"),
          ("Supper before the night shift", "social", 1, 2, "17:00", "19:30"),
          ("Picket at the gate", "action", 2, 1, "05:30", "09:00"),
          ("What we ask for in spring", "talk", 3, 4, "19:00", "21:00"))


def take(b, name, wide=960):
    picture = Image.open(io.BytesIO(b.picture())).convert("RGB")
    picture = picture.resize((wide, picture.height * wide // picture.width), Image.LANCZOS)
    path = TO / f"{name}.png"
    picture.quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.name}: {size} bytes")
    if size > MOST:
        sys.exit(f"{path} is larger than {MOST} bytes")


def furnish(folder, site):
    """A site with three reviewers, some people waiting, one case half decided, and with
    something to read and somewhere to go."""
    (folder / site).mkdir()
    copy = site_copy(folder / site, site, least_seconds=0,
                     membership={"reviewers": 3, "quorum": 3},
                     statements={"reviewers": 1, "quorum": 1, "favour": 1, "block": 1})
    house = House(Stack(folder / site, copy).start(), site)
    imani = house.imani
    tomas, wei = (Admin(house.stack, name).accept(imani.invite())
                  for name in ("Tomás", "Wei"))
    house.tomas = tomas
    for title in SAID:
        house.write(title, title)
        house.publish(title)
    for n, (title, kind, week, days, begin, end) in enumerate(COMING):
        house.event(title, title, kind=kind, area=AREAS[site][n], rsvp="yes",
                    day=(tuesday(week) + timedelta(days=days)).isoformat(),
                    summary_en="Bring what you want to have read together."
                    if kind == "education" else "Everybody is welcome.",
                    childcare="From six, in the room above.", **{"from": begin, "to": end},
                    **({"how": "weekly", "step_by": "2"} if kind == "education" else {}))
    saved(date_state(imani, house.dates[COMING[0][0]][1], "cancelled",
                     why="No meeting this week: come to the picket."), "events/date")
    house.case("case", (imani, None), name="Rosa Ibarra")
    for who, vote, why in (
            (imani, "favour", "She brought half of the night shift to our last meeting."),
            (tomas, "abstain", "I do not know her yet; what she writes speaks for her.")):
        who.follow(who.vote(house.cases["case"], vote, why))
    return house, tomas, wei


def main():
    TO.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="openhall-www.",
                                     ignore_cleanup_errors=True) as name:
        folder = Path(name)
        b = Browser(folder / "browser")
        try:
            for site in ("party", "caucus"):
                house, tomas, wei = furnish(folder, site)
                try:
                    b.at(house.stack).width(1280, 1000).scheme("light")
                    b.width(1280, 1200).get("/")
                    take(b, f"{site}-home", 720)
                    b.width(1280, 1000)
                    if site == "caucus":
                        b.get(f"/events/month/{tuesday(2):%Y-%m}")
                        take(b, "month")
                    if site == "party":
                        b.get("/join")
                        b.send("/join", answers(site, email="rosa@", phone="", name="Rosa Ibarra"),
                               "review")
                        take(b, "join")
                        b.get("/events")
                        take(b, "events")
                        b.cookies_of(wei)
                        b.get(f"/admin/case/{house.cases['case']}")
                        take(b, "case")
                        house.units()
                        house.aid()
                        b.cookies_of(house.imani)
                        b.get("/admin/")
                        take(b, "today")
                        b.get("/admin/queue?desk=aid")
                        take(b, "queue")
                        b.get(f"/admin/case/{house.cases['aid']}")
                        take(b, "aid")
                        b.width(400, 1120, 2).at(house.stack).get("/receipt")
                        b.send("/receipt", {"code": house.codes["aid"]})
                        take(b, "receipt", 400)
                finally:
                    house.stack.stop()
        finally:
            b.close()


if __name__ == "__main__":
    main()
