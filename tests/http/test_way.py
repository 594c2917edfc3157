"""The whole way, on a site as it is shipped: somebody applies in Spanish, with mistakes,
and the committee, which begins with one, decides."""

import re
import time

from portal import Admin, Page, Visitor, complete, word


def test_from_an_application_to_a_decision(caucus):
    name, reason = "Añela Ñúñez " + word(), "Con nosotras desde la huelga. " + word()
    visitor, started = Visitor(caucus), time.monotonic()
    form = visitor.page("/es/join").form("/es/join")
    wrong = complete(form, {"name": name, "email": "a@", "meetings": []})
    page = Page(visitor.submit(form, wrong).text)
    assert page.lang == "es" and page.errors() == ["f-email", "f-meetings"]
    again = page.form("/es/join")
    review = Page(visitor.submit(again, {"email": "ana@example.org", "meetings": "yes"}).text)
    assert name in review.text("dd")
    time.sleep(max(0, 3.1 - (time.monotonic() - started)))
    fresh = visitor.follow(visitor.submit(review.form("/es/join"), button=("step", "send")))
    code = fresh.code()
    status = visitor.follow(visitor.submit(fresh.form("/es/receipt"), {"code": code.lower()}))
    assert name in status.text("dd")

    first = Admin(caucus, "Luz").accept(caucus.invitation)
    assert "Invite another reviewer" in first.page("/admin/").text("main")
    queue = first.page("/admin/queue")
    assert name in queue.text("td")
    link = re.search(rf'href="(/admin/case/[0-9a-f]+)[^"]*">{name}<', queue.html)[1]
    case = first.page(link)
    assert not case.has_form("/open") and "at least 2 reviewers; serving at this desk: 1" in case.text("aside")
    # Nor by hand: one alone decides nothing.
    got = first.post(link + "/open", data={"token": case.form("/logout")["token"]})
    assert got.status_code == 409 and caucus.sql("SELECT * FROM round") == []

    second = Admin(caucus, "Dai").accept(first.invite())
    first.follow(first.submit(first.page(link).form("/open")))
    page = first.follow(first.submit(first.page(link).form("/vote"),
                                     {"vote": "favour", "reason": reason}))
    assert "1 more vote" in page.text("aside")
    seen = second.page(link)
    assert reason in seen.text("aside")
    page = second.follow(second.submit(seen.form("/vote"),
                                       {"vote": "favour", "reason": "De acuerdo."}))
    assert "Accepted" in page.text("main") and not page.has_form("/vote")
    told = Visitor(caucus).status(code, "/es").text("main")
    assert "fue aceptada" in told
    assert reason not in told and "Luz" not in told
    assert caucus.openhall("audit", "verify").returncode == 0
