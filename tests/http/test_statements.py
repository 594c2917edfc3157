"""Statements: written, previewed, decided on, published, corrected and withdrawn, and the
pages that their readers have."""

import re
import subprocess
import time
from datetime import datetime, timedelta, timezone

import pytest

from portal import Admin, Page, Visitor, word
from stack import wait_for

WORDS = "The quick brown fox jumps over the lazy dog; Ñandú & <others> stay.\n"


def write(admin, title, body="We *strike*.", at="new", step="save", **fields):
    """Fill in the form of the statement with the id `at`, and send it."""
    form = admin.page(f"/admin/statements/{at}").form(f"/admin/statements/{at}")
    return admin.submit(form, {"title": title, "body": body, **fields}, ("step", step))


def saved(got):
    """The id of what was saved."""
    assert got.status_code == 303, (got.status_code, Page(got.text).text("main")[:2000])
    return re.fullmatch(r"/admin/statements/([0-9a-f]{32})\?done=\w+",
                        got.headers["Location"])[1]


def draft(admin, title=None, body="We *strike*.", **fields):
    return saved(write(admin, title or f"Title {word()}", body, **fields))


def deed(admin, id_, what, answers=None):
    """Press the button of one of the forms beside the text."""
    path = f"/admin/statements/{id_}"
    page = admin.page(path + "/withdraw" * (what == "withdraw"))
    return admin.submit(page.form(f"{path}/{what}"), answers or {})


def publish(admin, id_, **answers):
    """`at` its time, or `note` of a correction.  Gives the slug."""
    assert saved(deed(admin, id_, "publish", answers)) == id_
    return slug_of(admin.stack, id_)


def published(admin, title=None, body="We *strike*.", **fields):
    """One that is written and published at once: its id and slug."""
    id_ = draft(admin, title, body, **fields)
    return id_, publish(admin, id_)


def slug_of(stack, id_):
    return stack.value(f"SELECT slug FROM statement WHERE id = X'{id_}'")


def state(stack, id_):
    return stack.value(f"SELECT state FROM statement WHERE id = X'{id_}'")


def version(stack, id_):
    return int(stack.value(f"SELECT version FROM statement WHERE id = X'{id_}'"))


def forced(admin, id_, what, **data):
    """Send what no form on the page would."""
    token = admin.page("/admin/account").form("/admin/logout")["token"]
    return admin.post(f"/admin/statements/{id_}/{what}".rstrip("/"), data={
        "token": token, "version": version(admin.stack, id_), **data})


def soon(stack, path, says, status=200, within=5):
    """What a visitor finds there comes to be so.  Gives the page's HTML."""
    def look():
        got = Visitor(stack).get(path)
        return got.status_code == status and (status != 200 or says(got.text)) and [got.text]
    return wait_for(look, within, 0.2)[0]


def everywhere(stack, slug):
    """Of the places where a statement shows, those in which it does, once they are fresh."""
    time.sleep(2)       # what nginx keeps for a second it may keep to the end of the next
    return {path for path in EVERYWHERE
            if f"/statements/{slug}" in Visitor(stack).get(path).text}


EVERYWHERE = {"/", "/statements", "/statements.rss", "/statements.atom", "/statements.json"}


def rows(stack, many, lang="en", first=946684800, step=3600):
    """So many statements of the past put right into the store: their slugs, oldest first."""
    mark = word()
    slugs = [f"{mark}-{i}" for i in range(many)]
    stack.sql("INSERT INTO published (id, work, lang, slug, title, summary, html,"
              " published_at) VALUES " + ", ".join(
                  f"(RANDOM_BYTES(16), RANDOM_BYTES(16), '{lang}', '{slug}', 'T {slug}', '',"
                  f" '<p>Text of {slug}.</p>', {first + i * step})"
                  for i, slug in enumerate(slugs))
              + "; UPDATE press SET number = number + 1")
    return slugs


# ---- writing ----

