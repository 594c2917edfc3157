"""A third language: a copied folder and one catalogue, and nothing is compiled.  And one alone."""

import os
import re
import shutil
import subprocess

from stack import BUILD, SRC
from test_build import House


def speak_french(house, folder):
    """Every text of the site once more, as the README begins it."""
    readme = (SRC / "README.md").read_text()
    section = re.search(r"(?ms)^### Another language$.*?^### ", readme)[0]
    commands = "\n".join(re.findall(r"(?m)^    (.*)", section))
    for name, path in (("www/sites/ours", house.site), ("po/extract.sh", SRC / "po/extract.sh"),
                       ("/tmp/openhall.pot", folder / "openhall.pot"),
                       ("po/fr.po", folder / "fr.po")):
        assert name in commands
        commands = commands.replace(name, str(path))
    subprocess.run(["sh", "-eu", "-c", commands], check=True, capture_output=True)
    with (house.site / "site.conf").open("a") as conf:
        conf.write('language fr { lang_name = "Français" name = "Aurore" tagline = "Nous." }\n')
    shutil.copytree(BUILD / "locale", folder / "locale")
    text = (folder / "fr.po").read_text()
    assert text.count('msgid "Main menu"\nmsgstr ""') == 1
    (folder / "fr.po").write_text(text.replace('msgid "Main menu"\nmsgstr ""',
                                               'msgid "Main menu"\nmsgstr "Menu principal"'))
    to = folder / "locale/fr/LC_MESSAGES"
    to.mkdir(parents=True)
    subprocess.run(["msgfmt", "--check", "-o", to / "openhall-fr.mo", folder / "fr.po"], check=True)
    house.conf.write_text(house.conf.read_text().replace(f"{BUILD}/locale", f"{folder}/locale"))


def test_one_language(tmp_path):
    """As the README says: the section goes, and the pages; the forms may keep their texts."""
    house = House(tmp_path, pages=None)
    conf = house.site / "site.conf"
    conf.write_text(re.sub(r"(?ms)^language es \{.*?^\}\n", "", conf.read_text()))
    for page in (house.site / "pages").glob("*.es.md"):
        page.unlink()
    house.build()
    assert not (house.now / "es").exists() and not (house.now / "error/es").exists()
    for name, (_, _, data) in house.files().items():
        assert b"/es/" not in data and b"hreflang" not in data and b'class="languages"' not in data \
            or name.endswith((".gz", ".css")), name


def test_third_language(tmp_path):
    house = House(tmp_path, pages=None)
    house.build()
    assert not (house.now / "fr").exists()
    speak_french(house, tmp_path)
    house.build()
    home = next((house.now / "fr").glob("index.*html")).read_text()
    assert '<html lang="fr">' in home and "Menu principal" in home
    assert 'hreflang="fr"' in next(house.now.glob("index.*html")).read_text()
    english = {page.name for page in house.now.iterdir() if page.suffix in (".html", ".shtml")}
    assert english == {page.name for page in (house.now / "fr").iterdir()
                       if page.suffix in (".html", ".shtml")}
    # and a program, as it stands
    (tmp_path / "keys").mkdir()
    for key in ("form.key", "membership.pub", "mail.pub"):
        (tmp_path / "keys" / key).write_bytes(bytes(range(32)))
    got = subprocess.run([BUILD / "join"], capture_output=True, timeout=60, env={
        **os.environ, "OPENHALL_CONF": str(house.conf), "REQUEST_METHOD": "GET",
        "DOCUMENT_URI": "/fr/join", "HTTP_HOST": "hall.example"}).stdout.decode()
    assert "Status: 200" in got or not got.startswith("Status:"), got[:300]
    assert '<html lang="fr">' in got and "Menu principal" in got and "Aurore" in got
