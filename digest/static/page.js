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

  /** Put feeds in place once arXiv has answered for them. */
  async function lookAgain(tries) {
    try {
      const answer = await fetch(location.href);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const card of document.querySelectorAll(".card[data-again]")) {
        const fresh = page.getElementById(card.id);
        if (fresh && !fresh.dataset.again) {
          card.replaceWith(fresh);
          enliven(fresh);
        }
      }
    } catch { /* the next try may do */ }
    if (tries && document.querySelector(".card[data-again]")) setTimeout(lookAgain, 5000, tries - 1);
  }
  if (document.querySelector(".card[data-again]")) setTimeout(lookAgain, 5000, 12);

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