def test_preview_stores_nothing(press, editor):
    title, body = f"Strike {word()}", "# Loud\n\nWe *strike* & **win**.\n\n* one\n* two"
    before = press.value("SELECT COUNT(*) FROM statement")
    got = write(editor, title, body, step="preview", summary="In < short", slug="")
    page = Page(got.text)
    assert got.status_code == 200 and page.text("article").startswith(f"{title} In < short Loud")
    shown = re.search(r'<article class="statement".*?</article>', got.text, re.S)[0]
    assert "<em>strike</em> &amp; <strong>win</strong>" in shown and "<li>one</li>" in shown
    form = page.form("/admin/statements/new")
    assert (form["title"], form["body"], form["summary"]) == (title, body, "In < short")
    assert press.value("SELECT COUNT(*) FROM statement") == before
    # What was previewed is what is saved, and looks so when it is public.
    id_ = saved(editor.submit(form, button=("step", "save")))
    assert press.value(f"SELECT title FROM statement WHERE id = X'{id_}'") == title
    public = soon(press, f"/statements/{publish(editor, id_)}", lambda text: title in text)
    for piece in ("<em>strike</em> &amp; <strong>win</strong>", "<li>one</li>"):
        assert piece in public


def test_draft_is_not_public(press, editor):
    title = f"Unheard {word()}"
    id_ = draft(editor, title, f"Body {word()}")
    slug = slug_of(press, id_)
    assert slug == title.lower().replace(" ", "-")
    assert title in editor.page("/admin/statements?list=draft").text("table")
    for path in (f"/statements/{slug}", f"/statements/{id_}", f"/es/statements/{slug}"):
        assert Visitor(press).get(path).status_code == 404
    assert Visitor(press).get(f"/admin/statements/{id_}").status_code == 303
    assert everywhere(press, slug) == set()
    # thrown away: nothing of it is left
    got = write(editor, title, "x", at=id_, step="remove")
    assert got.headers["Location"] == "/admin/statements"
    assert press.value(f"SELECT COUNT(*) FROM statement WHERE id = X'{id_}'") == "0"
    assert editor.get(f"/admin/statements/{id_}").status_code == 404


def test_two_write_and_nothing_is_lost(press, editor):
    id_ = draft(editor, "Common", "first")
    path = f"/admin/statements/{id_}"
    theirs, ours = (editor.page(path).form(path) for _ in range(2))
    saved(editor.submit(theirs, {"body": "first and theirs"}, ("step", "save")))
    got = editor.submit(ours, {"body": "first and ours"}, ("step", "save"))
    assert got.status_code == 409
    body = f"SELECT body FROM statement WHERE id = X'{id_}'"
    assert press.value(body) == "first and theirs"
    page = Page(got.text)
    assert "Imani saved it while you were writing" in page.text("main")
    assert "theirs" in page.text("del") and "ours" in page.text("ins")
    again = page.form(path)
    assert again["body"] == "first and ours"
    assert saved(editor.submit(again, {"body": "first, theirs and ours"},
                               ("step", "save"))) == id_
    assert press.value(body) == "first, theirs and ours"


@pytest.mark.parametrize("fields, at", [
    ({"title": ""}, "title"), ({"title": "x" * 201}, "title"), ({"title": "a\x07b"}, "title"),
    ({"summary": "x" * 601}, "summary"), ({"body": ""}, "body"),
    ({"body": "> " * 3000 + "deep"}, "body"),
    *(({"slug": slug}, "slug") for slug in (
        "2026", "new", "recent", "subscribe", "confirm", "leave", "rss", "atom", "json", "Upper",
        "two words", "-x", "x-", "é", "a/b", "a" * 81)),
], ids=lambda what: str(what)[:30])
def test_refused(press, editor, fields, at):
    fields = {"title": "Kept", "body": "kept body", **fields}
    before = press.value("SELECT COUNT(*) FROM statement")
    got = write(editor, **fields)
    page = Page(got.text)
    assert got.status_code == 422 and page.errors() == [at]
    form = page.form("/admin/statements/new")
    for name, value in fields.items():
        if "\x07" not in value:
            assert form[name] == value
    assert press.value("SELECT COUNT(*) FROM statement") == before


