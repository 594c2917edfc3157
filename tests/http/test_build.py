"""`openhall build`: what becomes of a site's pages, what is wrong in them, and how nginx serves
what was built, also while it is being built anew."""

import concurrent.futures
import gzip
import http.client
import os
import re
import resource
import shutil
import signal
import subprocess
import threading
import time
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta, timezone

import pytest

from portal import Page, Visitor
from stack import BUILD, SRC, site_copy, wait_for

HOME = """---
title: Bread and roses
description: Who we are.
---
# Who

Read [what we want](/aims#second) or [join](/join).

{{statements}}
"""
AIMS = """---
title: What we want
description: Two points.
order: 5
---
# First

To [the other](#second), and ![a march](/assets/logo.svg)

# Second

Away to [others](https://others.example/) and [us](mailto:us@example.org).
"""
PAGES = {"home.en.md": HOME, "home.es.md": HOME, "aims.en.md": AIMS, "aims.es.md": AIMS}


class House:
    """A site of its own and what is built of it: no server, no database."""

    def __init__(self, folder, site="party", pages=PAGES, **settings):
        self.site = site_copy(folder, site, **settings)
        self.html = folder / "html"
        if pages is not None:
            shutil.rmtree(self.site / "pages")
            (self.site / "pages").mkdir()
            for name, text in pages.items():
                self.write(name, text)
            # Its forms lead to pages of the example.
            for form in (self.site / "forms").iterdir():
                form.write_text(re.sub(r"(?s)<page .*?</page>", "", form.read_text()))
        self.conf = folder / "openhall.conf"
        self.conf.write_text(f"""
            site = "{self.site}"
            templates = "{SRC}/www/templates"
            public = "{SRC}/www/public"
            schema = "{SRC}/schema"
            locale = "{BUILD}/locale"
            html = "{self.html}"
            keys = "{folder}/keys"
            spool = "{folder}/spool"
            origin = "https://hall.example"
            """)

    def write(self, name, text):
        (self.site / "pages" / name).write_text(text)

    def change(self, name, old, new):
        path = self.site / "pages" / name
        text = path.read_text()
        assert text.count(old) == 1, f"{name}: {old}"
        path.write_text(text.replace(old, new))

    def run(self, **more):
        return subprocess.run([BUILD / "openhall", "-c", self.conf, "build"], text=True,
                              capture_output=True, timeout=60, **more)

    def build(self):
        """It must go well.  Files written, unchanged, removed."""
        done = self.run()
        assert done.returncode == 0 and not done.stderr, done.stderr
        return tuple(int(n) for n in re.fullmatch(
            r"(\d+) files written, (\d+) unchanged, (\d+) removed\n", done.stdout).groups())

    @property
    def now(self):
        return self.html / "now"

    def files(self):
        """Each file that is served: its path, and which one it is."""
        return {str(path.relative_to(self.now)): (path.stat().st_ino, path.stat().st_mtime_ns,
                                                  path.read_bytes())
                for path in sorted(self.now.rglob("*")) if path.is_file()}


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


# ---- the two sites as they are shipped ----

PROGRAMS = r"/(join|support|aid|aid/request|units|events|statements|statements\.(atom|rss|json)" \
           r"|subscribe|receipt)"


def served(folder, path):
    """The file that nginx takes for an address; None: a program's, or none."""
    name = path.removesuffix("/") + ("/index" if path in ("/", "/es/") else "")
    for end in (".html", ".shtml"):
        if (file := folder / (name.removeprefix("/") + end)).is_file():
            return file
    return None


