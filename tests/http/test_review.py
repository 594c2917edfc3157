"""The committee: cases, votes, the rule, and who may decide.

The hall's rule: three reviewers, three votes for a decision, two in favour accept, two
against decline.
"""

import re
import time

import pytest

from portal import Admin, Page, Visitor, complete, word
from test_join import at_once


def state(hall, id_):
    return hall.value(f"SELECT state FROM submission WHERE id = X'{id_}'")


def deeds(hall, id_):
    return [row[0] for row in hall.sql("SELECT action FROM audit"
                                       f" WHERE subject = X'{id_}' ORDER BY number")]


def votes(hall, id_, number=1):
    return sorted(row[0] or "-" for row in hall.sql(
        f"SELECT vote FROM elector WHERE submission = X'{id_}' AND number = {number}"))


def dismiss(hall, name):
    """Take a guest admin away again: other tests count on three."""
    hall.sql(f"""
        DELETE FROM elector WHERE admin = (SELECT id FROM admin WHERE name = '{name}');
        DELETE FROM session WHERE admin = (SELECT id FROM admin WHERE name = '{name}');
        DELETE FROM desk_key WHERE admin = (SELECT id FROM admin WHERE name = '{name}');
        DELETE FROM admin WHERE name = '{name}';""")


@pytest.fixture
def guest(hall, committee):
    """Somebody who is invited now."""
    yield lambda: Admin(hall, "Guest").accept(committee[0].invite())
    dismiss(hall, "Guest")


@pytest.fixture
def opened(committee, new_case):
    def make(**answers):
        code, id_ = new_case(**answers)
        committee[0].follow(committee[0].open(id_))
        return code, id_
    return make


# ---- the queue ----

def row(page, id_):
    """What the queue says of a case."""
    found = re.search(rf'<tr>(?:(?!</tr>).)*/admin/case/{id_}(?:(?!</tr>).)*</tr>',
                      page.html, re.S)
    return found and Page(found[0]).text("tr")


def find(admin, id_, key):
    """The same, on whichever page of a list it stands."""
    page = admin.page(f"/admin/queue?list={key}")
    while (found := row(page, id_)) is None:
        more = [l for l in page.links if "queue?" in l and "after=" in l]
        if not more:
            return None
        page = admin.page(more[0])
    return found


def test_queue_shows_what_is_waiting(hall, committee, new_case):
    name = "Ana " + word()
    _, id_ = new_case(name=name)
    admin = committee[0]
    hall.sql(f"UPDATE submission SET received_day = received_day - 5 * 86400"
             f" WHERE id = X'{id_}'")
    said = find(admin, id_, "received")
    assert name in said and "5 days" in said and "to be opened" in said
    admin.follow(admin.open(id_))
    assert find(admin, id_, "received") is None
    said = find(admin, id_, "review")
    assert "3 more votes" in said and "your vote" in said
    admin.follow(admin.vote(id_, "favour"))
    said = find(admin, id_, "review")
    assert "2 more votes" in said and "1 more in favour" in said and "your vote" not in said
    assert "your vote" in find(committee[1], id_, "review")
    for other in committee[1:]:
        other.follow(other.vote(id_, "favour"))
    assert find(admin, id_, "review") is None
    assert name in find(admin, id_, "accepted")


def test_queue_in_pages_loses_nothing(hall, committee, new_case):
    """More than two pages; some arrive, and some go, while somebody reads."""
    visitor = Visitor(hall)
    for _ in range(62):
        visitor.apply()
    ids = [i for (i,) in hall.sql("SELECT LOWER(HEX(id)) FROM submission"
                                  " WHERE state = 'received' AND suspect = 0")]
    assert len(ids) >= 62
    for n, id_ in enumerate(ids):       # several of a day
        hall.sql(f"UPDATE submission SET received_day = received_day - {n // 10} * 86400"
                 f" WHERE id = X'{id_}'")
    seen, pages, page = [], 0, committee[0].page("/admin/queue")
    while True:
        here = re.findall(r'href="/admin/case/([0-9a-f]{32})[?"]', page.html)
        assert len(here) <= 25
        seen += here
        pages += 1
        more = [l for l in page.links if "queue?" in l and "after=" in l]
        if not more:
            break
        code, _ = new_case()
        if pages == 1:      # what was shown already goes
            hall.sql(f"DELETE FROM submission WHERE id = X'{here[3]}'")
        page = committee[0].page(more[0])
    assert pages >= 3
    assert len(seen) == len(set(seen))
    assert set(ids) <= set(seen)
    days = {i: d for i, d in hall.sql("SELECT LOWER(HEX(id)), received_day FROM submission")}
    order = [int(days[i]) for i in seen if i in days]
    assert order == sorted(order), "the oldest stand first"
    # The tab counts what is there.
    count = int(hall.value("SELECT COUNT(*) FROM submission WHERE state = 'received'"
                           " AND suspect = 0"))
    assert f'<span class="count">{count}</span>' in page.html


