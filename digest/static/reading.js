// On pages that list papers: filter as you type, keys, what is new since the last visit, citations to copy, more papers.
"use strict";
(() => {
  const tools = document.getElementById("tools");
  if (!tools) return;
  const { copy, say, text, load, save } = window.digest;
  const pager = document.getElementById("pager");
  let entries = [];
  const field = document.getElementById("filter");
  const onlyNew = document.getElementById("only-new");
  const keys = document.getElementById("keys");
  const told = document.getElementById("filtered");
  const form = field.form;
  const searchAll = document.getElementById("search-all");
  const keyList = document.getElementById("key-list");
  const views = [...document.querySelectorAll("input[name=view]")];
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  let texts = null;

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
    document.getElementById("new-count").textContent = ` (${number})`;
    onlyNew.closest("label").hidden = !before || !number;
    showTools();
    if (before && number) drawStop();
    seen = [...new Set([...ids, ...seen])].slice(0, MOST);
    save(name, { at: now, before, since, seen, newest });
  }

  /** Draw a line above the first paper that was there last time, below all that is new. */
  function drawStop() {
    document.querySelector(".stopped")?.remove();
    const last = entries.findLastIndex((entry) => entry.classList.contains("is-new"));
    if (last === entries.length - 1) return;
    const line = document.createElement("p");
    line.className = "stopped";
    line.textContent = text("stopped");
    entries[last].after(line);
  }

  function showTools() {
    tools.hidden = onlyNew.closest("label").hidden && !told.textContent && !searchAll.firstChild;
  }

  /** Where the words in the box are searched for in all papers of the list, on all its pages. */
  function offerSearch(words, shown) {
    const FEW = 5;
    const isUseful = form.hasAttribute("action") && words.some((word) => /[\p{L}\p{N}]/u.test(word))
      && shown < FEW && entries.length < Number(form.dataset.total);
    searchAll.replaceChildren();
    if (!isUseful) return;
    const link = document.createElement("a");
    link.href = searchPath();
    link.textContent = form.dataset.words;
    searchAll.append(link);
  }

  /** Return the address of the same list with the words in the box as a further condition. */
  function searchPath() {
    const address = new URL(form.action);
    const asked = new URL(location.href).searchParams.get("q");
    const words = field.value.match(/[\p{L}\p{N}\p{M}-]+\*?/gu) ?? [];
    for (const [name, value] of new FormData(form)) if (name !== "q") address.searchParams.set(name, value);
    const wanted = words.map((word) => word.replace(/^-+/, "")).filter(Boolean).join(" ");
    address.searchParams.set("q", asked ? `(${asked}) ${wanted}` : wanted);
    address.searchParams.sort();
    return address.href;
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
    const isNarrowed = words.length || onlyNew.checked;
    told.textContent = isNarrowed ? text("shown", { shown, total: entries.length }) : "";
    document.querySelector(".stopped")?.toggleAttribute("hidden", Boolean(isNarrowed));
    offerSearch(words, shown);
    showTools();
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
    for (const entry of found) {
      const kinds = [["save", text("save")]];
      if (part.dataset.bib || part.dataset.paper) kinds.push(["bib", "BibTeX"]);
      if (part.dataset.md) kinds.push(["md", "Markdown"]);
      for (const [kind, words] of kinds) {
        const button = document.createElement("button");
        button.type = "button";
        button.dataset.cite = kind;
        button.textContent = words;
        entry.querySelector(".links").append(" ", button);
      }
      showSaved(entry);
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

  // Papers that are saved in this browser: by id, with what a list of them and an export need.
  const MOST_SAVED = 1000;
  const savedPapers = () => load("saved") ?? {};
  function showSaved(entry) {
    const isSaved = entry.dataset.id in savedPapers();
    entry.classList.toggle("is-saved", isSaved);
    const button = entry.querySelector("button[data-cite=save]");
    button.textContent = text(isSaved ? "saved" : "save");
    button.setAttribute("aria-pressed", String(isSaved));
  }

  async function toggleSaved(entry) {
    const papers = savedPapers();
    const id = entry.dataset.id;
    if (id in papers) delete papers[id];
    else {
      const title = entry.querySelector(".title a");
      papers[id] = {
        title: title.textContent.trim(),
        link: title.href,
        authors: entry.querySelector(".by")?.textContent.trim() ?? "",
        categories: [...entry.querySelectorAll(".tag:not(.topic)")].map((tag) => tag.textContent),
        at: new Date().toISOString().slice(0, 10),
      };
    }
    if (Object.keys(papers).length > MOST_SAVED || !save("saved", papers)) { say(text("save_full")); return; }
    showSaved(entry);
  }

  function onKey(event) {
    if (keyList.open) return;
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
    } else if (event.key === "s" && current) toggleSaved(current);
    else if (event.key === "/") field.focus();
    else if (event.key === "c") choose(views.find((one) => !one.checked));
    else if (event.key === "?") keyList.showModal();
    else return;
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
    if (kind === "save") { toggleSaved(entry); return; }
    const place = entry.closest(".papers").dataset;
    const url = place[kind] ?? `${place.paper}${entry.dataset.id}.${kind}`;
    try {
      const all = await citations(url, kind);
      const mark = entry.querySelector(".title a").getAttribute("href");
      const found = all.find((text) => text.includes(`{${mark}}`) || text.includes(`](${mark})`));
      if (found) await copy(`${found.trim()}\n`, kind === "bib" ? "BibTeX" : "Markdown");
    } catch {
      delete cited[url];
      say(text("failed"));
    }
  });

  /** Show papers in a view, from now on. */
  function choose(view) {
    view.checked = true;
    save("view", view.value);
  }

  const view = views.find((one) => one.value === load("view"));
  if (view) view.checked = true;
  delete document.documentElement.dataset.view;
  for (const one of views) one.addEventListener("change", () => choose(one));
  keys.checked = load("keys") ?? true;
  keys.addEventListener("change", () => save("keys", keys.checked));
  document.getElementById("keys-choice").hidden = false;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.hasAttribute("action") && field.value.trim()) location.assign(searchPath());
  });
  field.addEventListener("input", filter);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    field.value = "";
    filter();
    field.blur();
  });
  onlyNew.addEventListener("change", filter);
  document.addEventListener("keydown", onKey);
  take(document.querySelector(".papers"));
  followHash();
})();