@pytest.mark.parametrize("site", ["party", "caucus"])
def test_example(tmp_path, site):
    house = House(tmp_path, site, pages=None)
    written, kept, removed = house.build()
    slugs = {path.name.split(".")[0] for path in (house.site / "pages").iterdir()}
    assert {"home", "contact", "privacy"} <= slugs and written > 40 and not (kept or removed)
    addresses = ["/" + (slug if slug != "home" else "") for slug in sorted(slugs)]
    for prefix, lang in (("", "en"), ("/es", "es")):
        for address in addresses:
            file = served(house.now, prefix + address)
            assert file, prefix + address
            page = Page(file.read_text())
            assert page.lang == lang and page.text("h1")
            links = [(a.get("rel"), a.get("hreflang"), a["href"]) for tag, a in page.tags
                     if tag == "link"]
            own = "https://hall.example" + prefix + address
            assert ("canonical", None, own) in links
            assert {(lang, href.removeprefix("https://hall.example"))
                    for rel, lang, href in links if lang} == {
                ("en", address), ("es", "/es" + address), ("x-default", address)}
            follow(house.now, file, page)
    check_compressed(house.now)
    check_sitemap(house.now, addresses)


def follow(folder, file, page):
    """Whatever the page names is there: files, pages, headings."""
    assert len(page.ids) == len(set(page.ids)), file
    for tag, attrs in page.tags:
        target = attrs.get("href") or attrs.get("src")
        if not target or re.match(r"(https://|mailto:|tel:)", target):
            continue
        path, _, anchor = target.partition("#")
        if path.startswith("/assets/"):
            assert (folder / path[1:]).is_file(), (file, target)
        elif not re.fullmatch(r"(/es)?" + PROGRAMS, path):
            there = served(folder, path) if path else file
            assert there, (file, target)
            assert not anchor or anchor in Page(there.read_text()).ids, (file, target)


def check_compressed(folder):
    """Beside each text stands the same, compressed; but not where nginx puts something in."""
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    for name in names:
        if name.endswith(".gz"):
            with gzip.open(folder / name) as gz:
                assert gz.read() == (folder / name.removesuffix(".gz")).read_bytes(), name
            assert not name.endswith(".shtml.gz") and not name.startswith("error/")
        elif name.endswith((".html", ".css", ".svg", ".xml")) and "error/" not in name \
                and (folder / name).stat().st_size >= 256:
            assert name + ".gz" in names, name


def check_sitemap(folder, addresses):
    ns = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9",
          "x": "http://www.w3.org/1999/xhtml"}
    urls = ET.parse(folder / "pages.xml").getroot().findall("s:url", ns)
    listed = [url.find("s:loc", ns).text for url in urls]
    assert len(listed) == len(set(listed))
    for address in [*addresses, "/join", "/support"]:
        for prefix in ("", "/es"):
            assert "https://hall.example" + prefix + address in listed
    assert not any("/admin" in url or "/receipt" in url for url in listed)
    # What programs have to tell, they tell themselves.
    assert not any("/statements" in url or "/events" in url for url in listed)
    index = ET.parse(folder / "sitemap.xml").getroot().findall("s:sitemap/s:loc", ns)
    assert [loc.text.removeprefix("https://hall.example") for loc in index] == [
        "/pages.xml", "/statements.xml", "/es/statements.xml", "/events.xml", "/es/events.xml"]
    for url in urls:
        others = {(x.get("hreflang"), x.get("href")) for x in url.findall("x:link", ns)}
        assert {lang for lang, _ in others} == {"en", "es", "x-default"}
        assert url.find("s:loc", ns).text in {href for _, href in others}


def test_one_style_sheet(house):
    """style.css and the site's theme, of which nothing is lost but comments and white space."""
    house.build()
    (folder,) = [path for path in (house.now / "assets").iterdir() if path.is_dir()]
    small = (folder / "style.css").read_text()
    assert not (folder / "theme.css").exists()
    assert small == (house.now / "assets/style.css").read_text()

    def bare(css):
        return re.sub(r"\s|;(?=\s*\})", "", re.sub(r"(?s)/\*.*?\*/", "", css))

    whole = (SRC / "www/public/style.css").read_text() + (house.site / "theme.css").read_text()
    assert bare(small) == bare(whole)
    assert len(small) < 0.9 * len(whole) and "/*" not in small
    # White space that means something.
    for line in ("calc(-1 * var(--s2))", "@media (min-width: 48rem){", '" \\2192"'):
        assert line in small, line
    # A theme is a file like any other: what stands in quotes is left alone.
    (house.site / "theme.css").write_text(
        '/* a */ p::after { content: "/* b  */ ; }\\"" ; } /**/\n\na  :hover,\n b{color : red;}')
    house.build()
    assert (house.now / "assets/style.css").read_text().endswith(
        'p::after{content: "/* b  */ ; }\\""}a :hover,b{color : red}')


