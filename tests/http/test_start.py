"""What a program says when it cannot start, and what deploy/run says."""

import os
import re
import shutil
import socket
import subprocess

import pytest

from stack import BUILD, PROGRAMS, SRC


@pytest.fixture
def parts(hall, tmp_path):
    """All that a program reads, to be broken: gives the paths."""
    site, templates = tmp_path / "site", tmp_path / "templates"
    shutil.copytree(SRC / "www/sites/party", site)
    shutil.copytree(SRC / "www/templates", templates)
    shutil.copytree(hall.state / "keys", tmp_path / "keys")
    text = hall.conf.read_text()
    for name, path in (("site", site), ("templates", templates), ("keys", tmp_path / "keys")):
        text = re.sub(rf'(?m)^{name} = .*$', f'{name} = "{path}"', text)
    (tmp_path / "openhall.conf").write_text(text)
    return tmp_path


def check(program, parts):
    return subprocess.run([BUILD / program, "-c", parts / "openhall.conf", "--check"],
                          capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("program", PROGRAMS)
def test_whole(parts, program):
    done = check(program, parts)
    assert (done.returncode, done.stderr) == (0, "")


FORM, SITE, CONF, INTAKE = "site/forms/join.xml", "site/site.conf", "openhall.conf", \
    "templates/intake.html"
BROKEN = {      # file, what is replaced, by what, what is said
    "conf: unknown option": (CONF, "secure = false", "nonsense = 1", r":{line}: .*nonsense"),
    "conf: wrong type": (CONF, "secure = false", "secure = perhaps", r":{line}: .*secure"),
    "conf: no site": (CONF, 'site = "', 'site = "/nowhere', r"/nowhere\S*site.conf"),
    "conf: something missing": (CONF, re.compile('templates = ".*"'), "", "templates"),
    "conf: origin": (CONF, 'origin = "http', 'origin = "ftp', "origin"),
    "conf: syntax": (CONF, "database {", "database {{", r":{line}: "),
    "site: unknown option": (SITE, "days = 21", "weeks = 3", r":{line}: .*weeks"),
    "site: out of range": (SITE, "days = 21", "days = 366", r":{line}: .*days"),
    "site: not a number": (SITE, "days = 21", 'days = "many"', r":{line}: "),
    "site: a rule that cannot be met": (SITE, "quorum = 2", "quorum = 3", "quorum"),
    "site: no rule": (SITE, "rule membership", "rule other", "membership"),
    "site: no name": (SITE, re.compile('name = "Daybreak.*"'), 'name = ""', "name"),
    "site: language of which there are no texts": (SITE, "language es", "language xx", "xx"),
    "form: not XML": (FORM, "</form>", "</from>", r":{line}: "),
    "form: unknown element": (FORM, re.compile("<hint.*she, he.*</hint>"),
                              "<tip>x</tip>", r":{line}: "),
    "form: unknown attribute": (FORM, '<line name="pronouns"',
                                '<line name="pronouns" colour="red"', r":{line}: "),
    "form: text missing": (FORM, '<label xml:lang="es">Tus pronombres</label>', "", r":\d+: "),
    "form: twice": (FORM, 'name="pronouns"', 'name="name"', r":{line}: .*name"),
    "form: pattern": (FORM, 'pattern="[', 'pattern="([', r":{line}: "),
    "form: unless": (FORM, 'unless="phone"', 'unless="fax"', r":{line}: .*fax"),
    "form: limits": (FORM, 'most="200"', 'most="many"', r":{line}: "),
    "template: unknown name": (INTAKE, "{{title}}</h1>", "{{titel}}</h1>", r":{line}: .*titel"),
    "template: unclosed": (INTAKE, "{{/expired}}", "", r":\d+: .*expired"),
    "template: unquoted": (INTAKE, 'value="{{token}}"', "value={{token}}", r":{line}: "),
    "template: in a script": (INTAKE, "<h1>", "<script>{{title}}</script><h1>", r":{line}: "),
    "template: no such part": (INTAKE, "{{>form.html}}", "{{>from.html}}", "from.html"),
    "template: crossed": (INTAKE, "{{/title}}", "{{/main}}", r":\d+: "),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken(parts, what):
    name, old, new, said = BROKEN[what]
    path = parts / name
    text = path.read_text()
    if isinstance(old, str):
        old = re.compile(re.escape(old))
    match = old.search(text)
    assert match, f"{what}: there is nothing to break"
    path.write_text(text[:match.start()] + new + text[match.end():])
    line = text.count("\n", 0, match.start()) + 1
    done = check("join", parts)
    assert done.returncode == 78 and done.stdout == ""
    assert done.stderr.startswith("join: ") and done.stderr.count("\n") == 1, done.stderr
    if ":{line}:" in said or r":\d+" in said:
        assert os.path.basename(name) in done.stderr
    assert re.search(said.replace("{line}", str(line)), done.stderr), (line, done.stderr)


@pytest.mark.parametrize("program, key", [
    ("join", "form.key"), ("join", "membership.pub"), ("receipt", "form.key"),
    ("admin", "audit.key"), ("admin", "form.key")])
def test_keys(parts, program, key):
    path = parts / "keys" / key
    whole = path.read_bytes()
    for bad in (whole[:-1], whole + b"x", b"", None):
        if bad is None:
            path.unlink()
        else:
            path.write_bytes(bad)
        done = check(program, parts)
        assert done.returncode == 78 and str(path) in done.stderr


def test_no_conf(parts):
    (parts / "openhall.conf").unlink()
    done = check("join", parts)
    assert done.returncode == 78 and "openhall.conf" in done.stderr


def test_no_database(parts):
    """`--check` says so; a server starts all the same, and waits for it."""
    conf = parts / "openhall.conf"
    conf.write_text(re.sub(r"(?m)^\tsocket = .*$", '\tsocket = "/nowhere.sock"',
                           conf.read_text()))
    done = check("join", parts)
    assert done.returncode == 1 and "2002" in done.stderr


def test_usage():
    for program in PROGRAMS:
        done = subprocess.run([BUILD / program, "--nonsense"], capture_output=True, text=True)
        assert done.returncode == 64 and "usage" in done.stderr


# ---- deploy/run ----

def run(tmp_path, **environment):
    env = {**os.environ, "BUILDDIR": str(BUILD), "STATE": str(tmp_path / "s"), "PORT": "0",
           "SITE": "party", **environment}
    done = subprocess.run(["sh", SRC / "deploy/run"], env=env, capture_output=True, text=True,
                          timeout=30, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert re.fullmatch(r"run: [^\n]+\n", done.stderr), done.stderr
    return done.stderr


@pytest.mark.parametrize("environment, said", [
    ({"SITE": "nowhere"}, "no site"), ({"SITE": "/nowhere/site"}, "/nowhere/site"),
    ({"PORT": "http"}, "http"), ({"PORT": "99999"}, "99999"), ({"PORT": "-1"}, "-1"),
    ({"WORKERS": "0"}, "WORKERS"), ({"WORKERS": "many"}, "many"),
    ({"STATE": "/tmp/with space"}, "with space"), ({"STATE": "/tmp/" + "x" * 100}, "too long"),
    ({"BUILDDIR": "/nowhere"}, "not built")])
def test_run_says_what_is_wrong(tmp_path, environment, said):
    assert said in run(tmp_path, **environment)


def test_run_leaves_what_is_not_its_own(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s/letter.txt").write_text("mine")
    assert "not empty" in run(tmp_path)
    assert [p.name for p in (tmp_path / "s").iterdir()] == ["letter.txt"]


def test_busy_port(tmp_path):
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        port = str(s.getsockname()[1])
        said = run(tmp_path, PORT=port)
    assert "busy" in said and port in said


def test_state_in_use(annex, tmp_path):
    assert "in use" in run(tmp_path, STATE=str(annex.state))
    assert annex.running("nginx")


def test_half_a_database(tmp_path, annex):
    """Keys without the database that they fit, and a database that is not whole."""
    state = tmp_path / "s"
    (state / "keys").mkdir(parents=True)
    (state / "openhall.conf").touch()
    (state / "keys/audit.key").write_bytes(bytes(32))
    assert "no database that they fit" in run(tmp_path)
    (state / "db").mkdir()
    assert "not a whole database" in run(tmp_path)
