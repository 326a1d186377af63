// On every page: copying, and instants in the visitor's own time zone.
"use strict";
(() => {
  const message = document.getElementById("message");
  let timer;

  function say(text) {
    if (!message) return;
    message.textContent = text;
    clearTimeout(timer);
    timer = setTimeout(() => { message.textContent = ""; }, 4000);
  }

  async function copy(text, what) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without a secure connection there is no clipboard; an old command still works.
      const area = document.createElement("textarea");
      area.value = text;
      area.setAttribute("readonly", "");
      area.className = "sr";
      document.body.append(area);
      area.select();
      const worked = document.execCommand("copy");
      area.remove();
      if (!worked) { window.prompt("Copy this:", text); return; }
    }
    say(`${what} copied`);
  }

  /** Make what needs scripts usable, in the whole page or in a part that was put in later. */
  function enliven(part) {
    for (const button of part.querySelectorAll("button[data-copy], button[data-copy-from]")) button.hidden = false;
    for (const time of part.querySelectorAll("time[data-local]")) {
      const moment = new Date(time.dateTime);
      if (!moment.getTimezoneOffset()) continue;
      const local = moment.toLocaleString(undefined, {
        weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
      });
      time.textContent = `${local}, which is ${time.textContent}`;
      delete time.dataset.local;
    }
  }

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
    if (from) copy(document.getElementById(from).textContent, "Text");
    else copy(button.dataset.copy, "Address");
  });

  window.digest = { copy, say, enliven };
  enliven(document);
})();
