"""Whoever can write the database can destroy, but cannot put one thing in the place of
another: what is sealed is bound to where it stands."""

import pytest

from portal import Visitor


@pytest.fixture
def talked(hall, committee, new_case):
    """A request that was corrected twice, and that two admins wrote about."""
    code, id_ = new_case("/aid/request", name="First")
    holder = Visitor(hall)
    holder.status(code)
    for name in ("Second", "Third"):
        holder.follow(holder.correct({"name": name}))
    imani, tomas, _ = committee
    for admin in (imani, tomas):
        admin.follow(admin.note(id_, f"Noted by {admin.name}."))
    return holder, id_


def named(page):
    return [answer for question, answer in page.answers()
            if answer in ("First", "Second", "Third")]


def test_former_answers_are_bound(hall, committee, talked):
    _, id_ = talked
    where = f"submission = X'{id_}'"
    assert named(committee[0].case(id_)) == ["Third", "Second", "First"]

    # as those that stand
    hall.sql("CREATE TABLE was AS SELECT body FROM submission"
             f" WHERE id = X'{id_}'")
    hall.sql(f"UPDATE submission SET body = (SELECT body FROM revision WHERE {where}"
             f" AND number = 1) WHERE id = X'{id_}'")
    assert committee[0].get(f"/admin/case/{id_}").status_code == 500
    hall.sql(f"UPDATE submission SET body = (SELECT body FROM was) WHERE id = X'{id_}'")
    hall.sql("DROP TABLE was")
    assert committee[0].get(f"/admin/case/{id_}").status_code == 200

    # in another order
    hall.sql(f"UPDATE revision SET number = 3 - number + 10 WHERE {where}")
    assert committee[0].get(f"/admin/case/{id_}").status_code == 500


def test_notes_are_bound(hall, committee, talked):
    _, id_ = talked
    imani, tomas, _ = committee
    page = imani.case(id_).text()
    assert f"Noted by {imani.name}." in page and f"Noted by {tomas.name}." in page
    # into the mouth of another; the other stays as it is
    hall.sql(f"UPDATE note SET admin = (SELECT id FROM admin WHERE name = '{imani.name}')"
             f" WHERE submission = X'{id_}'")
    page = imani.case(id_).text()
    assert f"Noted by {imani.name}." in page and f"Noted by {tomas.name}." not in page
