"""The lists of a desk: what is in each, in which order, page by page, and what needs a look."""

import re
import time

import pytest

from portal import Page, Visitor, complete, word
from test_desks import hand_in, house, id_of, staff  # noqa: F401

DAY = 86400
TODAY = int(time.time()) // DAY * DAY
URGENCY = ("today", "week", "month", "whenever")


@pytest.fixture(scope="module", autouse=True)
def empty(house):
    """Other files' cases are out of the way."""
    house.sql("DELETE FROM elector; DELETE FROM round; DELETE FROM submission")


@pytest.fixture(autouse=True)
def swept(house, empty):
    yield
    house.sql("DELETE FROM elector; DELETE FROM round; DELETE FROM submission")


@pytest.fixture
def put(house):
    """A case whose row says this."""
    def make(id_, **columns):
        text = ", ".join(f"{k} = {v!r}" if v is not None else f"{k} = NULL"
                         for k, v in columns.items())
        house.sql(f"UPDATE submission SET {text} WHERE id = X'{id_}'")
        return id_
    return make


@pytest.fixture
def copies(house):
    """`n` more of a case, as rows, with what the text says of each by its number @n."""
    def make(id_, n, sets=""):
        house.sql(";".join(
            f"SET @n = {i}; INSERT INTO submission (id, desk, form, state, kind, urgency,"
            " received_day, moved_day, receipt, desk_key, receipt_key, body, facets)"
            " SELECT RANDOM_BYTES(16), desk, form, state, kind, urgency, received_day,"
            " moved_day, RANDOM_BYTES(32), desk_key, receipt_key, body, facets"
            f" FROM submission WHERE id = X'{id_}';"
            f"UPDATE submission SET {sets or 'suspect = 0'} WHERE id <> X'{id_}'"
            " AND id NOT IN (SELECT id FROM seen); INSERT IGNORE INTO seen SELECT id FROM"
            " submission" for i in range(n)))
    house.sql("CREATE TABLE seen (id BINARY(16) PRIMARY KEY)")
    yield make
    house.sql("DROP TABLE seen")


def ids_on(page):
    return re.findall(r'<td data-label="[^"]*"><a href="(?:/es)?/admin/case/([0-9a-f]{32})[?"]',
                      page.html)


def row(page, id_):
    return next((r for r in re.findall(r"<tr>.*?</tr>", page.html, re.S)
                 if f"/admin/case/{id_}" in r), None)


def counts(page):
    """By list or, with several desks, also by desk."""
    return dict(re.findall(r'<a href="/admin/queue\?desk=([^"]*)"[^>]*>[^<]*'
                           r'<span class="count">([^<]*)</span>', page.html))


def count(page, desk, key):
    return counts(page).get(f"{desk}&amp;list={key}")


def notices(page):
    """The lists that need a look."""
    box = re.search(r'<div class="notice"><ul>(.*?)</ul>', page.html, re.S)
    return dict(re.findall(r'list=(\w+)">(.*?)</a>', box[1])) if box else {}


# ---- order and pages ----

def walk(admin, desk, key):
    """All of a list, page by page."""
    page, seen, sizes = admin.queue(desk, key), [], []
    while True:
        seen += ids_on(page)
        sizes.append(len(ids_on(page)))
        more = [link for link in page.links
                if "queue?" in link and "after=" in link]
        if not more:
            return seen, sizes, page
        page = admin.page(more[0])


def test_urgent_first_then_the_oldest(house, staff, hand_in, copies):
    """Thirty and more, of every urgency and age; those that sank stand below."""
    _, id_ = hand_in("aid")
    copies(id_, 32, "urgency = @n MOD 4, received_day = received_day - (@n DIV 3) * 86400,"
                    " sunk = @n MOD 7 = 0")
    want = [row[0] for row in house.sql(
        "SELECT LOWER(HEX(id)) FROM submission ORDER BY sunk, urgency, received_day, id")]
    seen, sizes, last = walk(staff.ada, "aid", "ask")
    assert sizes == [25, 8] and seen == want
    # There is a way back to the first page, from the second only.
    first = staff.ada.queue("aid")
    back = [link for link in last.links if link == "/admin/queue?desk=aid&list=ask"]
    assert len(back) == 2 and ids_on(staff.ada.page(back[0])) == seen[:25]
    assert first.links.count("/admin/queue?desk=aid&list=ask") == 1
    assert ids_on(first) == seen[:25], "it is the first list"
    assert count(first, "aid", "ask") == "33"
    # The oldest within an urgency, and no other order, is what stands there.
    assert want != sorted(want)