def test_for_robots(tmp_path):
    house = House(tmp_path)
    house.build()
    assert (house.now / "robots.txt").read_text().splitlines()[-1] == \
        "Sitemap: https://hall.example/sitemap.xml"
    lines = dict(line.split(": ", 1) for line in
                 (house.now / ".well-known/security.txt").read_text().splitlines())
    assert lines["Contact"].startswith("mailto:")
    assert lines["Preferred-Languages"] == "en, es"
    assert lines["Canonical"] == "https://hall.example/.well-known/security.txt"
    left = datetime.strptime(lines["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(
        tzinfo=timezone.utc) - datetime.now(timezone.utc)
    assert timedelta(days=90) <= left <= timedelta(days=180)
    # Who names nobody has none.
    conf = house.site / "site.conf"
    conf.write_text(re.sub(r'(?m)^\s*contact = .*\n', "", conf.read_text()))
    assert house.build()[2] == 1
    assert not (house.now / ".well-known/security.txt").exists()


# ---- a page ----

def test_page(house):
    house.write("aims.en.md", AIMS + """
{{events}}

- **[Join us](/join)** *One* form,
  about ten &amp; a half minutes.
- **[Aid](/es/aid?x=1#y)**

- **[Not a card](/join)** since
- this has no link

\\<script> <!--# include virtual="/admin/" --> `<!--# include virtual="/admin/" -->`
\\{\\{statements}} and text
""")
    house.build()
    page = Page((house.now / "aims.shtml").read_text())
    assert page.text("h1") == "What we want"
    html = page.html
    assert re.findall(r'<h2 id="(.*)">\n(.*)\n</h2>', html) == [
        ("first", "First"), ("second", "Second")]
    assert html.count("<!--# include") == 1 and "/events/coming" in html
    assert "<script" not in html and "{{statements}} and text" in html
    assert html.count('<ul class="ways">') == 1
    assert '<li><a href="/join"><strong>Join us</strong> ' \
        "<span>One form, about ten &amp; a half minutes.</span></a></li>" in html
    assert '<li><a href="/es/aid?x=1#y"><strong>Aid</strong></a></li>' in html
    assert '<strong><a href="/join">Not a card</a></strong> since' in html
    assert re.search(r'src="/assets/[0-9a-f]{12}/logo\.svg" alt="a march" width="\d+" height="\d+"',
                     html)
    # In the other language all leads there.
    other = (house.now / "es/index.shtml").read_text()
    assert 'href="/es/aims#second"' in other and 'href="/es/join"' in other
    assert 'aria-current="page"' in other
    # Only what holds something of a program is put together by nginx.
    assert (house.now / "es/aims.html").exists() and not (house.now / "aims.html").exists()


# The least pictures of each kind that are 7 wide and 5 high, as far as their heads.
PICTURES = {
    "a.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x07\0\0\0\x05\x08\x06\0\0\0",
    "a.jpg": b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc4\0\x03c\xff\xc2\0\x0b\x08\0\x05\0\x07\x01\0",
    "a.jpeg": b"\xff\xd8\xff\xc0\0\x0b\x08\0\x05\0\x07\x01\x01\x11\0",
    "a.webp": b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x07\0\x05\0",
    "b.webp": b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x06\0\x01\0\0\0\0\0\0",
    "c.webp": b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x06\0\0\x04\0\0",
    "a.svg": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0,7 5.5'/>",
}


def test_pictures(house):
    """A page leaves room for each; of one that is none it only has the words."""
    wrong = {f"{name[0]}-{end}.{name[2:]}": data[:end] for name, data in PICTURES.items()
             for end in (0, 3, 10, len(data) // 2)}
    for name, data in (PICTURES | wrong).items():
        (house.site / name).write_bytes(data)
    house.write("aims.en.md", AIMS + "\n".join(
        f'\n![The "{name}"](/assets/{name})' for name in PICTURES | wrong))
    house.build()
    html = (house.now / "aims.html").read_text()
    sized = dict(re.findall(r'<img src="/assets/\w+/([^"]*)" alt="The &quot;[^"]*&quot;"'
                            r'( width="7" height="5")? />', html))
    assert set(sized) == set(PICTURES | wrong)
    assert {name for name, size in sized.items() if size} == set(PICTURES)


def test_menu(tmp_path):
    conf_menu = {"join": 3, "units": 0, "events": 0}
    house = House(tmp_path, menu=conf_menu)
    house.write("print.en.md", AIMS.replace("order: 5\n", "menu: Print\n"))
    house.write("print.es.md", AIMS.replace("order: 5\n", "menu: Letra\n"))
    house.build()
    text = (house.now / "aims.html").read_text()
    menu = re.search(r'(?s)<nav class="menu".*?</nav>', text)[0]
    assert re.findall(r'href="(/[^"]*)"', menu)[:3] == ["/join", "/aims", "/support"]
    assert '<a href="/aims" aria-current="page">What we want</a>' in menu
    # A phone shows the first four, and the others when it is asked to.
    assert len(re.findall('href="', menu.split("popovertarget")[0])) == 4
    assert menu.count("aria-current") == 1 and "/units" not in menu and "/print" not in menu
    foot = re.search(r'(?s)<footer.*?</footer>', text)[0]
    assert '<a href="/print">Print</a>' in foot
    assert '<a href="/es/print">Letra</a>' in (house.now / "es/aims.html").read_text()
    # An error page is nowhere.
    assert "aria-current" not in (house.now / "error/404.html").read_text()
    # What the menu does not show search engines are not told of.
    maps = [(house.now / name).read_text() for name in ("sitemap.xml", "pages.xml")]
    assert "/statements.xml" in maps[0] and "/events" not in maps[0] and "/units" not in maps[1]


# ---- mistakes ----

MISTAKES = {
    "no head": ("aims.en.md", "---\ntitle", "title", "aims.en.md:1: a page begins with"),
    "no title": ("aims.en.md", "title: What we want\n", "", "aims.en.md:4: title is missing"),
    "unknown": ("aims.es.md", "order", "ordre", 'aims.es.md:4: there is title, description,'),
    "no number": ("aims.en.md", "order: 5", "order: five", "aims.en.md:4: order is a number"),
    "home in the menu": ("home.en.md", "---\n#", "order: 1\n---\n#",
                         "home.en.md: the home page comes first"),
    "no page": ("home.en.md", "/aims#second", "/ams", "home.en.md:7: /ams: there is no such"),
    "no page there": ("home.es.md", "/aims#second", "/es/ams",
                      "home.es.md:7: /es/ams: there is no such page"),
    "slash": ("home.en.md", "/aims#second", "/aims/", "home.en.md:7: /aims/: there is no such"),
    "html": ("home.en.md", "/aims#second", "/aims.html", "home.en.md:7: /aims.html: there is"),
    "no such program": ("home.en.md", "/join", "/joyn", "home.en.md:7: /joyn: there is no"),
    "no such page of a program": ("home.en.md", "/join", "/join/now",
                                  "home.en.md:7: /join/now: there is no such page"),
    "no anchor": ("home.en.md", "#second", "#third",
                  "home.en.md:7: /aims#third: that page has no such heading"),
    "no anchor there": ("home.es.md", "#second", "#third",
                        "home.es.md:7: /es/aims#third: that page has no such heading"),
    "no anchor here": ("aims.en.md", "(#second)", "(#zwei)", "aims.en.md:8: /aims#zwei: that"),
    "relative": ("home.en.md", "/aims#second", "aims", 'home.en.md:7: "aims": an address is'),
    "nothing": ("home.en.md", "/aims#second", "", 'home.en.md:7: "": an address is'),
    "no scheme": ("home.en.md", "/aims#second", "//aims.example",
                  'home.en.md:7: "//aims.example": an address is'),
    "script": ("home.en.md", "/aims#second", "javascript:alert(1)",
               'home.en.md:7: "javascript:alert(1)": an address is'),
    "no file": ("aims.en.md", "logo.svg", "logo.png", "aims.en.md:8: /assets/logo.png: there"),
    "private file": ("aims.en.md", "logo.svg", "site.conf", "aims.en.md:8: /assets/site.conf:"),
    "picture of others": ("aims.en.md", "/assets/logo.svg", "https://others.example/a.png",
                          "aims.en.md:8: https://others.example/a.png: a picture is"),
    "mark": ("home.en.md", "{{statements}}", "{{news}}", "home.en.md:9: there is {{statements}}"),
    "mark in a text": ("home.en.md", "{{statements}}", "All: {{statements}}",
                       "home.en.md:9: there is {{statements}}"),
    "mark twice": ("home.en.md", "{{statements}}", "{{statements}}\n\n  {{statements}}",
                   "home.en.md:11: {{statements}} stands on this page already"),
    "html": ("home.en.md", "{{statements}}", "A <b>loud</b> word.",
             "home.en.md:9: HTML shows as the text it is"),
    "no words of a picture": ("aims.en.md", "![a march]", "![]",
                              "aims.en.md:8: a picture has no words"),
    "no words of a link": ("aims.en.md", "[others]", "[]", "aims.en.md:12: a link has no words"),
    "card": ("home.en.md", "{{statements}}", "- **[Aims](/ams)** It\n  goes on",
             "home.en.md:9: /ams: there is no such page"),
    "behind a card": ("home.en.md", "{{statements}}",
                      "- **[Aims](/aims)** It\n  goes on\n\n[here](/ams)\n",
                      "home.en.md:12: /ams: there is no such page"),
    "brackets": ("home.en.md", "{{statements}}", "[" * 6000, "home.en.md:5: the text that"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_mistake(house, kind):
    name, old, new, said = MISTAKES[kind]
    house.build()
    before = house.files()
    house.change(name, old, new)
    house.change("aims.es.md", "First", "Otherwise")
    done = house.run()
    assert done.returncode == 1 and not done.stdout
    lines = done.stderr.replace(f"{house.site}/pages/", "").splitlines()
    assert len(lines) == 2 and lines[0].startswith("openhall: " + said), lines
    assert lines[1] == "openhall: one mistake: nothing was built"
    assert house.files() == before
    # Mended, it is built.
    house.change(name, new, old) if new else house.write(name, PAGES[name])
    assert house.build()[0] >= 1


def test_all_mistakes_at_once(house):
    house.change("home.en.md", "/join", "/joyn")
    house.change("aims.en.md", "title: ", "titel: ")
    house.write("join.en.md", AIMS)
    (house.site / "pages/home.es.md").unlink()
    done = house.run()
    assert done.returncode == 1 and not house.html.exists()
    said = done.stderr.replace(f"{house.site}/", "")
    for line in ("pages/aims.en.md:2: there is title", "pages/aims.en.md:5: title is missing",
                 "pages/home.en.md:7: /joyn",
                 "pages/join.en.md: /join is another's", "pages/home.en.md:1: home.es.md is "
                 "missing: this page, in Español"):
        assert "openhall: " + line in said, said
    # One that is there with a mistake is not called missing too.
    assert "aims.en.md is missing" not in said and "/aims#" not in said
    assert said.endswith("openhall: 5 mistakes: nothing was built\n")


def test_form_that_leads_nowhere(tmp_path):
    house = House(tmp_path, pages=None)
    for lang in ("en", "es"):
        (house.site / f"pages/programme.{lang}.md").unlink()
    done = house.run()
    assert done.returncode == 1
    assert f"openhall: {house.site}/forms/join.xml: question " in done.stderr


def test_no_home_page(tmp_path):
    done = House(tmp_path, pages={}).run()
    assert done.returncode == 1 and "pages/home.en.md is missing: the home page" in done.stderr


# ---- built again ----

def test_unchanged_is_not_rewritten(house):
    written, kept, removed = house.build()
    before, link = house.files(), os.readlink(house.now)
    assert house.build() == (0, written, 0)
    assert house.files() == before and os.readlink(house.now) == link
    # One page alone; who has another keeps it, with its date.
    house.change("aims.en.md", "Two points", "Two points.  Three")
    assert house.build() == (1, written - 1, 0)
    after = house.files()
    assert {name for name in after if after[name] != before.get(name)} == {
        "aims.html", "aims.html.gz"}
    assert sorted(path.name for path in house.html.iterdir()) == sorted(
        ["lock", "now", os.readlink(house.now)])
    # A page whose source went is gone, and from the menu of all others.
    for lang in ("en", "es"):
        (house.site / f"pages/aims.{lang}.md").unlink()
        house.change(f"home.{lang}.md", "/aims#second", "/support")
    assert house.build()[2] == 2
    assert not [name for name in house.files() if "aims" in name]
    assert all(b"/aims" not in data for _, _, data in house.files().values())
    # A file that a page loads gives all of them another fingerprint.
    (house.site / "theme.css").write_text(":root { --paper: #fff; }\n")
    old = set(house.files())
    house.build()
    assert len({name for name in house.files() if name.startswith("assets/")} - old) > 2


def test_broken_off(house):
    """Whatever ends a build, what was there is served on, and the next one is whole."""
    house.build()
    before = house.files()
    house.change("aims.en.md", "First", "Otherwise")
    (house.site / "theme.css").write_text("/* long */ p { --x: '" + "x" * 100000 + "' }")

    def small_disk(action):
        def limit():
            signal.signal(signal.SIGXFSZ, action)
            resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000))
        return limit

    done = house.run(preexec_fn=small_disk(signal.SIG_IGN))
    assert done.returncode == 1 and "style.css: File too large" in done.stderr
    assert house.files() == before
    assert len(list(house.html.iterdir())) == 3
    assert house.run(preexec_fn=small_disk(signal.SIG_DFL)).returncode == -signal.SIGXFSZ
    assert house.files() == before
    house.build()
    assert "Otherwise" in (house.now / "aims.html").read_text()


def test_what_is_damaged_is_mended(house):
    """Also what is only derived; and what is no link of ours is left alone."""
    house.build()
    before = {name: data for name, (_, _, data) in house.files().items()}
    (house.now / "aims.html.gz").write_bytes(b"not it")
    (house.now / "assets/style.css").unlink()
    house.build()
    assert {name: data for name, (_, _, data) in house.files().items()} == before
    house.now.unlink()
    house.now.mkdir()
    done = house.run()
    assert done.returncode == 1 and f"{house.now} is not the link that a build makes" in done.stderr
    house.now.rmdir()
    house.build()


def test_two_at_once(house):
    house.build()
    for round_ in range(5):
        house.change("aims.en.md", "# First" + "x" * round_, "# First" + "x" * (round_ + 1))
        with concurrent.futures.ThreadPoolExecutor() as pool:
            done = list(pool.map(lambda _: house.run(), range(4)))
        assert all(one.returncode == 0 for one in done), done
        assert sum(one.stdout.startswith("1 files") for one in done) == 1
        assert len(list(house.html.iterdir())) == 3


def test_for_everybody_to_read(house):
    """nginx runs as another user; nobody but the builder writes."""
    old = os.umask(0o077)
    try:
        house.build()
    finally:
        os.umask(old)
    for path in house.html.rglob("*"):
        if not path.is_symlink() and path.name != "lock":
            assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path


# ---- served ----

def fetch(stack, path):
    """What goes over the wire to a browser that takes gzip: headers, body."""
    wire = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=20)
    wire.request("GET", path, headers={"Host": f"127.0.0.1:{stack.port}",
                                       "Accept-Encoding": "gzip"})
    got = wire.getresponse()
    assert got.status == 200, path
    body = got.read()
    wire.close()
    return got.headers, body


def weigh(stack, path):
    """What a first visit takes: the bytes of the page and of all that it loads, and how many
    requests beyond the page."""
    headers, body = fetch(stack, path)
    text = gzip.decompress(body) if headers["Content-Encoding"] == "gzip" else body
    loads = {attrs.get("href") or attrs.get("src") for tag, attrs in Page(text.decode()).tags
             if tag in ("img", "script", "source") or (tag == "link" and attrs["rel"] in (
                 "stylesheet", "icon", "preload", "manifest"))}
    assert any(target.endswith(".css") for target in loads)
    return len(body) + sum(len(fetch(stack, target)[1]) for target in loads), len(loads)


@pytest.mark.parametrize("path", ["/", "/es/", "/join", "/es/join", "/support", "/aid/request",
                                  "/es/aid/request", "/subscribe", "/receipt", "/admin/login"])
def test_weight(hall, path):
    weight, requests = weigh(hall, path)
    assert 4_000 < weight < 40_000 and requests < 3, (weight, requests)


def test_compressed_and_kept(annex):
    visitor = Visitor(annex)
    now = annex.state / "html/now"
    headers, body = fetch(annex, "/privacy")
    assert headers["Content-Encoding"] == "gzip" and "Vary" in headers
    assert body == (now / "privacy.html.gz").read_bytes()
    plain = visitor.get("/privacy", headers={"Accept-Encoding": "identity"})
    assert plain.content == (now / "privacy.html").read_bytes()
    assert plain.headers["Cache-Control"] == "public, max-age=60"
    again = visitor.get("/privacy", headers={"Accept-Encoding": "identity",
                                             "If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304
    for path, kind in (("/robots.txt", "text/plain"), ("/sitemap.xml", "application/xml"),
                       ("/pages.xml", "application/xml"),
                       ("/.well-known/security.txt", "text/plain")):
        got = visitor.get(path)
        assert got.status_code == 200 and got.headers["Content-Type"] == kind + "; charset=utf-8"
        assert got.headers["Cache-Control"] == "public, max-age=3600"
    for path in ("/privacy.html", "/privacy.html.gz", "/privacy/", "/index.shtml", "/error/404",
                 "/now/privacy", "/a/privacy", "/lock", "/assets/style.css", "/home"):
        assert visitor.get(path).status_code == 404, path


def test_status(annex):
    """What is built is there, is what the site says, and is good for a while."""
    file = annex.state / "html/now/.well-known/security.txt"

    def told(status):
        done = annex.openhall("status")
        assert done.returncode == status, done.stdout
        return dict(line.split("\t", 1) for line in done.stdout.splitlines())

    def expires(days):
        text = re.sub("Expires: .*", (datetime.now(timezone.utc) + timedelta(days, 60)).strftime(
            "Expires: %Y-%m-%dT%H:%M:%SZ"), file.read_text())
        file.unlink()
        file.write_text(text)

    assert annex.openhall("build").returncode == 0
    lines = told(0)
    assert re.fullmatch(r"built \d{4}-\d\d-\d\d \d\d:\d\d UTC", lines["pages"])
    left = re.fullmatch(r"security.txt expires in (\d+) days", lines["security"])
    assert 90 <= int(left[1]) <= 180
    for days, status, said in ((46, 0, "expires in 46 days"),
                               (44, 1, "expires in 44 days: openhall build"),
                               (0, 1, "expires in 0 days: openhall build"),
                               (-1, 1, "has expired: openhall build")):
        expires(days)
        assert told(status)["security"] == "security.txt " + said
    file.unlink()
    assert told(1)["security"] == "security.txt is missing: openhall build"
    assert annex.openhall("build").returncode == 0 and file.exists()
    # Something changed, was copied with an old date, was added, was taken away: until it is built.
    page = annex.folder / "site/pages/contact.en.md"
    more = page.with_name("more.txt")
    text, was = page.read_text(), page.stat()
    for change in (lambda: page.write_text(text + "\nMore.\n"), lambda: page.write_text(text),
                   lambda: os.utime(page, ns=(was.st_atime_ns, was.st_mtime_ns)),
                   lambda: more.write_text(""), more.unlink):
        change()
        assert "has changed since: openhall build" in told(0)["pages"]
        assert annex.openhall("build").returncode == 0
        assert "since" not in told(0)["pages"]
    now = annex.state / "html/now"
    now.rename(now.with_name("then"))
    try:
        assert told(1)["pages"] == "missing: openhall build"
    finally:
        now.with_name("then").rename(now)


def test_old_fingerprint(annex):
    """A page from before the last build finds its style sheet, but nobody keeps that for good."""
    visitor = Visitor(annex)
    link = next(attrs["href"] for tag, attrs in visitor.page("/").tags
                if tag == "link" and attrs["rel"] == "stylesheet")
    new = visitor.get(link)
    assert "immutable" in new.headers["Cache-Control"]
    old = visitor.get(re.sub("[0-9a-f]{12}", "0" * 12, link))
    assert old.status_code == 200 and old.content == new.content
    assert old.headers["Cache-Control"] == "public, max-age=60"


def test_rebuilt_under_load(annex):
    """Nobody meets half a site, half a page or none, however often it is built."""
    pages = annex.folder / "site/pages"
    privacy = (pages / "privacy.en.md").read_text()
    home = {lang: (pages / f"home.{lang}.md").read_text() for lang in ("en", "es")}
    ended, asked, wrong = threading.Event(), [0], []

    def ask():
        visitor = Visitor(annex)
        while not ended.is_set():
            for path in ("/privacy", "/", "/es/", "/es/privacy", "/pages.xml"):
                got = visitor.get(path)
                whole = got.text.rstrip().endswith(("</html>", "</urlset>"))
                if got.status_code != 200 or not whole or "<!--#" in got.text:
                    wrong.append((path, got.status_code, got.text[-100:]))
                asked[0] += 1
                for link in re.findall(r'/assets/[^"]+\.css', got.text):
                    if visitor.get(link).status_code != 200:
                        wrong.append(link)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for round_ in range(12):
            (pages / "privacy.en.md").write_text(privacy + f"\n# Round {round_}\n")
            # With and without what nginx puts in: other files, and back.
            for lang, text in home.items():
                (pages / f"home.{lang}.md").write_text(
                    text if round_ % 2 else re.sub(r"(?m)^\{\{\w+\}\}$", "", text))
            done = annex.openhall("build")
            assert done.returncode == 0 and done.stdout[0] != "0", done.stderr
            time.sleep(0.2)
        wait_for(lambda: f"Round {round_}" in Visitor(annex).get("/privacy").text)
    finally:
        ended.set()
        for thread in threads:
            thread.join()
        (pages / "privacy.en.md").write_text(privacy)
        assert annex.openhall("build").returncode == 0
    assert not wrong, wrong[:5]
    assert asked[0] > 100


def test_programs_show_the_menu(annex):
    """What was added to the menu is in the pages of a program that starts after it; a page with
    a mistake is left out there, and the program starts."""
    pages = annex.folder / "site/pages"
    for lang in ("en", "es"):
        (pages / f"aims.{lang}.md").write_text(AIMS)
    (pages / "broken.en.md").write_text("nothing")
    try:
        annex.supervisorctl("restart", "units:*")
        annex.running("units")
        menu = '<li><a href="/es/aims">What we want</a></li>'
        wait_for(lambda: menu in Visitor(annex).get("/es/units").text)
        assert "page_left_out" in annex.logs()
        assert annex.openhall("build").returncode == 1
    finally:
        for path in (*pages.glob("aims.*"), *pages.glob("broken.*")):
            path.unlink()
        annex.supervisorctl("restart", "units:*")
        annex.running("units")
