#!/usr/bin/python3
"""Take the README's pictures anew, from a fresh site with invented people.

`make pictures` calls this.  They are drawn small: a window of 1280 pixels, 960 in the
picture, and no more colours than a palette holds.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "http")]

from browser import Browser         # noqa: E402
from house import House, answers    # noqa: E402
from portal import Admin            # noqa: E402
from stack import Stack, site_copy  # noqa: E402

TO = HERE / "pictures"
MOST = 90_000


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
    """A site with three reviewers, some people waiting, and one case half decided."""
    (folder / site).mkdir()
    copy = site_copy(folder / site, site, least_seconds=0,
                     membership={"reviewers": 3, "quorum": 3})
    house = House(Stack(folder / site, copy).start(), site)
    imani = house.imani
    tomas, wei = (Admin(house.stack, name).accept(imani.invite())
                  for name in ("Tomás", "Wei"))
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
                    b.at(house.stack).width(1280, 900).scheme("light")
                    b.get("/")
                    take(b, f"{site}-home")
                    if site == "party":
                        b.get("/join")
                        b.send("/join", answers(site, email="rosa@", phone="", name="Rosa Ibarra"),
                               "review")
                        take(b, "join")
                        b.cookies_of(wei)
                        b.get(f"/admin/case/{house.cases['case']}")
                        take(b, "case")
                        house.units()
                        house.tomas = tomas
                        house.aid()
                        b.cookies_of(house.imani)
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