def test_pages_while_others_work(house, staff, hand_in, copies):
    """What goes, and what comes, between two pages hides nothing that was there."""
    _, id_ = hand_in("aid")
    copies(id_, 29, "urgency = @n MOD 4, received_day = received_day - @n * 86400")
    page = staff.ada.queue("aid")
    first = ids_on(page)
    rest = {i for (i,) in house.sql("SELECT LOWER(HEX(id)) FROM submission")} - set(first)
    for gone in (first[0], first[-1]):      # also the one that the next page begins behind
        house.sql(f"UPDATE submission SET state = 'complete', ended_day = {TODAY}"
                  f" WHERE id = X'{gone}'")
    _, urgent = hand_in("aid", urgency="today")
    (link,) = [link for link in page.links
                if "queue?" in link and "after=" in link]
    assert set(ids_on(staff.ada.page(link))) - {urgent} == rest
    # When nothing is left behind a place the page says so, and leads back.
    house.sql(f"UPDATE submission SET state = 'complete', ended_day = {TODAY}")
    page = staff.ada.page(link)
    assert ids_on(page) == [] and 'class="empty"' in page.html
    assert page.links.count("/admin/queue?desk=aid&list=ask") == 2


@pytest.mark.parametrize("key, sets, order", [
    ("mine", "urgency = @n MOD 4, assigned_to = (SELECT id FROM admin WHERE name = 'Ada')",
     "urgency, received_day, id"),
    ("still", "moved_day = moved_day - (8 + @n DIV 2) * 86400", "moved_day, id"),
    ("unread", "desk_unread = 1 + @n MOD 5", "desk_unread DESC, id DESC"),
    ("complete", "state = 'complete', ended_day = moved_day - (@n DIV 4) * 86400",
     "ended_day DESC, id DESC"),
    ("elsewhere", "state = ELT(1 + @n MOD 3, 'duplicate', 'outofarea', 'passedon'),"
                  " ended_day = moved_day - (@n MOD 5) * 86400", "ended_day DESC, id DESC"),
    ("suspect", "suspect = 1, kind = ELT(1 + @n MOD 2, 'ask', 'offer'), urgency = @n MOD 4",
     "urgency, received_day, id"),
    ("sunk", "sunk = 1, kind = ELT(1 + @n MOD 2, 'ask', 'offer'), urgency = @n MOD 4",
     "urgency, received_day, id"),
    ("offer", "kind = 'offer', urgency = @n MOD 4", "urgency, received_day, id"),
    ("ending", "state = ELT(1 + @n MOD 2, 'complete', 'passedon'),"
               " ended_day = moved_day - (20 + @n MOD 9) * 86400", "ended_day, id"),
], ids=lambda value: value if " " not in value else "")
def test_every_list_in_pages(house, staff, hand_in, copies, key, sets, order):
    """Each in its own order, none twice, none left out, also where several are put together."""
    _, id_ = hand_in("aid")
    copies(id_, 55, sets)
    want = [row[0] for row in house.sql("SELECT LOWER(HEX(id)) FROM submission"
                                        f" WHERE id <> X'{id_}' ORDER BY {order}")]
    seen, sizes, last = walk(staff.ada, "aid", key)
    assert sizes == [25, 25, 5] and seen == want
    assert count(last, "aid", key) == "55"
    assert id_ in walk(staff.ada, "aid", "ask")[0], "where it was it is"


GOOD = "0.0.0." + "0" * 32


@pytest.mark.parametrize("after", [
    "", "x", "0", "0.0.0", "0.0.0.", "0.0.0." + "0" * 31, "0.0.0." + "0" * 33,
    "0.0.0." + "g" * 32, "0.0.0.0." + "0" * 32, "-1.0.0." + "0" * 32, "+1.0.0." + "0" * 32,
    "0..0." + "0" * 32, " 0.0.0." + "0" * 32, "0x1.0.0." + "0" * 32,
    "9" * 19 + ".0.0." + "0" * 32, GOOD + ".1", GOOD.upper() + "'", "1e3.0.0." + "0" * 32])
def test_a_place_that_is_none(staff, after):
    assert staff.ada.get("/admin/queue", params={"desk": "aid", "after": after}).status_code == 404


