"""Being told of new statements by mail: asking, confirming, leaving; and what of an address
is kept where."""

import re
import subprocess
import time
from urllib.parse import quote

import pytest

from mailbox import FROM, link, new_address, parts, path_of, post   # noqa: F401
from portal import Page, Visitor, word
from stack import wait_for
from test_sealed import spellings

DAY = 86400


def without_tokens(text):
    return re.sub(r'name="token" value="[^"]*"', "", text)


def shape(got):
    """What an answer says, but for when."""
    headers = {k: v for k, v in got.headers.items() if k not in ("Date", "ETag")}
    return got.status_code, headers, without_tokens(got.text)


def unconfirmed(post, prefix="", address=None, **more):
    """Somebody asked: their address, and where their mail leads."""
    address = address or new_address()
    assert post.ask(address, prefix, **more).status_code == 303
    return address, path_of(post.stack, link(post.box.wait(address), "confirm"))


def state_after(post, before):
    """Of the reader whose row was not there before."""
    (row,) = set(post.stack.sql("SELECT HEX(id) FROM subscriber")) - before
    return row[0]


def state(post, id_):
    return post.stack.value(f"SELECT state FROM subscriber WHERE id = X'{id_}'")


@pytest.fixture
def reader(post):
    """One who confirmed: their address, code and row."""
    before = set(post.stack.sql("SELECT HEX(id) FROM subscriber"))
    address, code = post.subscribe()
    return address, code, state_after(post, before)


@pytest.fixture
def asked(post):
    """One who did not confirm: their address, link and row."""
    before = set(post.stack.sql("SELECT HEX(id) FROM subscriber"))
    address, url = unconfirmed(post)
    return address, url, state_after(post, before)


# ---- asking ----

def test_the_answer_is_the_same(post, reader, asked):
    known = [shape(post.ask(reader[0])), shape(post.ask(asked[0]))]
    fresh = new_address()
    assert shape(post.ask(fresh)) == known[0] == known[1]
    assert known[0][0] == 303
    pages = [shape(Visitor(post.stack).get("/subscribe/sent")) for _ in range(2)]
    assert pages[0] == pages[1] and pages[0][0] == 200
    # The mails tell them apart, and nobody but their owners.
    post.box.wait(fresh)
    post.settle()
    assert len(post.box.to(reader[0])) == len(post.box.to(asked[0])) == 1


def test_confirmation_is_ours(post):
    """Not a word in it was typed by the one who asked, but where it goes."""
    local = "buy.now.cheap+free-pills"
    address = f"{local}.{word()}@example.net"
    mail = post.ask(address) and post.box.wait(address)
    text, html = parts(mail)
    assert mail["To"] == address and mail["From"].addresses[0].addr_spec == FROM
    for piece in (local, "pills", address, "example.net"):
        assert piece not in text + html + mail["Subject"] + str(mail["From"]), piece
    other = new_address()
    post.ask(other)
    same = parts(post.box.wait(other))
    code = re.compile(r"code=[0-9A-Z-]+")
    assert code.sub("", text) == code.sub("", same[0])
    assert code.sub("", html) == code.sub("", same[1])
    # It is not of the list: nobody is on it yet.
    assert mail["List-Id"] is None and mail["List-Unsubscribe"] is None


def test_once_a_day(post, asked):
    address, url, id_ = asked
    for again in (address, address.upper(), f"  {address} "):
        assert post.ask(again).status_code == 303
    post.settle()
    assert len([m for m in post.box.all() if m["To"].lower() == address]) == 1
    # Two days later once more, with the same link.
    post.stack.sql(f"UPDATE subscriber SET asked_at = asked_at - {2 * DAY}"
                   f" WHERE id = X'{id_}'")
    for _ in range(2):
        post.ask(address)
    mail = post.box.wait(address, 2)
    post.settle()
    assert len(post.box.to(address)) == 2
    assert path_of(post.stack, link(mail, "confirm")) == url


def test_a_form_sent_twice_is_one(post):
    visitor, address = Visitor(post.stack), new_address()
    form = visitor.page("/subscribe").form("/subscribe")
    for _ in range(2):
        assert visitor.submit(form, {"address": address}).status_code == 303
    post.settle()
    post.box.wait(address)


def test_the_trap(post):
    address = new_address()
    got = post.ask(address, website="http://example.com")
    assert shape(got) == shape(post.ask(new_address()))
    post.settle()
    assert post.box.to(address) == []