def test_all_mistakes_at_once(press, editor):
    """A summary with a link to each field, its message beside it, and every value kept."""
    taken = slug_of(press, draft(editor))
    fields = {"title": "", "slug": "Two words", "summary": "s" * 601, "body": "> " * 3000 + "x"}
    got = write(editor, **fields)
    page = Page(got.text)
    assert got.status_code == 422
    assert page.errors() == ["title", "slug", "summary", "body"]
    form = page.form("/admin/statements/new")
    for name, value in fields.items():
        (field,) = [a for _, a in page.tags if a.get("id") == name]
        assert form[name] == value and field["aria-invalid"] == "true"
        assert f"e-{name}" in field["aria-describedby"].split() and f"e-{name}" in page.ids
    summary = re.findall(r'<li><a href="#\w+">([^<]*)</a></li>', got.text)
    assert len(set(summary)) == 4
    assert summary == re.findall(r'<p class="error" id="e-\w+">([^<]*)</p>', got.text)
    # what only the store knows is told with the rest, also of one that is there already
    got = write(editor, "", "", slug=taken)
    assert Page(got.text).errors() == ["title", "slug", "body"]
    id_ = draft(editor, "Stays", "as it is")
    got = write(editor, "", "", at=id_, slug=taken)
    assert Page(got.text).errors() == ["title", "slug", "body"]
    form = editor.page(f"/admin/statements/{id_}").form(f"/admin/statements/{id_}")
    token = form["token"]
    got = editor.post(f"/admin/statements/{id_}", data={
        "token": token, "version": "1", "title": " ", "body": " ", "lang": "xx", "slug": "",
        "step": "save"})
    assert Page(got.text).errors() == ["title", "lang", "body"]
    # and with the preview
    got = write(editor, "", "Seen.", step="preview", slug="-")
    assert Page(got.text).errors() == ["title", "slug"] and "Seen." in Page(got.text).text(
        "article")
    # a second translation
    other = editor.page(f"/admin/statements/new?of={id_}&lang=en").form("/statements/new")
    got = editor.submit(other, {"title": "", "body": "x"}, ("step", "save"))
    assert Page(got.text).errors() == ["title", "lang"]
    assert press.value(f"SELECT version FROM statement WHERE id = X'{id_}'") == "1"


def test_a_version_typed_by_hand_overwrites_nothing(press, editor):
    """0 is none that ever was, and not whichever there is."""
    id_ = draft(editor, "Mine", "mine")
    for version_sent in ("0", "-1", "", "x", "2", "99999999999999999999"):
        for step in ("save", "remove", "publish"):
            got = forced(editor, id_, "publish" if step == "publish" else "", title="Theirs",
                         body="theirs", lang="en", slug="", step=step, version=version_sent)
            assert got.status_code == 409, (version_sent, step)
    assert press.sql(f"SELECT body, version, state FROM statement WHERE id = X'{id_}'") == [
        ("mine", "1", "draft")]


def test_slugs(press, editor):
    for slug in ("a" * 80, "20261", "recently", word()):
        assert slug_of(press, draft(editor, "T", slug=slug)) == slug
        assert Page(write(editor, "T", slug=slug).text).errors() == ["slug"], "taken"
    # made from the title
    title = f"Ñandú & Co {word()}"
    first, second = (slug_of(press, draft(editor, title)) for _ in range(2))
    assert re.fullmatch(r"nandu-co-x\w+", first) and second == first + "-2"
    for title in ("2026", "Recent", "???"):
        slug = slug_of(press, draft(editor, title))
        assert re.fullmatch(r"[a-z][a-z0-9-]*", slug) and slug not in ("2026", "recent")
    # the same in another language is another address
    id_ = draft(editor, "Texto", slug="recently", lang="es")
    assert slug_of(press, id_) == "recently"