def test_places_by_hand(staff, hand_in):
    """Whatever number stands there, it is a page of the list or nothing, and never a fault."""
    _, id_ = hand_in("aid")
    for key in ("ask", "mine", "still", "unread", "complete", "elsewhere", "suspect", "sunk",
                "ending", "withdrawn", "offer"):
        for at in ("0.0.0", "9" * 18 + ".0.0", "1.2.3", "0.9.9"):
            page = staff.ada.page(f"/admin/queue?desk=aid&list={key}&after={at}.{'f' * 32}")
            assert ids_on(page) in ([], [id_])
    assert staff.ada.get("/admin/queue", params={"desk": "aid", "after": "0" * 101}
                         ).status_code == 422
    assert ids_on(staff.ada.page(f"/admin/queue?desk=aid&after={GOOD}")) == [id_]


@pytest.mark.parametrize("query", ["desk=nothing", "desk=", "desk=AID", "desk=aid&list=nothing",
                                   "desk=aid&list=", "desk=aid&list=received",
                                   "desk=aid&list=accepted", "desk=membership&list=ask",
                                   "desk=membership&list=mine", "list=ask", "desk=aid'"])
def test_no_such_list(staff, query):
    """The first desk of Rosa's is that of members."""
    assert staff.rosa.get(f"/admin/queue?{query}").status_code == 404


# ---- which case is in which list ----

def in_lists(admin, desk, id_):
    """The lists of a desk in which it is."""
    keys = set(re.findall(rf"desk={desk}&amp;list=(\w+)", admin.queue(desk).html)) | {
        "still", "ending"} | ({"sunk"} if desk == "aid" else set())
    return {key for key in keys if id_ in ids_on(admin.queue(desk, key))}


STATES = [
    ("aid", {"state": "needed"}, {"ask"}),
    ("aid", {"state": "noanswer"}, {"ask"}),
    ("aid", {"state": "offered", "kind": "offer"}, {"offer"}),
    ("aid", {"suspect": 1}, {"suspect"}),
    ("aid", {"suspect": 1, "kind": "offer", "moved_day": TODAY - 30 * DAY}, {"suspect"}),
    ("aid", {"moved_day": TODAY - 6 * DAY}, {"ask"}),
    ("aid", {"moved_day": TODAY - 7 * DAY}, {"ask", "still"}),
    ("aid", {"moved_day": TODAY - 7 * DAY, "kind": "offer"}, {"offer"}),
    ("aid", {"moved_day": TODAY - 105 * DAY}, {"ask", "still"}),
    ("aid", {"moved_day": TODAY - 106 * DAY}, {"ask", "still", "ending"}),
    ("aid", {"sunk": 1, "asked_day": TODAY}, {"ask", "sunk"}),
    ("aid", {"desk_unread": 2}, {"ask", "unread"}),
    ("aid", {"state": "complete", "ended_day": TODAY}, {"complete"}),
    ("aid", {"state": "complete", "ended_day": TODAY - 15 * DAY}, {"complete"}),
    ("aid", {"state": "complete", "ended_day": TODAY - 16 * DAY}, {"complete", "ending"}),
    ("aid", {"state": "complete", "ended_day": TODAY - 29 * DAY}, {"complete", "ending"}),
    ("aid", {"state": "complete", "ended_day": TODAY, "desk_unread": 1},
     {"complete", "unread"}),
    ("aid", {"state": "duplicate", "ended_day": TODAY}, {"elsewhere", "ending"}),
    ("aid", {"state": "passedon", "ended_day": TODAY}, {"elsewhere"}),
    ("aid", {"state": "withdrawn", "ended_day": TODAY}, {"withdrawn"}),
    ("membership", {"suspect": 0}, {"received"}),
    ("membership", {"suspect": 1}, {"suspect"}),
    ("membership", {"state": "review"}, {"review"}),
    ("membership", {"state": "review", "suspect": 1}, {"review", "suspect"}),
    ("membership", {"state": "review", "moved_day": TODAY - 7 * DAY}, {"review", "still"}),
    ("membership", {"state": "declined", "ended_day": TODAY}, {"declined"}),
    ("membership", {"state": "withdrawn", "ended_day": TODAY}, {"withdrawn"}),
]


@pytest.mark.parametrize("desk, columns, lists", STATES,
                         ids=lambda v: "-".join(map(str, v.values())) if isinstance(v, dict)
                         else v if isinstance(v, str) else "")