@pytest.mark.parametrize("address", [
    "", "nobody", "@example.net", "a@", "a b@example.net", "a@b@example.net", "a@-b.net",
    "a@example.net, b@example.net", "a@example.net\nBcc: b@example.net", "<a@example.net>",
    "a" * 65 + "@example.net", "a@" + "b" * 64 + ".net", "a@" + "b." * 130 + "net",
    "ä@example.net"])
def test_no_address(post, address):
    got = post.ask(address)
    page = Page(got.text)
    assert got.status_code == 422 and page.errors() == ["f-address"]
    field = [a for t, a in page.tags if a.get("id") == "f-address"][0]
    assert field.get("aria-invalid") == "true"
    assert int(post.stack.value("SELECT COUNT(*) FROM signup")) == 0


def test_asking_needs_a_token_of_ours(post):
    address = new_address()
    visitor = Visitor(post.stack)
    got = visitor.post("/subscribe", data={"address": address})
    assert got.status_code == 422 and address in got.text    # what was typed is kept
    visitor.origin = "http://evil.example"
    form = visitor.page("/subscribe").form("/subscribe")
    assert visitor.submit(form, {"address": address}).status_code in (403, 422)
    post.settle()
    assert post.box.to(address) == []


def test_language(post):
    """Of the page where nothing is chosen, or what is chosen."""
    page = Visitor(post.stack).page("/es/subscribe")
    assert page.lang == "es" and page.form("/subscribe")["lang"] == ["es"]
    _, url = unconfirmed(post, "/es")
    assert url.startswith("/es/subscribe/confirm?")
    assert Visitor(post.stack).page(url).lang == "es"
    address, url = unconfirmed(post, lang="es")
    assert url.startswith("/es/")
    assert 'lang="es"' in parts(post.box.wait(address))[1]
    _, url = unconfirmed(post, "/es", lang="en")
    assert url.startswith("/subscribe/confirm?")


def test_how_many_in_total(post):
    """No more than so many confirmations an hour leave; who is over waits and gets it."""
    address = new_address()
    post.settle()
    post.stack.sql(f"UPDATE duty SET next_at = {int(time.time()) + 3590}"
                   " WHERE name = 'confirm'")
    assert post.ask(address).status_code == 303
    time.sleep(3)
    assert post.box.to(address) == []
    assert post.stack.value("SELECT COUNT(*) FROM signup") == "1"
    post.settle()
    post.box.wait(address)


# ---- confirming ----

def test_a_scanner_confirms_nothing(post, asked):
    _, url, id_ = asked
    for method in ("GET", "HEAD", "GET"):
        assert Visitor(post.stack).request(method, url).status_code == 200
    assert state(post, id_) == "pending"
    visitor = Visitor(post.stack)
    form = visitor.page(url).form("/subscribe/confirm")
    assert form.method == "post"
    done = visitor.follow(visitor.submit(form))
    assert state(post, id_) == "confirmed" and not done.forms
    # Once more is calm, by the link and by the button.
    assert visitor.page(url).text() == done.text()
    assert visitor.follow(visitor.submit(form)).text() == done.text()


def test_confirming_needs_a_token_of_ours(post, asked):
    _, url, id_ = asked
    code = url.rpartition("=")[2]
    got = Visitor(post.stack).post("/subscribe/confirm", data={"code": code})
    assert got.status_code == 422 and state(post, id_) == "pending"
    visitor = Visitor(post.stack)
    visitor.follow(visitor.submit(Page(got.text).form("/subscribe/confirm")))
    assert state(post, id_) == "confirmed"


@pytest.mark.parametrize("prefix", ["", "/es"])
def test_a_code_of_nobody(post, asked, reader, prefix):
    """Unknown, forgotten and cut short: one calm answer, by the link and by the button."""
    _, url, id_ = asked
    code = url.rpartition("=")[2]
    unknown = code[::-1]
    visitor = Visitor(post.stack)
    form = visitor.page(prefix + url.removeprefix("/es")).form("/subscribe/confirm")
    post.stack.sql(f"DELETE FROM subscriber WHERE id = X'{id_}'")
    said = {visitor.page(f"{prefix}/subscribe/confirm?code={quote(text)}", 404).text()
            for text in (code, code[:-3], unknown, "", "x" * 40, "'\"<b>")}
    got = visitor.submit(form)
    said.add(Page(got.text).text())
    assert got.status_code == 404 and len(said) == 1
    page = Page(got.text)
    assert page.lang == (prefix[1:] or "en") and f"{prefix}/subscribe" in page.links