def test_queue_and_case_in_spanish(committee, opened):
    _, id_ = opened()
    page = committee[0].page("/es/admin/queue?list=review")
    assert page.lang == "es" and f"/es/admin/case/{id_}" in page.html
    case = committee[0].page(f"/es/admin/case/{id_}")
    assert case.lang == "es" and case.form("/vote").action == f"/es/admin/case/{id_}/vote"
    got = committee[0].submit(case.form("/vote"), {"vote": "favour", "reason": "Sí."})
    assert got.headers["Location"] == f"/es/admin/case/{id_}?done=vote"
    assert 'role="status"' in committee[0].page(got.headers["Location"]).html


# ---- a case ----

def test_case_shows_the_answers(hall, committee, new_case):
    visitor = Visitor(hall)
    form = visitor.page("/join").form("/join")
    answers = complete(form, every=True)
    _, id_ = new_case(**answers)
    for admin in committee:
        page = admin.case(id_)
        for name, value in answers.items():
            if form[name] == "":
                assert value in page.text("dd"), name
        assert page.text("h1") == answers["name"]
        assert not page.has_form("/vote")


@pytest.mark.parametrize("id_", ["0" * 32, "f" * 31, "f" * 33, "zz", "F" * 32, "-", "%27"])
def test_no_such_case(committee, id_):
    assert committee[0].get(f"/admin/case/{id_}").status_code == 404


# ---- opening ----

def test_open_once(hall, committee, new_case):
    _, id_ = new_case()
    form = committee[1].case(id_).form("/open")
    committee[0].follow(committee[0].open(id_))
    got = committee[1].submit(form)
    assert got.status_code == 409 and "changed" in Page(got.text).text("main")
    assert hall.sql("SELECT number, quorum, favour, block, (closes_at - opened_at) / 86400"
                    f" FROM round WHERE submission = X'{id_}'") \
        == [("1", "3", "2", "2", "21.0000")]
    assert votes(hall, id_) == ["-", "-", "-"] and deeds(hall, id_) == ["case.open"]
    assert not committee[1].case(id_).has_form("/open")


def test_open_at_once(hall, committee, new_case):
    for _ in range(5):
        _, id_ = new_case()
        forms = [(admin, admin.case(id_).form("/open")) for admin in committee]
        got = at_once(*[lambda a=a, f=f: a.submit(f).status_code for a, f in forms])
        assert sorted(got) == [303, 409, 409]
        assert votes(hall, id_) == ["-", "-", "-"] and deeds(hall, id_) == ["case.open"]


def test_electorate_is_frozen(hall, committee, opened, guest):
    _, id_ = opened()
    newcomer = guest()
    case = newcomer.case(id_)
    assert not case.has_form("/vote") and not case.has_form("/recuse")
    assert "Guest" not in case.text("aside")
    token = committee[0].case(id_).form("/vote")["token"]
    own = newcomer.page("/admin/").form("/logout")["token"]
    for value in (token, own):
        for deed in ("vote", "recuse"):
            got = newcomer.post(f"/admin/case/{id_}/{deed}", data={
                "token": value, "vote": "favour", "reason": "Me too"})
            assert got.status_code == (409 if value == own else 403)
    assert votes(hall, id_) == ["-", "-", "-"]
    # What is opened from now on is theirs too.
    _, later = opened()
    assert newcomer.case(later).has_form("/vote")
    assert len(votes(hall, later)) == 4


# ---- voting ----

def test_vote_needs_a_choice_and_a_reason(hall, committee, opened):
    _, id_ = opened()
    admin = committee[0]
    form = admin.case(id_).form("/vote")
    for answers, error in (({"reason": "Because <b>"}, "vote"), ({"vote": "against"}, "reason"),
                           ({"vote": "against", "reason": " \n\t "}, "reason"),
                           ({"vote": "abstain", "reason": "ü" * 4001}, "reason")):
        got = admin.submit(form, answers)
        page = Page(got.text)
        assert got.status_code == 422, answers
        assert page.errors() == [error] and error in page.ids
        again = page.form("/vote")
        assert again["reason"] == answers.get("reason", "").replace("\n", "\r\n")
        assert again["vote"] == [answers[k] for k in answers if k == "vote"]
    for vote in ("recused", "FAVOUR", "yes", "", "favour "):
        got = admin.post(f"/admin/case/{id_}/vote", data={
            "token": form["token"], "vote": vote, "reason": "x"})
        assert got.status_code == 422
    assert votes(hall, id_) == ["-", "-", "-"]