def test_which_lists_it_is_in(staff, hand_in, put, desk, columns, lists):
    _, id_ = hand_in(desk)
    put(id_, **columns)
    assert in_lists(staff.rosa, desk, id_) == lists
    # And the tabs count what is in them.
    page = staff.rosa.queue(desk)
    for key in set(re.findall(rf"desk={desk}&amp;list=(\w+)", page.html)):
        if count(page, desk, key) is not None:
            assert count(page, desk, key) == str(int(key in lists)), key
    asides = lists & {"sunk", "ending"} | (lists & {"still"} if desk == "membership" else set())
    assert set(notices(page)) - {"still"} == asides - {"still"}
    assert ("still" in notices(page)) == ("still" in lists)


def test_notices(staff, hand_in, copies, put):
    """How many of each, in words; on the list itself there is none of its own."""
    _, id_ = hand_in("aid")
    put(id_, sunk=1, moved_day=TODAY - 9 * DAY)
    page = staff.ada.queue("aid")
    assert set(notices(page)) == {"still", "sunk"}
    assert notices(page)["still"].startswith("1 ") and "7 days" in notices(page)["still"]
    copies(id_, 2, f"sunk = 1, moved_day = {TODAY - 9 * DAY}")
    page = staff.ada.queue("aid")
    assert all(notices(page)[key].startswith("3 ") for key in ("still", "sunk"))
    for key in ("still", "sunk"):
        page = staff.ada.queue("aid", key)
        assert set(notices(page)) == {"still", "sunk"} - {key}
        assert count(page, "aid", key) == "3" and len(ids_on(page)) == 3
    assert "9 days" in row(page, id_)
    assert count(staff.ada.queue("aid"), "aid", "sunk") is None, "only reached by the notice"


def test_erased_soon(staff, hand_in, put):
    """With the day on which it will be."""
    _, id_ = hand_in("aid")
    put(id_, state="complete", ended_day=TODAY - 20 * DAY)
    page = staff.ada.queue("aid", "ending")
    when = time.gmtime(TODAY + 10 * DAY)
    day = f"{when.tm_mday} {time.strftime('%B %Y', when)}"
    assert day in row(page, id_)
    assert "14 days" in notices(staff.ada.queue("aid"))["ending"]


# ---- what a row says ----

def test_what_a_row_says(house, staff, hand_in):
    name = "Neighbour " + word()
    _, id_ = hand_in("aid", name=name, needs=["food", "rides"], offers=["papers"],
                     area="mill-quarter", urgency="today")
    said = row(staff.ada.queue("aid"), id_)
    for text in (name, "Food, Rides and carrying", "Forms, letters and offices",
                 "Mill Quarter", "Today or tomorrow", "tag--high", "Needed"):
        assert text in said, text
    said = row(staff.ada.page("/es/admin/queue?desk=aid"), id_)
    for text in (name, "Comida, Transporte y acarreo", "Hoy o mañana", "/es/admin/case/"):
        assert text in said, text
    staff.ada.follow(staff.ada.assign(id_, id_of(house, "Ali")))
    assert "Ali" in row(staff.ada.queue("aid"), id_)
    # An offer, however soon, is not urgent; nor is a request for next month.
    for answers in ({"needs": [], "offers": ["food"], "urgency": "today"},
                    {"urgency": "month"}):
        _, id_ = hand_in("aid", **answers)
        key = "offer" if "offers" in answers else "ask"
        assert "tag--high" not in row(staff.ada.queue("aid", key), id_)


def test_names(house, staff, hand_in, put):
    """Opened where they can be; what cannot be opened hides no other."""
    _, plain = hand_in("aid", name="A name <b>")
    _, without = hand_in("aid")
    _, gone = hand_in("aid", name="Erased words")
    _, broken = hand_in("aid", name="Damaged words")
    house.sql(f"UPDATE submission SET desk_key = '', body = '' WHERE id = X'{gone}';"
              "UPDATE submission SET body = CONCAT(LEFT(body, LENGTH(body) - 1), X'00')"
              f" WHERE id = X'{broken}'")
    page = staff.ada.queue("aid")
    assert len(ids_on(page)) == 4
    assert "A name &lt;b&gt;" in row(page, plain)
    seen = [Page(f"<p>{row(page, id_).partition('<a')[2].partition('>')[2].partition('<')[0]}"
                 "</p>").text("p") for id_ in (without, gone, broken)]
    assert len(set(seen)) == 3 and all(seen), seen
    assert "Erased words" not in page.html and "Damaged words" not in page.html
    assert staff.ada.get(f"/admin/case/{broken}").status_code == 500