def test_unconfirmed_ones_are_forgotten(post, asked, reader):
    _, url, id_ = asked
    post.stack.sql(f"UPDATE subscriber SET asked_at = asked_at - {4 * DAY} WHERE id IN"
                   f" (X'{id_}', X'{reader[2]}')")
    post.stack.sql("UPDATE duty SET next_at = 0 WHERE name = 'tidy'")
    wait_for(lambda: not post.stack.sql(f"SELECT 1 FROM subscriber WHERE id = X'{id_}'"))
    assert state(post, reader[2]) == "confirmed"
    Visitor(post.stack).page(url, 404)


# ---- leaving ----

def gone(post, id_):
    """They have left, and their address with them."""
    got = post.stack.sql(f"SELECT state, LENGTH(address) FROM subscriber WHERE id = X'{id_}'")
    return got == [("left", "0")]


@pytest.mark.parametrize("prefix", ["", "/es"])
@pytest.mark.parametrize("origin", [None, "https://mail.example.com", "null"])
def test_leaving_by_one_click(post, reader, prefix, origin):
    """RFC 8058: a mail program of elsewhere, without cookie or token, follows no redirect."""
    _, code, id_ = reader
    visitor = Visitor(post.stack)
    visitor.origin = origin
    got = visitor.post(f"{prefix}/subscribe/leave?code={code}",
                       data={"List-Unsubscribe": "One-Click"})
    assert got.status_code == 200 and "Set-Cookie" not in got.headers
    assert gone(post, id_)
    # Once more, as after a lost answer.
    again = visitor.post(f"{prefix}/subscribe/leave?code={code}",
                         data={"List-Unsubscribe": "One-Click"})
    assert again.status_code == 200


def test_one_click_as_multipart(post, reader):
    """RFC 8058, 3.2 allows either encoding."""
    _, code, id_ = reader
    got = Visitor(post.stack).post(f"/subscribe/leave?code={code}",
                                   files={"List-Unsubscribe": (None, "One-Click")})
    assert got.status_code == 200 and gone(post, id_)


def test_no_other_route_is_that_open(post, asked):
    """Elsewhere what is sent from another site is refused."""
    _, url, id_ = asked
    visitor = Visitor(post.stack)
    form = visitor.page(url).form("/subscribe/confirm")
    visitor.origin = "https://mail.example.com"
    assert visitor.submit(form).status_code in (403, 422)
    assert state(post, id_) == "pending"


def test_leaving_by_the_page(post, reader):
    address, code, id_ = reader
    visitor = Visitor(post.stack)
    for _ in range(2):      # a scanner
        page = visitor.page(f"/subscribe/leave?code={code}")
    assert state(post, id_) == "confirmed"
    done = visitor.follow(visitor.submit(page.form("/subscribe/left")))
    assert gone(post, id_) and "/subscribe" in done.links
    # Not by the link of then: who comes back is asked once more.
    visitor.page(f"/subscribe/confirm?code={code}", 404)
    post.ask(address)
    mail = post.box.wait(address, 2)
    visitor.follow(visitor.submit(visitor.page(path_of(post.stack, link(
        mail, "confirm"))).form("/subscribe/confirm")))
    assert state(post, id_) == "confirmed"


def test_leaving_without_a_code(post, reader):
    _, code, id_ = reader
    visitor = Visitor(post.stack)
    for text in ("", code[:-4], code[::-1], "x"):
        got = visitor.post(f"/subscribe/leave?code={text}",
                           data={"List-Unsubscribe": "One-Click"})
        # Of one that could be somebody's it is not told whether it is.
        assert got.status_code in (200, 404), got.text
    visitor.post("/subscribe/leave", data={"code": code, "List-Unsubscribe": "One-Click"})
    assert state(post, id_) == "confirmed"


def mail_in(post, text):
    """The site's mail server got a mail."""
    name = word()
    (post.bounces / "tmp" / name).write_text(text)
    (post.bounces / "tmp" / name).rename(post.bounces / "new" / name)
    wait_for(lambda: not (post.bounces / "new" / name).exists())


