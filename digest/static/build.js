// The feed builder as you type: the same page is fetched, and its result put in place.
"use strict";
(() => {
  const { text, say } = window.digest;
  const form = document.getElementById("build");
  const chosen = document.getElementById("chosen");
  const problems = document.getElementById("problems");
  const search = document.getElementById("search");
  const found = document.getElementById("found");
  const shelves = [...document.querySelectorAll("#categories details")];
  const PAUSE_MS = 350;
  let timer;
  let running;

  function address() {
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value.trim()) query.append(name, value.trim());
    return `${form.getAttribute("action")}?${query}`;
  }

  function showProblems(page) {
    const listed = page.getElementById("problems");
    problems.replaceChildren(...listed.childNodes);
    problems.hidden = listed.hidden;
    for (const old of form.querySelectorAll(".error")) old.remove();
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    for (const error of page.querySelectorAll("#build .error")) {
      const id = error.id.replace(/-problem$/, "");
      const place = document.getElementById(id);
      const hints = place?.getAttribute("aria-describedby");
      if (place) {
        place.setAttribute("aria-invalid", "true");
        if (hints && !hints.includes(error.id)) place.setAttribute("aria-describedby", `${hints} ${error.id}`);
        place.after(error);
      } else if (id === "spec") shelves[0].before(error);
      else form.append(error);
    }
  }

  /** Fetch the page of the form, or the same at an address that waits for arXiv, and put its result in place. */
  async function update(waiting) {
    clearTimeout(timer);
    running?.abort();
    running = new AbortController();
    const result = document.getElementById("result");
    result.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(waiting ?? address(), { signal: running.signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("result");
      if (!fresh) throw new Error("not the builder");
      const open = [...result.querySelectorAll("details")].map((one) => one.open);
      result.replaceChildren(...fresh.childNodes);
      result.querySelectorAll("details").forEach((one, place) => { if (place < 2) one.open = open[place] ?? false; });
      showProblems(page);
      window.digest.enliven(result);
      if (!waiting) history.replaceState(null, "", answer.redirected || answer.ok ? answer.url : address());
      result.removeAttribute("aria-busy");
      const link = result.querySelector("a[data-later]");
      if (link && !waiting) update(link.href);
    } catch (error) {
      if (error.name === "AbortError") return;
      result.removeAttribute("aria-busy");
      say(text("stale"));
    }
  }

  // A whole .bib file is too long for an address: what it names is enough.
  const ENTRY = /@\w+\s*\{/;
  const NAMED = /arxiv(?:\.org\/(?:abs|pdf|html)\/|[.:]\s*)(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?\/\d{7})|eprint\s*=\s*["{]+(\d{4}\.\d{4,5}|[a-z-]+\/\d{7})/gi;
  function shorten(field) {
    if (!ENTRY.test(field.value)) return;
    const entries = field.value.match(/@\w+\s*\{/g).length;
    const ids = [...new Set([...field.value.matchAll(NAMED)].map((found) => found[1] ?? found[2]))];
    if (!ids.length) return;
    field.value = ids.slice(0, 150).join("\n");
    say(text("ids_used", { shown: Math.min(ids.length, 150), total: entries }));
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => update(), PAUSE_MS);
  }

  function showChosen() {
    for (const shelf of shelves) {
      const codes = [...shelf.querySelectorAll("input:checked")].map((box) => box.value);
      shelf.querySelector(".chosen").textContent = codes.join(", ");
    }
    chosen.replaceChildren(...[...form.querySelectorAll("input[name=spec]:checked")].map(({ value }) => {
      const chip = document.createElement("li");
      chip.className = "chip";
      const cross = document.createElement("button");
      cross.type = "button";
      cross.dataset.code = value;
      cross.setAttribute("aria-label", text("remove", { what: value }));
      cross.textContent = "×";
      chip.append(value, " ", cross);
      return chip;
    }));
  }

  chosen.addEventListener("click", (event) => {
    const code = event.target.closest("[data-code]")?.dataset.code;
    if (!code) return;
    event.preventDefault();
    form.querySelector(`input[name=spec][value="${CSS.escape(code)}"]`).checked = false;
    showChosen();
    (chosen.querySelector("button") ?? search).focus();
    update();
  });

  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  function filter() {
    const words = fold(search.value).split(/\s+/).filter(Boolean);
    let number = 0;
    for (const shelf of shelves) {
      let fitting = 0;
      for (const choice of shelf.querySelectorAll(".choice")) {
        const text = fold(`${choice.textContent} ${choice.dataset.also ?? ""}`);
        choice.hidden = !words.every((word) => text.includes(word));
        fitting += !choice.hidden;
      }
      shelf.hidden = !fitting;
      shelf.open = words.length ? fitting > 0 : Boolean(shelf.querySelector("input:checked"));
      number += fitting;
    }
    const key = { 0: "categories_none", 1: "categories_one" }[number] ?? "categories";
    found.textContent = words.length ? text(key, { shown: number }) : "";
  }

  form.addEventListener("input", (event) => {
    if (event.target === search) { filter(); return; }
    if (event.target.matches("[data-ids]")) shorten(event.target);
    showChosen();
    later();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await update();
    if (!problems.hidden) { problems.focus(); problems.scrollIntoView({ block: "start" }); return; }
    // Below the form on a phone, and next for a keyboard.
    const result = document.getElementById("result");
    result.focus({ preventScroll: true });
    result.scrollIntoView({ block: "start" });
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      const fitting = [...form.querySelectorAll("#categories .choice:not([hidden]) input")];
      const words = search.value.trim().toLowerCase();
      const only = fitting.length === 1 ? fitting[0] : fitting.find((box) => box.value.toLowerCase() === words);
      if (words && only) {
        only.checked = true;
        search.value = "";
        filter();
        showChosen();
        update();
      } else fitting[0]?.focus();
    }
  });
  document.getElementById("search-field").hidden = false;
  showChosen();
  if (!problems.hidden) problems.focus();
  const link = document.querySelector("#result a[data-later]");
  if (link) update(link.href);
})();
