"""Mail of the forms: the receipt to who wants it, a notice that says nothing, an invitation; in
the reader's language, and only where they may be written to."""

import re

import pytest

from mailbox import link, new_address, parts, post   # noqa: F401
from portal import Visitor, word
from stack import wait_for


def hand_in(post, answers, mail, path="/join", prefix=""):
    """Fill in and send; `mail`: tick the box, or leave it, or (None) it must not be there.
    Gives the receipt's code and the id of the case."""
    visitor = Visitor(post.stack)
    form = visitor.review(answers, prefix + path).form(path)
    assert ("mail" in form.names()) == (mail is not None)
    before = {id_ for (id_,) in post.stack.sql("SELECT HEX(id) FROM submission")}
    got = visitor.submit(form, {"mail": "yes"} if mail else {}, ("step", "send"))
    (id_,) = {id_ for (id_,) in post.stack.sql("SELECT HEX(id) FROM submission")} - before
    return visitor.follow(got).code(), id_.lower()


def settled(post):
    """Whatever was to be sent has been."""
    wait_for(lambda: post.stack.value(
        "SELECT COUNT(*) FROM outbox WHERE state = 'waiting'") == "0")


@pytest.mark.parametrize("prefix, language, subject", [
    ("", [], "Your receipt from "), ("/es", [], "Tu comprobante de "),
    ("", "es", "Tu comprobante de "), ("/es", "en", "Your receipt from ")])
def test_receipt(post, prefix, language, subject):
    address = new_address()
    code, _ = hand_in(post, {"email": address, "language": language}, True, prefix=prefix)
    mail = post.box.wait(address)
    assert mail["Subject"].startswith(subject)
    assert all(code in part for part in parts(mail))


def test_no_receipt_unasked(post):
    address = new_address()
    hand_in(post, {"email": address}, False)
    hand_in(post, {"email": "", "phone": "212 555 0100"}, None)
    settled(post)
    assert post.box.to(address) == []


@pytest.mark.parametrize("reach, n", [("email", 1), ("phone", 0), ("receipt", 0)])
def test_only_as_they_want_to_be_reached(post, reach, n):
    address = new_address()
    _, id_ = hand_in(post, {"email": address, "phone": "212 555 0100", "reach": reach},
                     False if n else None, "/aid/request")
    post.rosa.say(id_, "Hello " + word())
    settled(post)
    assert len(post.box.to(address)) == n


def test_message_and_decision(post):
    """Two messages are two mails, the same one sent twice is one, and none says what."""
    address, secret = new_address(), word()
    code, id_ = hand_in(post, {"email": address, "name": secret + "-name"}, False, "/support")
    for text in (secret, secret, secret + " again"):
        assert post.rosa.say(id_, text).status_code == 303
    post.box.wait(address, 2)
    settled(post)
    post.rosa.open(id_)
    assert post.rosa.vote(id_, "favour", secret).status_code == 303
    post.box.wait(address, 3)
    settled(post)
    mails = post.box.to(address)
    assert len(mails) == 3
    for mail in mails:
        said = str(mail) + "".join(parts(mail))
        assert not any(it in said for it in (secret, code, id_, "accepted"))
        assert link(mail, "/receipt").endswith("/receipt")


@pytest.mark.parametrize("prefix, language, subject", [
    ("", [], "There is news for you from "), ("/es", "en", "There is news for you from "),
    ("/es", [], "Hay novedades para ti de "), ("", "es", "Hay novedades para ti de ")])
def test_decided(post, prefix, language, subject):
    """In their language; accepted or declined, it is word for word the same."""
    mails = []
    for vote in ("favour", "against"):
        address, name, reason = new_address(), word(), word()
        code, id_ = hand_in(post, {"email": address, "name": name, "language": language},
                            False, "/support", prefix)
        post.rosa.open(id_)
        assert post.rosa.vote(id_, vote, reason).status_code == 303
        mail = post.box.wait(address)
        said = str(mail) + "".join(parts(mail))
        assert not any(it in said for it in (name, reason, code, id_))
        mails.append((str(mail["Subject"]), *parts(mail)))
    assert mails[0] == mails[1] and mails[0][0].startswith(subject)
    lang = language or prefix[1:] or "en"
    assert f'lang="{lang}"' in mails[0][2] and link(mail, "/receipt").endswith(
        ("/es" if lang == "es" else "") + "/receipt")


def test_invitation(post):
    address = new_address()
    form = post.rosa.page("/admin/people").form("/admin/people/invite")
    desks = [c.value for c in form.controls if c.name == "desk"]
    got = post.rosa.submit(form, {"desk": desks, "email": address})
    assert got.status_code == 200 and address in got.text
    shown = re.search(r"http\S+?/admin/welcome\?invitation=[0-9A-Z-]+", got.text)[0]
    assert link(post.box.wait(address), "invitation") == shown


@pytest.mark.parametrize("bad", ["ana", "a b@example.org", "a@example.org, b@example.org",
                                 "a@example.org\r\nBcc: b@example.org"])
def test_invitation_to_no_address(post, bad):
    """Nothing is made, and what was ticked stays."""
    before = post.stack.value("SELECT COUNT(*) FROM invitation")
    form = post.rosa.page("/admin/people").form("/admin/people/invite")
    got = post.rosa.submit(form, {"desk": ["aid"], "email": bad})
    assert got.status_code == 422 and 'href="#invite-email"' in got.text
    assert re.findall(r'value="(\w+)" id="invite-\w+" checked', got.text) == ["aid"]
    assert post.stack.value("SELECT COUNT(*) FROM invitation") == before


def test_without_mail_nothing_is_offered(post):
    programs = ("courier", "admin", "join")
    post.configure(None, programs)
    try:
        for url in ("/join", "/admin/people"):
            wait_for(lambda: post.rosa.request("GET", url).status_code == 200)
        hand_in(post, {"email": new_address()}, None)
        assert "email" not in post.rosa.page("/admin/people").form("/people/invite").names()
    finally:
        post.to_folder(programs)