def test_reason_is_for_the_committee(hall, committee, opened):
    code, id_ = opened()
    reason = "She organised\nher whole shift. " + word()
    committee[0].follow(committee[0].vote(id_, "favour", reason))
    for admin in committee:
        case = admin.case(id_)
        assert " ".join(reason.split()) in case.text("main") and "Imani" in case.text("main")
    assert committee[0].case(id_).form("/vote")["reason"] == reason.replace("\n", "\r\n")
    assert committee[1].case(id_).form("/vote")["reason"] == ""
    assert reason.split()[-1] not in Visitor(hall).status(code).html


def test_vote_can_be_changed_until_the_decision(hall, committee, opened):
    _, id_ = opened()
    admin = committee[0]
    admin.follow(admin.vote(id_, "favour", "At first"))
    assert admin.case(id_).form("/vote")["vote"] == ["favour"]
    page = admin.follow(admin.vote(id_, "against", "On reflection"))
    assert "On reflection" in page.text("main") and "At first" not in page.text("main")
    assert votes(hall, id_) == ["-", "-", "against"]
    committee[1].follow(committee[1].vote(id_, "favour"))
    committee[2].follow(committee[2].vote(id_, "favour"))
    assert state(hall, id_) == "accepted"
    got = admin.post(f"/admin/case/{id_}/vote", data={
        "token": admin.case(id_).form("/logout")["token"], "vote": "abstain", "reason": "x"})
    assert got.status_code == 409
    assert votes(hall, id_) == ["against", "favour", "favour"]


@pytest.mark.parametrize("cast, after, unmet", [
    (["favour"], "review", "2 more votes"),
    (["favour", "favour"], "review", "1 more vote"),
    (["favour", "favour", "abstain"], "accepted", None),
    (["favour", "against", "favour"], "accepted", None),
    (["against"], "review", "2 more in favour"),
    (["against", "against"], "declined", None),
    (["abstain", "abstain"], "declined", None),
    (["favour", "against", "abstain"], "declined", None),
    (["favour", "recuse"], "review", "recused"),
    (["favour", "favour", "recuse"], "review", "recused")],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "")
def test_rule(hall, committee, opened, cast, after, unmet):
    code, id_ = opened()
    for admin, vote in zip(committee, cast):
        admin.follow(admin.recuse(id_) if vote == "recuse" else admin.vote(id_, vote))
    assert state(hall, id_) == after
    page = committee[0].case(id_)
    if unmet:
        assert unmet in page.text("aside"), page.text("aside")
    ended = hall.value(f"SELECT ended_at FROM round WHERE submission = X'{id_}'")
    assert (ended is None) == (after == "review")
    told = {"accepted": "was accepted", "declined": "not accepted", "review": "In review"}
    assert told[after] in Visitor(hall).status(code).text("main")
    assert deeds(hall, id_).count("case.accept") == (after == "accepted")
    assert deeds(hall, id_).count("case.decline") == (after == "declined")


def test_recused_is_out_and_a_stuck_case_opens_again(hall, committee, opened):
    _, id_ = opened()
    committee[0].follow(committee[0].vote(id_, "favour"))
    late = committee[2].case(id_).form("/vote")
    page = committee[1].follow(committee[1].recuse(id_))
    assert not page.has_form("/vote") and not page.has_form("/recuse")
    assert "Recused" in page.text("aside")
    # With two left of whom three must vote, nobody can go on; it is opened anew.
    assert committee[2].submit(late, {"vote": "favour", "reason": "x"}).status_code == 409
    page = committee[2].follow(committee[2].open(id_))
    assert "round 2" in page.text("aside")
    assert votes(hall, id_, 2) == ["-", "-", "-"]
    assert votes(hall, id_, 1) == ["-", "favour", "recused"]
    assert committee[1].case(id_).has_form("/vote")
    for admin in committee:
        admin.follow(admin.vote(id_, "favour"))
    assert state(hall, id_) == "accepted"


