"""A real browser for tests: Debian's Chromium, driven by selenium.

It asks 127.0.0.1 only, keeps everything in a folder of its own, and can be somebody:
each person has their own cookies.
"""

import base64
import json
import os
import re
from pathlib import Path

import axe
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = """--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic
    --no-first-run --disable-background-networking --disable-component-update
    --disable-sync --disable-extensions --no-proxy-server --hide-scrollbars
    --force-color-profile=srgb --lang=en""".split()

AUDIT = (Path(__file__).parent / "audit.js").read_text()

# All its rules, but for two things that audit.js judges more strictly: axe leaves a gradient and
# what stands before or behind an element undecided, and lets targets be small where there is
# room.  It rests between rules, which in a page soon takes 4 ms each; here it need not.
RULES = """(async () => {
    const late = window.setTimeout;
    window.setTimeout = (f, ms, ...given) => ms ? late(f, ms, ...given) : queueMicrotask(f);
    const { violations } = await axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
        rules: { 'color-contrast': { enabled: false }, 'target-size': { enabled: false } },
        resultTypes: ['violations'],
    });
    window.setTimeout = late;
    return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(node => `${id}: ${help}: ${node.html.slice(0, 100)}`));
})()"""


class Browser:
    """`script`: whether pages may run scripts.  The driver's own always run."""

    def __init__(self, folder, script=True):
        folder = Path(folder)
        (folder / "tmp").mkdir(parents=True)
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in [*FLAGS, f"--user-data-dir={folder / 'profile'}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        options.ignore_local_proxy_environment_variables()
        if not script:
            options.add_experimental_option(
                "prefs", {"profile.managed_default_content_settings.javascript": 2})
        env = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder / "tmp"),
               "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
        self.driver = webdriver.Chrome(
            service=Service("/usr/bin/chromedriver", env=env), options=options)
        self.driver.set_page_load_timeout(30)
        self.base = None
        self.wide = self._seen = None
        self._noticed = True
        self._who, self._jars = None, {}
        self._document = None
        self._axe = False

    def close(self):
        self.driver.quit()

    def cdp(self, command, **given):
        return self.driver.execute_cdp_cmd(command, given)

    # ---- how it looks at pages ----

    def width(self, wide, high=None, scale=1):
        """A phone below 600 pixels, else a desk."""
        high = high or (740 if wide < 600 else 900)
        if self._seen != (wide, high, scale):
            self.cdp("Emulation.setDeviceMetricsOverride", width=wide, height=high,
                     deviceScaleFactor=scale, mobile=wide < 600)
        self.wide, self._seen = wide, (wide, high, scale)
        return self

    def scheme(self, name):
        """light or dark"""
        self.cdp("Emulation.setEmulatedMedia", media="",
                 features=[{"name": "prefers-color-scheme", "value": name}])
        return self

    def picture(self, whole=False):
        """PNG bytes of what is seen, or of the whole page."""
        return base64.b64decode(
            self.cdp("Page.captureScreenshot", captureBeyondViewport=whole)["data"])

    def print(self):
        """How many sheets of paper the page takes."""
        pdf = base64.b64decode(self.cdp("Page.printToPDF", preferCSSPageSize=True,
                                        paperWidth=8.27, paperHeight=11.69)["data"])
        assert pdf.startswith(b"%PDF-"), "not a PDF"
        return len(re.findall(rb"/Type\s*/Page\b", pdf))

    # ---- who sits before it ----

    def at(self, stack):
        """A new person at the site of `stack`."""
        self.cdp("Network.clearBrowserCookies")
        self._who, self._jars = None, {}
        self.base = stack.base
        if self._noticed:
            self.logs()
        return self

    def become(self, who):
        """Another person, with the cookies that they had when they left."""
        cookies = self.cdp("Network.getAllCookies")["cookies"]
        self._jars[self._who] = [
            {name: c[name] for name in ("name", "value", "domain", "path", "httpOnly",
                                        "secure", "sameSite", "expires") if name in c}
            for c in cookies]
        self.cdp("Network.clearBrowserCookies")
        for cookie in self._jars.get(who, []):
            self.cdp("Network.setCookie", **cookie)
        self._who = who
        return self

    def cookies_of(self, session):
        """Be who a session of requests is."""
        self.cdp("Network.clearBrowserCookies")
        for c in session.cookies:
            self.cdp("Network.setCookie", name=c.name, value=c.value, url=self.base + c.path)

    # ---- moving about ----

    def get(self, path):
        self._noticed = True
        self.driver.get(path if "://" in path else self.base + path)
        return self

    @property
    def path(self):
        return self.driver.current_url.removeprefix(self.base)

    def leave(self, act):
        """Do what leads to another page, and wait for that."""
        began = "return performance.timeOrigin"
        before = self.js(began)
        act()

        def there(_):
            # What takes the focus by itself has it when the page is first drawn.
            at, whole = self.js("""return [performance.timeOrigin,
                document.readyState == 'complete' && (!document.querySelector('[autofocus]')
                    || document.activeElement != document.body)];""")
            return at != before and whole
        WebDriverWait(self.driver, 20, .01, [WebDriverException]).until(there)
        return self

    def press(self, words, within="main"):
        """Press the button, or follow the link, that says so."""
        found = self.js("""
            for (const tag of ['button', 'a', 'summary'])
                for (const e of document.querySelectorAll(`${arguments[0]} ${tag}`))
                    if (e.innerText.trim() == arguments[1]
                        && e.checkVisibility({ visibilityProperty: true }))
                        return e;""", within, words)
        assert found, f"nothing says {words!r} in: {self.text(within)[:500]}"
        if found.tag_name != "summary":
            return self.leave(found.click)
        found.click()
        return self

    # ---- what is there ----

    def js(self, code, *given):
        return self.driver.execute_script(code, *given)

    def one(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def has(self, css):
        try:
            return self.one(css)
        except NoSuchElementException:
            return None

    def text(self, css="main"):
        return self.one(css).text

    def field(self, name):
        return self.one(f"main [name='{name}']:not([type=hidden])")

    def type(self, name, text):
        """Write `text` over what stands in the field."""
        field = self.field(name)
        field.clear()
        field.send_keys(text)
        return self

    def tick(self, id_, on=True):
        box = self.one(f"#{id_}")
        if box.is_selected() != on:
            self.one(f"label[for='{id_}']").click()
        assert box.is_selected() == on
        return self

    def focused(self):
        return self.driver.switch_to.active_element

    def key(self, *keys):
        webdriver.ActionChains(self.driver).send_keys(*keys).perform()
        return self

    def fill(self, values):
        """Set many fields at once, where nobody asks how."""
        self.js("""for (const [name, value] of Object.entries(arguments[0]))
            for (const e of document.getElementsByName(name))
                if (e.type == 'checkbox' || e.type == 'radio')
                    e.checked = [value].flat().includes(e.value);
                else
                    e.value = value;""", values)
        return self

    def send(self, action, values=None, button=None):
        """Fill in the form whose action ends so, and send it by that button's value."""
        self.fill(values or {})
        return self.leave(lambda: self.js("""
            const form = [...document.forms].find(
                f => f.getAttribute('action').endsWith(arguments[0]));
            const by = [...form.elements].find(e => e.tagName == 'BUTTON'
                && (!arguments[1] || e.value == arguments[1]));
            setTimeout(() => by.click());""", action, button))

    # ---- what it noticed ----

    def logs(self):
        """Console and network since the last call: (complaints, requests as
        (url, bytes))."""
        self._noticed = False
        console = [line["message"] for line in self.driver.get_log("browser")]
        urls, sizes = {}, {}
        for line in self.driver.get_log("performance"):
            event = json.loads(line["message"])["message"]
            given = event["params"]
            if given.get("type") == "Document":
                self._document = given["requestId"]
            if event["method"] == "Network.requestWillBeSent":
                urls.setdefault(given["requestId"], []).append(given["request"]["url"])
            elif event["method"] == "Network.loadingFinished":
                sizes[given["requestId"]] = given["encodedDataLength"]
        return console, [(url, sizes.get(id_, 0)) for id_, several in urls.items()
                         for url in several]

    def source(self):
        """The page as it was sent; for after logs()."""
        return self.cdp("Network.getResponseBody", requestId=self._document)["body"]

    def audit(self, *checks):
        """What is wrong with the page; see audit.js."""
        return self.js(AUDIT + "\nreturn audit(arguments[0], arguments[1]);", list(checks),
                       self.wide)

    def with_axe(self):
        """From now on every page brings axe-core, which costs next to nothing unless it is
        called."""
        if not self._axe:
            self._axe = True
            self.cdp("Page.addScriptToEvaluateOnNewDocument",
                     source=f"function axeCore() {{ {axe.script()} }}")
        return self

    def axe(self):
        """What axe-core finds wrong with the page."""
        got = self.cdp("Runtime.evaluate", expression=f"axeCore(); {RULES}",
                       awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in got, got
        return got["result"]["value"]


__all__ = ["Browser", "Keys"]