def test_leaving_by_mail(post, reader):
    """The subject that the header of our mail names; what else comes in changes nothing."""
    address, code, id_ = reader
    for subject in ("Hello", f"leave {code[:-2]}", "leave", f"leave {code} please"):
        mail_in(post, f"From: {address}\nTo: {FROM}\nSubject: {subject}\n\nleave {code}\n")
        assert state(post, id_) == "confirmed", subject
    mail_in(post, f"From: other@example.com\r\nTo: {FROM}\r\nsubject: leave\r\n {code}"
                  "\r\n\r\n")
    assert gone(post, id_)


# ---- what is kept ----

def test_no_address_in_clear(post):
    """Neither in the database nor in a log, in no spelling; nor a code that opens a list."""
    mark = "q" + word(20)
    address = f"{mark}@example.net"
    url = unconfirmed(post, address=address)[1]
    Visitor(post.stack).page(url)
    code = url.rpartition("=")[2]
    post.ask(address.upper())
    post.ask(f"{mark} no address")
    post.settle()
    dump = subprocess.run([*post.stack.client("mariadb-dump"), "--hex-blob",
                           "--skip-extended-insert", post.stack.database],
                          capture_output=True, timeout=60, check=True).stdout
    logs = post.stack.logs().encode()
    assert b"INSERT INTO `subscriber`" in dump and logs
    for needle in (*spellings(mark), code.encode(), code.replace("-", "").encode()):
        assert needle.lower() not in dump.lower(), needle
        assert needle.lower() not in logs.lower(), needle


def test_no_more_wait_than_can_be_answered(post):
    """However many sign up, the table does not grow for ever."""
    post.stack.supervisorctl("stop", "courier")
    try:
        post.stack.sql("INSERT INTO signup VALUES "
                       + ", ".join(["(RANDOM_BYTES(16), 'x', 'en', 1)"] * 7200))
        before = int(post.stack.value("SELECT COUNT(*) FROM signup"))
        assert post.ask(new_address()).status_code == 303
        got = post.ask(new_address())
        assert got.status_code == 503 and got.headers["Retry-After"] == "30"
        assert int(post.stack.value("SELECT COUNT(*) FROM signup")) == before + 1
    finally:
        post.stack.sql("DELETE FROM signup WHERE address = 'x'")
        post.stack.supervisorctl("start", "courier")


# ---- a site without mail ----

def test_without_mail_nothing_is_offered(post, reader):
    """Neither a link nor a form; who is on the list can still leave it."""
    _, code, id_ = reader
    slug = f"said-{word()}"
    post.stack.sql(
        "INSERT INTO published (id, work, lang, slug, title, summary, html, published_at)"
        f" VALUES (RANDOM_BYTES(16), RANDOM_BYTES(16), 'en', '{slug}', '{slug}', '',"
        " '<p>Said.</p>', UNIX_TIMESTAMP() - 60); UPDATE press SET number = number + 1")
    year = time.gmtime(time.time() - 60).tm_year
    pages = ("/", "/statements", f"/statements/{year}", f"/statements/{slug}")

    def leads(page):
        """Whether it leads to the form, beside to itself in another language."""
        return "/subscribe\"" in re.search(r"<main.*</main>", page.html, re.S)[0]

    def offered(path):
        page = Visitor(post.stack).page(path)
        return slug in page.html and leads(page)
    form = Visitor(post.stack).page("/subscribe").form("/subscribe")
    for path in pages:
        wait_for(lambda: offered(path))
    post.configure(None, ("courier", "statements"))
    try:
        for path in pages:
            wait_for(lambda: slug in Visitor(post.stack).page(path).html and not offered(path))
        for path in ("/subscribe", "/es/subscribe", "/subscribe/sent"):
            page = Visitor(post.stack).page(path, 404)
            assert not page.forms and not leads(page)
            assert ("/es" if "/es/" in path else "") + "/statements" in page.links
        got = Visitor(post.stack).submit(form, {"address": new_address()})
        assert got.status_code == 404
        assert post.stack.value("SELECT COUNT(*) FROM signup") == "0"
        # a link that leads nowhere sends nobody to the form
        page = Visitor(post.stack).page("/subscribe/confirm?code=x", 404)
        assert not leads(page)
        visitor = Visitor(post.stack)
        page = visitor.page(f"/subscribe/leave?code={code}")
        done = visitor.follow(visitor.submit(page.form("/subscribe/left")))
        assert gone(post, id_) and not leads(done)
    finally:
        post.to_folder(("courier", "statements"))
    for path in pages:
        wait_for(lambda: offered(path))