def test_lapsed(hall, committee, opened):
    _, id_ = opened()
    committee[0].follow(committee[0].vote(id_, "favour"))
    form = committee[1].case(id_).form("/vote")
    hall.sql(f"UPDATE round SET closes_at = {int(time.time())} WHERE submission = X'{id_}'")
    got = committee[1].submit(form, {"vote": "favour", "reason": "Late"})
    assert got.status_code == 409 and votes(hall, id_) == ["-", "-", "favour"]
    page = committee[1].case(id_)
    assert "time is over" in page.text("aside") and not page.has_form("/vote")
    page = committee[1].follow(committee[1].submit(page.form("/open")))
    assert "round 2" in page.text("aside")
    for admin in committee[:2]:
        admin.follow(admin.vote(id_, "against"))
    assert state(hall, id_) == "declined"


def test_rule_of_the_day_it_was_opened(hall, committee, opened):
    """Another rule meanwhile strands nobody: the round has its own."""
    _, id_ = opened()
    hall.sql(f"UPDATE round SET quorum = 1, favour = 1 WHERE submission = X'{id_}'")
    committee[0].follow(committee[0].vote(id_, "favour"))
    assert state(hall, id_) == "accepted"


def vote_at_once(forms, vote):
    """The statuses of votes sent at the same moment."""
    answers = {"vote": vote, "reason": "Now."}
    return at_once(*[lambda a=a, f=f: a.submit(f, answers).status_code for a, f in forms])


def test_votes_at_once_decide_once(hall, committee, opened):
    """Two votes at the same moment, each of which would decide."""
    for n in range(20):
        _, id_ = opened()
        against = n % 2
        if against:
            committee[0].follow(committee[0].vote(id_, "against"))
        else:
            hall.sql(f"UPDATE round SET quorum = 2 WHERE submission = X'{id_}'")
            committee[0].follow(committee[0].vote(id_, "favour"))
        vote = "against" if against else "favour"
        forms = [(admin, admin.case(id_).form("/vote")) for admin in committee[1:]]
        got = vote_at_once(forms, vote)
        assert sorted(got) == [303, 409]
        assert state(hall, id_) == ("declined" if against else "accepted")
        assert votes(hall, id_) == ["-", vote, vote]
        assert deeds(hall, id_) == ["case.open", "case.vote", "case.vote",
                                    "case.decline" if against else "case.accept"]
    assert hall.openhall("audit", "verify").returncode == 0


def test_votes_at_once_are_both_counted(hall, committee, opened):
    for _ in range(6):
        _, id_ = opened()
        forms = [(admin, admin.case(id_).form("/vote")) for admin in committee]
        got = vote_at_once(forms, "favour")
        assert got == [303, 303, 303]
        assert state(hall, id_) == "accepted" and votes(hall, id_) == ["favour"] * 3
        assert deeds(hall, id_).count("case.accept") == 1


def test_vote_and_withdrawal_at_once(hall, committee, opened):
    """One comes first; never a decision on what was withdrawn."""
    for _ in range(6):
        code, id_ = opened()
        committee[0].follow(committee[0].vote(id_, "against"))
        form = committee[1].case(id_).form("/vote")
        visitor = Visitor(hall)
        visitor.status(code)
        leave = visitor.page("/receipt/withdraw").form("/withdraw")
        got = at_once(
            lambda: committee[1].submit(form, {"vote": "against", "reason": "x"}).status_code,
            lambda: visitor.submit(leave).status_code)
        assert sorted(got) == [303, 409]
        assert state(hall, id_) == ("declined" if got[0] == 303 else "withdrawn")
        empty = hall.value(f"SELECT LENGTH(body) = 0 FROM submission WHERE id = X'{id_}'")
        assert empty == ("0" if got[0] == 303 else "1")
        assert deeds(hall, id_).count("case.decline") == (got[0] == 303)


# ---- a session that ends while somebody writes ----

