// On every page: copying, and instants in the visitor's own time zone.
"use strict";
(() => {
  const message = document.getElementById("message");
  const words = JSON.parse(document.getElementById("page-words").textContent);
  let timer;

  /** Return a text of the page's language, with values in it. */
  function text(key, values = {}) {
    return words[key].replace(/\{(\w+)\}/g, (blank, name) => values[name] ?? blank);
  }

  // What is kept in the browser: it may be full or forbidden, then nothing is.
  function load(name) {
    try { return JSON.parse(localStorage.getItem(name)); } catch { return null; }
  }
  /** Keep a value; tell whether that worked. */
  function save(name, value) {
    try { localStorage.setItem(name, JSON.stringify(value)); return true; } catch { return false; }
  }

  function say(said) {
    if (!message) return;
    message.textContent = said;
    clearTimeout(timer);
    timer = setTimeout(() => { message.textContent = ""; }, 4000);
  }

  async function copy(copied, what) {
    try {
      await navigator.clipboard.writeText(copied);
    } catch {
      // Without a secure connection there is no clipboard; an old command still works.
      const area = document.createElement("textarea");
      area.value = copied;
      area.setAttribute("readonly", "");
      area.className = "sr";
      document.body.append(area);
      area.select();
      const worked = document.execCommand("copy");
      area.remove();
      if (!worked) { window.prompt(text("copy_this"), copied); return; }
    }
    say(text("copied", { what }));
  }

  /** Make what needs scripts usable, in the whole page or in a part that was put in later. */
  function enliven(part) {
    for (const button of part.querySelectorAll("button[data-copy], button[data-copy-from]")) button.hidden = false;
    for (const field of part.querySelectorAll(".own-reader")) {
      field.hidden = false;
      field.querySelector("input").value = load("own-reader") ?? "";
      linkOwnReader(field);
    }
    for (const time of part.querySelectorAll("time[data-local]")) {
      const moment = new Date(time.dateTime);
      if (!moment.getTimezoneOffset()) continue;
      const local = moment.toLocaleString(document.documentElement.lang === "en" ? undefined : document.documentElement.lang, {
        weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
      });
      time.textContent = text("local_time", { local, utc: time.textContent });
      delete time.dataset.local;
    }
  }

  const OWN_READERS = [["Miniflux", "/bookmarklet?uri="], ["FreshRSS", "/i/?c=feed&a=add&url_rss="]];
  /** Lead to the reader of one's own, if its address is one. */
  function linkOwnReader(field) {
    let base = null;
    try { base = new URL(field.querySelector("input").value.trim()); } catch { /* not an address yet */ }
    const links = base && /^https?:$/.test(base.protocol) ? OWN_READERS.map(([name, path]) => {
      const link = document.createElement("a");
      link.href = base.href.replace(/\/$/, "") + path + encodeURIComponent(field.dataset.feed);
      link.rel = "noopener noreferrer";
      link.textContent = name;
      return link;
    }) : [];
    field.querySelector(".own-links").replaceChildren(...links.flatMap((link) => [link, " "]));
  }
  document.addEventListener("input", (event) => {
    const field = event.target.closest(".own-reader");
    if (!field) return;
    save("own-reader", event.target.value.trim());
    for (const one of document.querySelectorAll(".own-reader")) {
      if (one !== field) one.querySelector("input").value = event.target.value;
      linkOwnReader(one);
    }
  });
  // A menu closes when the reader goes on elsewhere.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // The newest days stand at the right.
  for (const table of document.querySelectorAll(".heat")) table.parentElement.scrollLeft = table.offsetWidth;

  // The address that waits for arXiv is only for the first time.
  const here = new URL(location.href);
  if (here.searchParams.has("wait")) {
    here.searchParams.delete("wait");
    history.replaceState(null, "", here);
  }

  /** Put the feeds in place for which arXiv is being asked: one request, which waits for them. */
  async function fillCards(link) {
    try {
      const answer = await fetch(link.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const card of document.querySelectorAll(".card[data-again]")) {
        const fresh = page.getElementById(card.id);
        if (!fresh) continue;
        card.replaceWith(fresh);
        enliven(fresh);
      }
      link.parentElement.remove();
    } catch { /* the link stays */ }
  }
  const later = document.querySelector("a[data-later]");
  if (later?.dataset.later === "cards") fillCards(later);
  if (later?.dataset.later === "page") location.replace(later.href);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy], button[data-copy-from]");
    if (!button) return;
    const from = button.dataset.copyFrom;
    if (from) copy(document.getElementById(from).textContent, text("text"));
    else copy(button.dataset.copy, text("address"));
  });

  window.digest = { copy, say, enliven, text, load, save };
  enliven(document);
})();