def test_session_ends_while_a_long_text_is_written(press, editor):
    """100 KB come through the log-in as they were typed."""
    admin = Admin(press, "Imani").login()
    body = (WORDS * (100_000 // len(WORDS.encode()) + 1)).encode()[:100_000].decode(
        errors="ignore").rstrip()
    title = f"Long {word()}"
    path = "/admin/statements/new"
    form = admin.page(path).form(path)
    press.sql("UPDATE session SET expires_at = 1")
    editor.login()
    got = admin.submit(form, {"title": title, "body": body}, ("step", "save"))
    assert got.status_code in (200, 422), got.status_code
    got = admin.submit(Page(got.text).form("/admin/login"),
                       {"name": admin.name, "password": admin.password})
    assert got.status_code == 200, got.status_code
    count = f"SELECT COUNT(*) FROM statement WHERE title = '{title}'"
    assert press.value(count) == "0"
    id_ = saved(admin.submit(Page(got.text).form(path)))
    assert press.value(count) == "1"
    path = f"/admin/statements/{id_}"
    assert admin.page(path).form(path)["body"] == body


def test_who_does_not_serve_there_finds_nothing(press, editor):
    id_, slug = published(editor)
    other = Admin(press, f"Other {word()}").accept(editor.invite(["membership"]))
    assert other.get("/admin/").status_code == 200
    assert not any("/admin/statements" in link for link in other.page("/admin/").links)
    path = f"/admin/statements/{id_}"
    for get in ("/admin/statements", "/admin/statements/new", path, f"{path}/withdraw",
                f"/admin/statements/new?of={id_}&lang=es", f"{path}/difference?from=1"):
        assert editor.get(get).status_code == 200
        assert other.get(get).status_code == 404, get
    for what in ("ask", "vote", "recuse", "publish", "withdraw", "announce"):
        assert forced(other, id_, what, vote="favour", reason="x").status_code == 404, what
    token = other.page("/admin/account").form("/admin/logout")["token"]
    for at in ("new", id_):
        got = other.post(f"/admin/statements/{at}", data={
            "token": token, "version": "1", "title": "Taken", "body": "x", "lang": "en",
            "slug": "", "summary": "", "step": "save"})
        assert got.status_code == 404
    assert press.value("SELECT COUNT(*) FROM statement WHERE title = 'Taken'") == "0"
    assert Visitor(press).get(f"/statements/{slug}").status_code == 200


# ---- others decide ----

@pytest.fixture
def asked(hall, committee):
    """A statement that the committee was asked about.  The rule: two of them, one against."""
    id_ = draft(committee[0], f"Ours {word()}")
    assert saved(deed(committee[0], id_, "ask")) == id_
    return id_


def vote(admin, id_, how, reason="Well said."):
    return deed(admin, id_, "vote", {"vote": how, "reason": reason})


def test_approved_by_two(hall, committee, asked):
    imani, tomas, wei = committee
    slug = slug_of(hall, asked)

    def refused(admin=imani):
        got = forced(admin, asked, "publish", at="", note="")
        public = hall.value(f"SELECT COUNT(*) FROM published WHERE id = X'{asked}'")
        return got.status_code == 409 and public == "0"
    assert refused() and not imani.page(f"/admin/statements/{asked}").has_form("/publish")
    assert Page(vote(tomas, asked, "favour", "").text).errors() == ["reason"]
    got = deed(tomas, asked, "vote", {"vote": [], "reason": ""})
    assert got.status_code == 422 and Page(got.text).errors() == ["vote", "reason"]
    saved(vote(imani, asked, "favour"))
    saved(vote(imani, asked, "favour"))         # the same vote, not another
    assert state(hall, asked) == "review" and refused()
    saved(vote(tomas, asked, "favour", "My reason."))
    assert state(hall, asked) == "ready"
    page = wei.page(f"/admin/statements/{asked}")
    assert "My reason." in page.text("aside") and not page.has_form("/vote")
    assert publish(wei, asked) == slug
    assert "strike" in soon(hall, f"/statements/{slug}", lambda text: "strike" in text)
    # A correction is decided on as well.
    saved(write(wei, "Other title", "We *win*.", at=asked))
    assert state(hall, asked) == "draft" and forced(
        wei, asked, "publish", note="Wrong word.").status_code == 409
    assert "strike" in Visitor(hall).get(f"/statements/{slug}").text


def test_another_text_ends_the_asking(hall, committee, asked):
    imani, tomas, _ = committee
    old = version(hall, asked)
    for admin in (imani, tomas):
        saved(vote(admin, asked, "favour"))
    assert state(hall, asked) == "ready"
    saved(write(imani, "Changed", "Quite another text.", at=asked))
    assert state(hall, asked) == "draft"
    assert forced(imani, asked, "publish").status_code == 409
    saved(deed(imani, asked, "ask"))
    assert state(hall, asked) == "review" and version(hall, asked) > old
    # Who saw the former text does not decide on this one.
    assert forced(tomas, asked, "vote", vote="favour", reason="Read",
                  version=old).status_code == 409
    assert hall.value(f"SELECT COUNT(vote) FROM approval WHERE statement = X'{asked}'"
                      f" AND version = {version(hall, asked)}") == "0"


def test_declined_and_recused(hall, committee, asked):
    imani, tomas, wei = committee
    saved(deed(wei, asked, "recuse"))
    assert not wei.page(f"/admin/statements/{asked}").has_form("/vote")
    assert forced(wei, asked, "vote", vote="favour", reason="x").status_code == 409
    saved(vote(imani, asked, "favour"))
    assert state(hall, asked) == "review"
    saved(vote(tomas, asked, "against", "Not so."))
    assert state(hall, asked) == "draft"
    assert forced(imani, asked, "publish").status_code == 409
    page = imani.page(f"/admin/statements/{asked}")
    assert "was not approved" in page.text("aside") and "Not so." in page.text("aside")


def test_who_came_later_does_not_vote(hall, committee, asked):
    # As if they had not served when it was asked.
    late = committee[2]
    hall.sql(f"DELETE FROM approval WHERE statement = X'{asked}' AND admin ="
             f" (SELECT id FROM admin WHERE name = '{late.name}')")
    assert not late.page(f"/admin/statements/{asked}").has_form("/vote")
    assert forced(late, asked, "vote", vote="favour", reason="x").status_code == 409
    assert committee[1].page(f"/admin/statements/{asked}").has_form("/vote")


def test_one_editor_may_publish_where_the_rule_says_so(press, editor):
    id_ = draft(editor)
    page = editor.page(f"/admin/statements/{id_}")
    assert not page.has_form("/ask") and page.has_form("/publish")
    assert forced(editor, id_, "ask").status_code == 409
    slug = publish(editor, id_)
    assert state(press, id_) == "published" and everywhere(press, slug) == EVERYWHERE
    assert forced(editor, id_, "publish").status_code == 409, "once"


# ---- publishing at a time, correcting, withdrawing ----

def test_published_when_its_time_has_come(press, editor):
    id_ = draft(editor, f"Later {word()}")
    at = datetime.now(timezone.utc) + timedelta(days=2)
    slug = publish(editor, id_, at=f"{at:%Y-%m-%d %H:%M}")
    due = int(at.replace(second=0, microsecond=0).timestamp())
    assert press.value(f"SELECT published_at FROM published WHERE id = X'{id_}'") == str(due)
    assert "Will be public on" in editor.page(f"/admin/statements/{id_}").text("main")
    assert everywhere(press, slug) == set()
    assert Visitor(press).get(f"/statements/{slug}").status_code == 404
    # Another text before that is no correction.
    saved(write(editor, "Later still", "Better.", at=id_))
    page = editor.page(f"/admin/statements/{id_}")
    assert "note" not in page.form("/publish").names()
    publish(editor, id_, at=f"{at:%Y-%m-%d %H:%M}")
    # As if the two days were over, with nobody there to do anything.
    due = int(time.time()) + 4
    press.sql(f"UPDATE published SET published_at = {due} WHERE id = X'{id_}';"
              " UPDATE press SET number = number + 1")
    assert everywhere(press, slug) == set()
    wait_for(lambda: time.time() > due, 10)
    assert everywhere(press, slug) == EVERYWHERE
    text = soon(press, f"/statements/{slug}", lambda text: "Better." in text)
    assert "Corrected on" not in text


@pytest.mark.parametrize("at", ["tomorrow", "2026-02-30 10:00", "2026-11-30 25:00",
                                "2026-11-30", "11/30/2026 10:00", "2026-11-30 10:00 x"])
def test_no_time(press, editor, at):
    id_ = draft(editor)
    got = deed(editor, id_, "publish", {"at": at})
    page = Page(got.text)
    assert got.status_code == 422 and page.errors() == ["at"]
    assert page.form("/publish")["at"] == at
    assert press.value(f"SELECT COUNT(*) FROM published WHERE id = X'{id_}'") == "0"


def test_published_in_the_past(press, editor):
    """An old statement that moves to this site keeps its day."""
    id_ = draft(editor)
    slug = publish(editor, id_, at="2011-05-15 18:00")
    text = soon(press, f"/statements/{slug}", lambda text: True)
    assert 'datetime="2011-05-15T18:00:00Z"' in text
    assert slug in soon(press, "/statements/2011", lambda text: True)


def test_corrected(press, editor):
    id_, slug = published(editor, "Numbers", "We were 40 at the gate.\n\nIt rained.")
    path = f"/admin/statements/{id_}"
    soon(press, f"/statements/{slug}", lambda text: "40 at" in text)
    # Its address and language are for good, whoever asks.
    form = editor.page(path).form(path)
    assert not form.names() & {"slug", "lang"}
    pairs = [*form.filled({"body": "We were 400 at the gate.\n\nIt rained."},
                          ("step", "save")), ("slug", "moved"), ("lang", "es")]
    saved(editor.post(path, data=pairs))
    assert press.sql(f"SELECT slug, lang FROM statement WHERE id = X'{id_}'") == [(slug, "en")]
    time.sleep(1.5)
    assert "40 at" in soon(press, f"/statements/{slug}", lambda text: "400" not in text)
    for note, problem in (("", ["note"]), ("x" * 601, ["note"])):
        got = deed(editor, id_, "publish", {"note": note})
        assert got.status_code == 422 and Page(got.text).errors() == problem
    publish(editor, id_, note="A <nought> was missing.")
    page = Page(soon(press, f"/statements/{slug}", lambda text: "400 at" in text))
    assert "Corrected on" in page.text("main")
    assert "A <nought> was missing." in page.text("main")
    assert "corrected on" in soon(press, "/statements", lambda text: slug in text)
    # What readers had is kept, and how it differs can be read.
    notes = press.sql("SELECT number, note, body FROM edition WHERE"
                      f" statement = X'{id_}' ORDER BY number")
    assert [(n, note) for n, note, _ in notes] == [("1", ""), ("2", "A <nought> was missing.")]
    assert "We were 40 at" in notes[0][2] and "We were 400 at" in notes[1][2]
    assert f"{path}/difference?from=1&to=2" in editor.page(path).links
    difference = editor.page(f"{path}/difference?from=1&to=2")
    assert difference.text("del") == "40" and difference.text("ins") == "400"
    assert "It rained." in difference.text("main")
    for wrong in ("?from=1&to=3", "?from=9", "", "?from=x"):
        assert editor.get(f"{path}/difference{wrong}").status_code == 404, wrong


def test_withdrawn(press, editor):
    id_, slug = published(editor, body=f"Body {word()}")
    assert everywhere(press, slug) == EVERYWHERE
    soon(press, f"/statements/{slug}", lambda text: True)
    assert saved(deed(editor, id_, "withdraw")) == id_
    soon(press, f"/statements/{slug}", None, status=404)
    assert everywhere(press, slug) == set()
    assert state(press, id_) == "withdrawn"
    assert editor.get(f"/admin/statements/{id_}/withdraw").status_code == 404
    # What was public is not thrown away, and may be again: at its address.
    assert write(editor, "x", "x", at=id_, step="save").status_code == 303
    got = editor.post(f"/admin/statements/{id_}", data={
        "token": editor.page("/admin/account").form("/admin/logout")["token"],
        "version": version(press, id_), "title": "x", "body": "x", "step": "remove"})
    assert got.status_code == 409 and state(press, id_) == "draft"
    assert publish(editor, id_) == slug
    assert everywhere(press, slug) == EVERYWHERE


# ---- what readers see ----

def test_list_by_pages(press, editor):
    """All of them, each once, newest first, also where several are of one moment."""
    rows(press, 12, step=0, first=1000000000)
    rows(press, 13)
    wanted = [slug for (slug,) in press.sql(
        "SELECT slug FROM published WHERE lang = 'en' AND published_at <= UNIX_TIMESTAMP()"
        " ORDER BY published_at DESC, id DESC")]
    time.sleep(2)
    found, path, pages = [], "/statements", 0
    while path:
        page = Visitor(press).page(path)
        here = re.findall(r'<h2><a href="/statements/([^"]+)"', page.html)
        assert 0 < len(here) <= 10
        found += here
        pages += 1
        canonical = [a for tag, a in page.tags if tag == "link" and a.get("rel") == "canonical"]
        assert bool(canonical) == (path == "/statements")
        path = next((a["href"] for tag, a in page.tags
                     if tag == "a" and a.get("rel") == "next"), None)
    assert found == wanted and pages == -(-len(wanted) // 10) > 2
    for wrong in ("x", "1-x", "-1", "1", "1-" + "0" * 31, "1-" + "0" * 33):
        assert Visitor(press).get(f"/statements?before={wrong}").status_code == 404, wrong
    end = Visitor(press).get("/statements?before=1-" + "0" * 32)
    assert end.status_code == 200 and "rel=\"next\"" not in end.text


def test_years(press, editor):
    start, end = 662688000, 694224000           # of 1991
    (first,), (last,) = rows(press, 1, first=start), rows(press, 1, first=end - 1)
    (before,), (after,) = rows(press, 1, first=start - 1), rows(press, 1, first=end)
    page = Visitor(press).page("/statements/1991")
    found = re.findall(r'<li><a href="/statements/([^"]+)">T ', page.html)
    assert found == [last, first]
    for year, slug in ((1990, before), (1992, after)):
        assert slug in Visitor(press).page(f"/statements/{year}").html
        assert f"/statements/{year}" in page.links
    for path in ("/statements/1993", "/es/statements/1991", "/statements/0000",
                 "/statements/9999", "/statements/199", "/statements/1991/"):
        assert Visitor(press).get(path).status_code == 404, path


def test_one(press, editor):
    title = f"Rent \"freeze\" & <more> {word()}"
    id_, slug = published(editor, title, "First *things*.", summary="Why \"we\" <ask>")
    page = Page(soon(press, f"/statements/{slug}", lambda text: "things" in text))
    assert page.text("h1") == title and page.text("title").startswith(title)
    meta = {a.get("name"): a.get("content") for tag, a in page.tags if tag == "meta"}
    assert meta["description"] == "Why \"we\" <ask>"
    links = [a for tag, a in page.tags if tag == "link"]
    assert [a["href"] for a in links if a.get("rel") == "canonical"] == [
        f"{press.base}/statements/{slug}"]
    assert {a["type"]: a["href"] for a in links if "type" in a and a["rel"] == "alternate"} == {
        "application/atom+xml": "/statements.atom", "application/rss+xml": "/statements.rss",
        "application/feed+json": "/statements.json"}
    props = {a["itemprop"] for _, a in page.tags if "itemprop" in a}
    assert {"headline", "datePublished", "publisher", "description", "articleBody"} <= props
    assert ("article", True) in {(tag, a.get("itemtype") == "https://schema.org/Article")
                                 for tag, a in page.tags}
    got = Visitor(press).get(f"/statements/{slug}")
    assert "Set-Cookie" not in got.headers and "token" not in page.html
    for wrong in (f"/es/statements/{slug}", f"/statements/{slug}x", f"/statements/{slug}/",
                  "/statements/", "/statements/Subscribe", f"/statements/{id_}",
                  "/statements.txt", "/statementsx"):
        assert Visitor(press).get(wrong).status_code == 404, wrong


def test_translated(press, editor):
    id_, slug = published(editor, f"Bread {word()}", "Bread.")

    def alternates(path):
        page = Page(soon(press, path, lambda text: True))
        return {a["hreflang"]: a["href"] for tag, a in page.tags
                if tag == "link" and a.get("rel") == "alternate" and "hreflang" in a}
    assert alternates(f"/statements/{slug}") == {}
    new = f"/admin/statements/new?of={id_}&lang=es"
    assert new in editor.page(f"/admin/statements/{id_}").links
    form = editor.page(new).form("/admin/statements/new")
    assert form["lang"] == "es"
    other = saved(editor.submit(form, {"title": f"Pan {word()}", "body": "Pan."},
                                ("step", "save")))
    time.sleep(1.5)
    assert alternates(f"/statements/{slug}") == {}, "a draft"
    pan = publish(editor, other)
    soon(press, f"/statements/{slug}", lambda text: f"/es/statements/{pan}" in text)
    for path in (f"/statements/{slug}", f"/es/statements/{pan}"):
        assert alternates(path) == {
            "en": f"{press.base}/statements/{slug}", "es": f"{press.base}/es/statements/{pan}",
            "x-default": f"{press.base}/statements/{slug}"}
    for path in ("/join", "/es/join", "/", "/es/"):
        bare = path.removeprefix("/es")
        assert alternates(path) == {"en": press.base + bare, "es": f"{press.base}/es{bare}",
                                    "x-default": press.base + bare}
    # Pages of a list, and what is not there, are the same in no other language.
    missing = Visitor(press).get("/es/statements/missing")
    assert missing.status_code == 404 and 'rel="alternate" hreflang' not in missing.text
    assert alternates("/statements?before=1-" + "0" * 32) == {}
    page = Visitor(press).page(f"/es/statements/{pan}")
    assert page.lang == "es" and f"/statements/{slug}" in page.links
    # once in each language
    got = editor.submit(form, {"title": "Otro", "body": "Otro."}, ("step", "save"))
    assert got.status_code in (409, 422)
    form = editor.page(new).form("/admin/statements/new")
    got = editor.submit(form, {"title": "Otro", "body": "Otro."}, ("step", "save"))
    assert got.status_code == 422 and Page(got.text).errors() == ["lang"]
    assert press.value("SELECT COUNT(*) FROM statement WHERE title = 'Otro'") == "0"


def test_what_is_kept_is_of_its_address_and_time(press):
    """Programs keep the pages they made last, in places that addresses share."""
    mark, due = word(), int(time.time()) + 5
    old, new, es = f"{mark}-ad", f"{mark}-ba", f"{mark}-es"     # the first two share one
    press.sql("INSERT INTO published (id, work, lang, slug, title, summary, html,"
              " published_at) VALUES " + ", ".join(
                  f"(RANDOM_BYTES(16), LEFT(UNHEX(SHA2('{work}', 256)), 16), '{lang}', '{slug}',"
                  f" '{slug}', '', '<p>Text of {slug}.</p>', {at})"
                  for slug, work, lang, at in ((old, old, "en", 946684800), (es, old, "es", due),
                                               (new, new, "en", 946684801)))
              + "; UPDATE press SET number = number + 1")

    def look(slug):
        got = Visitor(press).get(f"/statements/{slug}?{time.time()}")   # past nginx's cache
        assert got.status_code == 200 and f"Text of {slug}." in got.text
        return f"/es/statements/{es}" in got.text
    for _ in range(8):
        assert not look(old) and not look(new)
    assert time.time() < due
    wait_for(lambda: time.time() > due + .1, 10)     # time(2) lags by up to a tick of the kernel
    for _ in range(8):
        assert look(old) and not look(new)


HOSTILE = """<script>alert(1)</script>

<img src=x onerror=alert(2)> <b onclick="alert(3)">bold</b> <iframe src="//evil.example"></iframe>

[one](javascript:alert(4)) [two](JaVaScRiPt&#58;alert(5)) [three](data:text/html,<script>6</script>)
[four](vbscript:x) <javascript:alert(7)> ![five](javascript:alert(8))
![six](https://evil.example/p.gif)
[seven](<java\tscript:alert(9)>) [good](https://good.example/?a=1&b="2")

[x]: javascript:alert(10)
[ref][x] `</code><script>alert(11)</script>` ]]> <style>*{display:none}</style></article></main>
"""


def harmless(html):
    """No element or attribute that does anything, no address but harmless ones."""
    page = Page(html)
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "style", "object", "b"}
    for tag, attrs in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in attrs), (tag, attrs)
        for name in ("href", "src", "action"):
            value = attrs.get(name, "")
            assert "evil.example" not in value or (tag, name) == ("a", "href"), (tag, attrs)
            scheme = re.match(r"\s*([A-Za-z][^/?#]*?):", value)
            assert not scheme or scheme[1] in ("http", "https", "mailto"), (tag, attrs)
    return page


