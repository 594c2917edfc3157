/* audit.js: what is wrong with the page that is shown, as a list of sentences: what axe-core
 * does not judge, or less strictly.
 * browser.py runs it: `checks` names some of those below, `wide` is the window's width. */
function audit(checks, wide) {
	const wrong = [];
	const say = (...words) => wrong.push(words.join(" "));
	const all = (css, within = document) => [...within.querySelectorAll(css)];
	const call = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") +
		(typeof e.className == "string" && e.className ? "." + e.className.replace(/ /g, ".") : "") +
		" \"" + (e.textContent || e.name || "").trim().slice(0, 30) + "\"";

	const off = e => e.closest(".trap, .skip:not(:focus)");
	const seen = e => {
		const style = getComputedStyle(e);
		const box = e.getBoundingClientRect();
		return style.visibility == "visible" && box.width > 1 && box.height > 1 && !off(e) &&
			!e.closest("details:not([open]) > :not(summary)") && !clipped(e);
	};
	const clipped = e => {
		for (; e; e = e.parentElement)
			if (getComputedStyle(e).clipPath != "none")
				return true;
		return false;
	};

	/* ---- colours ---- */

	const colours = text => (text.match(/rgba?\([^)]*\)/g) || []).map(c => {
		const [r, g, b, a = 1] = c.match(/[\d.]+/g).map(Number);
		return { r, g, b, a };
	});
	const over = (c, under) => ({
		r: c.r * c.a + under.r * (1 - c.a), g: c.g * c.a + under.g * (1 - c.a),
		b: c.b * c.a + under.b * (1 - c.a), a: 1,
	});
	/* Every colour that may lie behind `e`: of a gradient all. */
	const behind = e => {
		if (!e) {
			const dark = matchMedia("(prefers-color-scheme: dark)").matches;
			return [dark ? { r: 18, g: 18, b: 18, a: 1 } : { r: 255, g: 255, b: 255, a: 1 }];
		}
		const style = getComputedStyle(e);
		const own = [...colours(style.backgroundColor), ...colours(style.backgroundImage)]
			.filter(c => c.a > 0);
		if (own.length && own.every(c => c.a == 1))
			return own;
		const under = behind(e.parentElement);
		return own.length ? own.flatMap(c => under.map(u => over(c, u))) : under;
	};
	const light = c => {
		const [r, g, b] = [c.r, c.g, c.b].map(v => (v /= 255) <= .04045 ? v / 12.92 :
			((v + .055) / 1.055) ** 2.4);
		return .2126 * r + .7152 * g + .0722 * b;
	};
	const ratio = (a, b) => {
		const [x, y] = [light(a), light(b)];
		return (Math.max(x, y) + .05) / (Math.min(x, y) + .05);
	};
	const contrast = (colour, grounds) =>
		Math.min(...grounds.map(ground => ratio(over(colour, ground), ground)));

	const checkText = (e, style, what) => {
		const size = parseFloat(style.fontSize);
		const large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
		const got = contrast(colours(style.color)[0], behind(e));
		if (got < (large ? 3 : 4.5))
			say("contrast", got.toFixed(2), what, call(e));
	};

	/* ---- checks ---- */

	const check = {
		/* The document: one heading, a language, ids and what points to them. */
		structure() {
			if (all("h1").length != 1)
				say(all("h1").length, "headings of the first rank");
			const prefix = location.pathname.match(/^\/([a-z]{2})(?:\/|$)/);
			const lang = prefix ? prefix[1] : "en";
			if (document.documentElement.lang != lang)
				say("the language is called", document.documentElement.lang, "not", lang);

			const ids = all("[id]").map(e => e.id);
			for (const id of new Set(ids))
				if (ids.filter(i => i == id).length > 1 || !id)
					say("the id", id, "stands twice or is empty");
			for (const name of ["for", "aria-describedby", "aria-labelledby", "aria-controls"])
				for (const e of all("[" + name + "]"))
					for (const id of (e.getAttribute(name).trim() || "?").split(/\s+/))
						if (!document.getElementById(id))
							say(name, id, "leads nowhere");
			for (const e of all("a[href^='#']"))
				if (!document.getElementById(e.getAttribute("href").slice(1)))
					say("the link", call(e), "leads nowhere");

			for (const e of all("input:not([type=hidden], [hidden]), textarea, select"))
				if (!e.labels.length || !e.labels[0].textContent.trim())
					say("no label:", e.name);
			for (const e of all("fieldset"))
				if (!e.firstElementChild || e.firstElementChild.tagName != "LEGEND" ||
				    !e.firstElementChild.textContent.trim())
					say("no legend:", call(e));
			for (const e of all("a, button, summary, h1, h2, h3, th, dt, label"))
				if (!e.textContent.trim())
					say("empty:", call(e));
			for (const e of all("a:not([href]), " +
			    "nav:not([aria-label]):not([aria-labelledby]), " +
			    "th:not([scope]), p:empty, div:empty, ul:empty, ol:empty, dl:empty, td:empty"))
				if (!e.matches(".pager, .month td"))
					say("incomplete:", e.outerHTML.slice(0, 80));
			for (const e of all("dl > div > :not(dt, dd), button *:not(span, strong), " +
			    "label *:not(span)"))
				say("does not belong there:", e.parentElement.tagName, ">", call(e));
			for (const e of all("form[method=post]"))
				if (!e.querySelector("input[type=hidden][name=token]"))
					say("no token:", e.action);
			for (const e of all(".field--error"))
				if (!all("[aria-describedby]", e).concat(e.matches("[aria-describedby]") ? [e] : [])
				    .some(c => c.getAttribute("aria-describedby").split(/\s+/)
				        .some(id => (document.getElementById(id) || e).matches(".error"))))
					say("the error is not told with the field:", call(e));
			if (all(".errors").length && !document.activeElement.matches(".errors"))
				say("the errors have not got the focus:", call(document.activeElement));
			for (const e of all("script, style, [style], iframe, object, embed"))
				say("has no place here:", e.outerHTML.slice(0, 80));
			for (const e of all("*"))
				for (const a of e.attributes)
					if (/^on/.test(a.name))
						say("a script in", a.name);
		},

		/* Nothing is wider than the window. */
		fit() {
			const root = document.scrollingElement;
			if (root.scrollWidth <= wide)
				return;
			const out = all("body *").filter(e => !off(e) && !clipped(e) &&
				(e.getBoundingClientRect().right > wide + .5 ||
				e.clientWidth && e.scrollWidth > e.clientWidth + 1));
			say("at", wide, "the page is", root.scrollWidth, "wide by",
				call(out[out.length - 1] || root));
		},

		/* WCAG 2.5.8; a link within a sentence is as high as its line. */
		targets() {
			for (const e of all("a, button, input:not([type=hidden]), textarea, summary")) {
				if (!seen(e) || !e.matches("main *, header *, footer *"))
					continue;
				const box = e.getBoundingClientRect();
				const sentence = e.tagName == "A" && getComputedStyle(e).display == "inline" &&
					[...e.parentElement.childNodes].some(n => n.nodeType == 3 && n.data.trim());
				if (!sentence && (box.width < 23.99 || box.height < 23.99))
					say("at", wide, "a target of", Math.round(box.width), "x",
						Math.round(box.height), call(e));
			}
		},

		/* Nothing is cut off or lies over another. */
		overlap() {
			const blocks = all("main p, main h1, main h2, main h3, main dt, main dd, main legend, " +
				"main label, main button, main a.button, main input:not([type=hidden]), " +
				"main textarea, main th, main td, header a, header button").filter(seen);
			const boxes = blocks.map(e => [e, e.getBoundingClientRect()]);
			for (const [a, p] of boxes)
				for (const [b, q] of boxes)
					if (a.compareDocumentPosition(b) == Node.DOCUMENT_POSITION_FOLLOWING &&
					    !a.closest(".choice") && !b.closest(".choice") &&
					    !a.closest(".panel") == !b.closest(".panel") &&
					    Math.min(p.right, q.right) - Math.max(p.left, q.left) > 2 &&
					    Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 2)
						say("at", wide, call(a), "lies over", call(b));
		},

		/* WCAG 1.4.3 for every text, 1.4.11 for the edges of controls. */
		contrast() {
			const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
			const done = new Set();
			while (walk.nextNode()) {
				const e = walk.currentNode.parentElement;
				if (!walk.currentNode.data.trim() || done.has(e) || !seen(e) ||
				    e.matches(":disabled"))
					continue;
				done.add(e);
				checkText(e, getComputedStyle(e), "of");
			}
			for (const e of all("body *"))
				for (const part of ["::before", "::after"]) {
					const style = getComputedStyle(e, part);
					if (!["none", "normal", "\"\""].includes(style.content) && seen(e))
						checkText(e, style, part + " of");
				}
			for (const e of all("input:not([type=hidden]), textarea").filter(seen)) {
				checkText(e, getComputedStyle(e), "within");
				const edge = e.closest(".choice") || e;
				const got = contrast(colours(getComputedStyle(edge).borderTopColor)[0],
					behind(edge.parentElement));
				if (got < 3)
					say("contrast", got.toFixed(2), "of the edge of", call(edge), e.name);
			}
		},
	};
	for (const name of checks)
		check[name]();
	return [...new Set(wrong)];
}
