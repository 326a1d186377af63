// On pages that list papers: filter as you type, keys, what is new since the last visit, citations to copy, more papers.
"use strict";
(() => {
  const tools = document.getElementById("tools");
  if (!tools) return;
  const { copy, say } = window.digest;
  const pager = document.getElementById("pager");
  let entries = [];
  const field = document.getElementById("filter");
  const onlyNew = document.getElementById("only-new");
  const keys = document.getElementById("keys");
  const told = document.getElementById("filtered");
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  let texts = null;

  // What is kept in the browser: it may be full or forbidden, then nothing is.
  function load(name) {
    try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
  }
  function save(name, value) {
    try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* nothing is kept */ }
  }

  function markNew() {
    const VISIT_MS = 30 * 60 * 1000;
    const MOST = 3000;
    const name = `seen:${location.pathname}`;
    const now = Date.now();
    const kept = load(name);
    const ids = entries.map((entry) => entry.dataset.id);
    let { before, since, seen, newest } = kept ?? { before: null, seen: [] };
    // A visit lasts until half an hour without one; what is new stays new until it is over.
    if (kept && now - kept.at > VISIT_MS) [before, since] = [seen, newest];
    // Papers further down a list may never have been seen, but those of earlier days are not new.
    const dayOf = (entry) => entry.closest("section").dataset.part.match(/^\d{4}-\d\d-\d\d$/)?.[0] ?? "";
    if (before) {
      const known = new Set(before);
      for (const entry of entries) {
        const isNew = !known.has(entry.dataset.id) && dayOf(entry) >= (since ?? "");
        entry.classList.toggle("is-new", isNew);
      }
    }
    newest = entries.map(dayOf).reduce((last, day) => (day > last ? day : last), newest ?? "");
    const number = document.querySelectorAll(".is-new").length;
    document.getElementById("new-count").textContent = before ? ` (${number})` : "";
    onlyNew.disabled = !before;
    seen = [...new Set([...ids, ...seen])].slice(0, MOST);
    save(name, { at: now, before, since, seen, newest });
  }

  function filter() {
    texts ??= entries.map((entry) => fold(entry.textContent));
    const words = fold(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    entries.forEach((entry, place) => {
      const fits = words.every((word) => texts[place].includes(word))
        && (!onlyNew.checked || entry.classList.contains("is-new"));
      entry.hidden = !fits;
      shown += fits;
    });
    for (const section of document.querySelectorAll(".papers section")) {
      section.hidden = !section.querySelector(".entry:not([hidden])");
    }
    told.textContent = words.length || onlyNew.checked ? `${shown} of ${entries.length} papers` : "";
  }

  function goTo(entry) {
    entry?.focus({ preventScroll: true });
    entry?.scrollIntoView({ block: "start" });
  }

  async function move(step) {
    const find = () => {
      const visible = entries.filter((entry) => !entry.hidden);
      const current = document.activeElement?.closest(".entry");
      return visible[current ? visible.indexOf(current) + step : (step > 0 ? 0 : visible.length - 1)];
    };
    goTo(find() ?? (step > 0 && await loadOrGo() ? find() : null));
  }

  let loading = null;
  /** Put the next page's papers below these; tell whether there were any. */
  function loadMore() {
    const link = document.getElementById("more");
    loading ??= link && append(link).finally(() => { loading = null; });
    return loading;
  }

  /** The same for somebody who waits for it: where that fails, go to the next page as without this script. */
  async function loadOrGo() {
    if (await loadMore()) return true;
    const link = document.getElementById("more");
    if (link) location.assign(link.href);
    return false;
  }

  async function append(link) {
    let page;
    try {
      const answer = await fetch(link.href);
      if (!answer.ok) throw new Error(answer.status);
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return false;
    }
    const papers = page.querySelector(".papers");
    const part = papers.querySelector("section");
    if (part?.dataset.part === [...document.querySelectorAll(".papers section")].pop()?.dataset.part) {
      part.querySelector("h2").remove();
    }
    pager.before(papers);
    const [, where, onward] = page.getElementById("pager").children;
    pager.replaceChildren(pager.firstElementChild, where, onward);
    take(papers);
    filter();
    return true;
  }

  /** Make papers that have come onto the page usable. */
  function take(part) {
    const found = [...part.querySelectorAll(".entry")];
    entries = [...entries, ...found];
    texts = null;
    if (part.dataset.bib) {
      for (const entry of found) {
        for (const [kind, words] of [["bib", "BibTeX"], ["md", "Markdown"]]) {
          const button = document.createElement("button");
          button.type = "button";
          button.dataset.cite = kind;
          button.textContent = words;
          entry.querySelector(".links").append(" ", button);
        }
      }
    }
    markNew();
  }

  /** Go where the address points to, also if that paper has moved to one of the next pages. */
  async function followHash() {
    const MOST_PAGES = 12;
    const wanted = () => document.getElementById(location.hash.slice(1));
    if (!/^#p[\w.-]+$/.test(location.hash) || wanted()) return;
    for (let pages = 0; pages < MOST_PAGES && !wanted(); pages += 1) {
      if (!await loadMore()) return;
    }
    wanted()?.scrollIntoView();
  }

  function onKey(event) {
    if (!keys.checked || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    const current = document.activeElement?.closest(".entry");
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "o" && current) {
      const details = current.querySelector("details");
      if (details) details.open = !details.open;
    } else if (event.key === "v" && current) {
      window.open(current.querySelector(".title a").href, "_blank", "noopener");
    } else return;
    event.preventDefault();
  }

  const cited = {};
  /** Fetch the citations of a page's papers once. */
  async function citations(url, kind) {
    cited[url] ??= fetch(url).then((answer) => {
      if (!answer.ok) throw new Error(answer.status);
      return answer.text();
    }).then((text) => text.split(kind === "bib" ? /\n(?=@)/ : /\n(?=- )/));
    return cited[url];
  }

  document.addEventListener("click", async (event) => {
    if (event.target.id === "more" && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      const first = entries.length;
      if (await loadOrGo()) goTo(entries[first]);
      return;
    }
    const button = event.target.closest("button[data-cite]");
    if (!button) return;
    const kind = button.dataset.cite;
    const entry = button.closest(".entry");
    const url = entry.closest(".papers").dataset[kind];
    try {
      const all = await citations(url, kind);
      const mark = entry.querySelector(".title a").getAttribute("href");
      const found = all.find((text) => text.includes(`{${mark}}`) || text.includes(`](${mark})`));
      if (found) await copy(`${found.trim()}\n`, kind === "bib" ? "BibTeX" : "Markdown");
    } catch {
      delete cited[url];
      say("That didn’t work; try again in a moment.");
    }
  });

  keys.checked = load("keys") ?? true;
  keys.addEventListener("change", () => save("keys", keys.checked));
  field.addEventListener("input", filter);
  onlyNew.addEventListener("change", filter);
  document.addEventListener("keydown", onKey);
  take(document.querySelector(".papers"));
  tools.hidden = false;
  followHash();
})();