def test_hostile_text(press, editor):
    title = f"</title><script>alert(0)</script>{word()}"
    got = write(editor, title, HOSTILE, step="preview", summary="\"><script>x</script>")
    harmless(got.text)
    id_, slug = published(editor, title, HOSTILE, summary="\"><script>x</script>")
    page = harmless(soon(press, f"/statements/{slug}", lambda text: True))
    assert "https://good.example/?a=1&b=%222%22" in page.links
    # Nobody loses a word.
    for typed in ("<script>alert(1)</script>", "onclick=\"alert(3)\"", "one", "]]>"):
        assert typed in page.text("article"), typed
    saved(write(editor, title, HOSTILE + "\n\nmore <script>y</script>", at=id_))
    publish(editor, id_, note="<script>n</script>")
    page = harmless(soon(press, f"/statements/{slug}", lambda text: "Corrected" in text))
    assert "<script>n</script>" in page.text("article")
    for path in ("/statements", "/"):
        harmless(soon(press, path, lambda text: slug in text))
    for path in ("", "/difference?from=1&to=2"):
        harmless(editor.get(f"/admin/statements/{id_}{path}").text)


def test_public_program_reaches_no_draft(press, editor):
    """With its account in hand."""
    id_, _ = published(editor)
    draft(editor, "Secret title")
    password = (press.state / "credentials/openhall_statements").read_text().strip()

    def ask(sql):
        return subprocess.run(
            ["mariadb", "--no-defaults", f"--socket={press.socket}",
             "--user=openhall_statements", "--batch", "--skip-column-names", press.database],
            input=sql, text=True, capture_output=True, timeout=60,
            env={"MYSQL_PWD": password, "PATH": "/usr/bin:/bin"})
    seen = ask(f"SELECT COUNT(*) FROM published WHERE id = X'{id_}'")
    assert (seen.returncode, seen.stdout.strip()) == (0, "1"), seen.stderr
    for sql in ("SELECT title FROM statement", "SELECT body FROM edition",
                "SELECT reason FROM approval", "SELECT name FROM admin",
                "SELECT address FROM subscriber", "SELECT address FROM signup",
                "SELECT address FROM outbox", "UPDATE published SET html = 'x'",
                "INSERT INTO published SELECT * FROM published", "DELETE FROM published",
                "UPDATE press SET number = 0", "SELECT body FROM submission"):
        got = ask(sql)
        assert got.returncode != 0 and "denied" in got.stderr, (sql, got.stdout, got.stderr)