def test_unread(house, staff, hand_in):
    """From the holder's word until somebody of the desk has seen it."""
    code, id_ = hand_in("aid")
    holder = Visitor(house)
    holder.status(code)
    for n in range(2):
        holder.follow(holder.write(f"A word {n}"))
    page = staff.ada.queue("aid", "unread")
    assert ids_on(page) == [id_] and count(page, "aid", "unread") == "1"
    assert re.search(r"tag--new[^>]*>[^<]*2", row(page, id_))
    assert "tag--new" in row(staff.ali.queue("aid"), id_)
    staff.rosa.queue("aid")     # looking at the list is not reading
    assert count(staff.ada.queue("aid"), "aid", "unread") == "1"
    staff.ali.case(id_)
    page = staff.ada.queue("aid", "unread")
    assert ids_on(page) == [] and count(page, "aid", "unread") == "0"
    assert "tag--new" not in row(staff.ada.queue("aid"), id_)


def test_mine(house, staff, hand_in):
    _, id_ = hand_in("aid")
    _, other = hand_in("aid")
    staff.ada.follow(staff.ada.assign(id_, id_of(house, "Ada")))
    staff.ada.follow(staff.ada.assign(other, id_of(house, "Ali")))
    assert ids_on(staff.ada.queue("aid", "mine")) == [id_]
    assert ids_on(staff.ali.queue("aid", "mine")) == [other]
    assert ids_on(staff.rosa.queue("aid", "mine")) == []
    staff.ada.follow(staff.ada.move(id_, "complete"))
    assert ids_on(staff.ada.queue("aid", "mine")) == []


def test_looks_automated(house, staff):
    """Not before people, but not thrown away either."""
    for path, desk, key in (("/aid/request", "aid", "ask"), ("/join", "membership", "received")):
        visitor = Visitor(house)
        form = visitor.page(path).form(path)
        review = visitor.submit(form, {**complete(form), "website": "x"}, ("step", "review"))
        visitor.follow(visitor.submit(Page(review.text).form(path), button=("step", "send")))
        assert ids_on(staff.rosa.queue(desk, key)) == []
        (id_,) = ids_on(staff.rosa.queue(desk, "suspect"))
        assert "tag--bad" in row(staff.rosa.queue(desk, "suspect"), id_)
        assert count(staff.rosa.queue(desk), desk, "suspect") == "1"


def test_several_desks(staff, hand_in, copies):
    """What waits at each desk stands beside its name, for who serves at several."""
    _, id_ = hand_in("aid")
    copies(id_, 2)
    hand_in("supporters")
    page = staff.rosa.page("/admin/queue")
    assert [counts(page)[desk] for desk in ("membership", "supporters", "aid")] == [
        "0", "1", "3"]
    assert page.text("h1") == "Membership" and 'class="empty"' in page.html
    assert not {"membership", "supporters", "aid"} & set(counts(staff.ada.page("/admin/queue")))
    for key in ("ask", "mine", "unread", "ending", "sunk"):
        page = staff.ali.queue("aid", key)
        assert ('class="empty"' in page.html) == (ids_on(page) == [])


def test_counted_to_a_thousand(house, staff, hand_in):
    """Beyond that nobody wants to know, and the page does not read on."""
    _, id_ = hand_in("aid")
    house.sql("INSERT INTO submission (id, desk, form, state, kind, received_day, moved_day,"
              " receipt, desk_key, receipt_key, body) SELECT RANDOM_BYTES(16), desk, form,"
              " state, kind, received_day, moved_day, RANDOM_BYTES(32), '', '', '' FROM"
              f" submission JOIN seq_1_to_999 WHERE id = X'{id_}'")
    assert count(staff.ada.queue("aid"), "aid", "ask") == "1000"
    hand_in("aid")
    assert count(staff.ada.queue("aid"), "aid", "ask") == "1000+"


def test_typed_in_is_marked(house, staff, hand_in, put):
    _, id_ = hand_in("aid")
    plain = row(staff.ada.queue("aid"), id_)
    for channel, said in (("phone", "telephone"), ("paper", "paper")):
        assert said not in plain
        put(id_, channel=channel)
        assert said in row(staff.ada.queue("aid"), id_)