def test_what_was_typed_goes_through_the_login(hall, committee, opened):
    _, id_ = opened()
    admin = committee[1]
    form = admin.case(id_).form(f"/admin/case/{id_}/vote")
    reason = f"Long thought over {word()}, <b>& \"said\" = so"
    hall.sql("UPDATE session SET expires_at = 1 WHERE admin ="
             f" (SELECT id FROM admin WHERE name = '{admin.name}')")
    page = Page(admin.submit(form, {"vote": "favour", "reason": reason}).text)
    assert state(hall, id_) == "review" and votes(hall, id_) == ["-", "-", "-"]

    wrong = admin.submit(page.form("/admin/login"),
                         {"name": admin.name, "password": "not the right one"})
    assert wrong.status_code == 422
    page = Page(wrong.text)
    asked = admin.submit(page.form("/admin/login"),
                         {"name": admin.name, "password": admin.password})
    assert asked.status_code == 200 and asked.headers["Cache-Control"] == "no-store"
    assert "<b>" not in asked.text.partition("<main")[2]
    assert reason in Page(asked.text).text("main")
    assert votes(hall, id_) == ["-", "-", "-"], "nothing is done unasked"
    admin.follow(admin.submit(Page(asked.text).form(f"/admin/case/{id_}/vote")))
    assert votes(hall, id_) == ["-", "-", "favour"]
    assert reason in admin.case(id_).text("main")


@pytest.mark.parametrize("to", ["//elsewhere.example/", "https://elsewhere.example/admin/",
                                "/join", "javascript:alert(1)", ""])
def test_login_leads_nowhere_else(hall, committee, to):
    admin = Admin(hall, committee[1].name)
    form = admin.page("/admin/login").form("/admin/login")
    got = admin.post(form.action, data={**dict(form.filled({
        "name": admin.name, "password": admin.password})), "to": to, "carried": "vote=favour"})
    assert (got.status_code, got.headers["Location"]) == (303, "/admin/")


@pytest.mark.parametrize("path, data", [
    ("/admin/case/{id_}/vote", {"vote": "favour", "reason": "Planted words"}),
    ("/admin/login", {"name": "Imani", "to": "/admin/case/{id_}/vote",
                      "carried": "vote=favour&reason=Planted+words"}),
])
@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_nobody_plants_a_vote(hall, opened, path, data, origin):
    """A page elsewhere reaches us without the cookie: nothing of it goes through a login."""
    _, id_ = opened()
    stranger = Visitor(hall)
    stranger.origin = origin
    got = stranger.post(path.format(id_=id_),
                        data={k: v.format(id_=id_) for k, v in data.items()})
    assert got.status_code == 403
    assert "Planted" not in got.text and "carried" not in got.text


# ---- through a list ----

def test_next_and_back(hall, committee, new_case):
    """A case knows which list one came from, comes back to that page of it, and leads on."""
    admin = committee[0]
    hall.sql("DELETE FROM submission WHERE state = 'received'")
    ids = [new_case()[1] for _ in range(27)]
    first = admin.page("/admin/queue?desk=membership")
    (more,) = [link for link in first.links if "after=" in link]
    rows = [link for page in (first, admin.page(more)) for link in page.links
            if link.startswith("/admin/case/")]
    assert len(rows) == 27 and {link[12:44] for link in rows} == set(ids)
    assert "after=" not in rows[24] and "after=" in rows[25]

    def back(page):
        return [link for link in page.links if link.startswith("/admin/queue?")][0]

    def onward(page):
        return [link for link in page.links if link.startswith("/admin/case/")
                and "at=" in link]
    seen, page = [rows[0][12:44]], admin.page(rows[0])
    while onward(page):
        assert len(seen) < 27 and back(page) == "/admin/queue?desk=membership&list=received"
        seen.append(onward(page)[0][12:44])
        page = admin.page(onward(page)[0])
    assert seen == [link[12:44] for link in rows] and "The last in this list" in page.text()
    assert back(admin.page(rows[25])) == more, "the page of the list that it stands on"

    # What is done does not lose the place, and says so.
    got = admin.submit(admin.page(rows[25]).form(f"/open?{rows[25].partition('?')[2]}"))
    page = admin.page(got.headers["Location"])
    assert "It is open for decision" in page.text("main") and back(page) == more
    assert onward(page)[0][12:44] == rows[26][12:44], "behind where it stood"
    assert page.has_form("/vote?" + rows[25].partition("?")[2])

    # An address that says anything else leads to the case all the same.
    for query in ("list=none&at=0.0.0." + "0" * 32, "list=received&at=x&after=y", "at=1",
                  "done=other", "list=ask&done=vote\"><b>"):
        page = admin.page(f"/admin/case/{ids[0]}?{query}")
        assert not onward(page) and back(page) in (
            "/admin/queue?desk=membership", "/admin/queue?desk=membership&list=received")
        assert "<b>" not in page.html and page.has_form(f"/admin/case/{ids[0]}/open") or \
            page.has_form(f"/admin/case/{ids[0]}/open?list=received")
