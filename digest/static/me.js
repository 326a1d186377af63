// On pages of profiles: a vote with one click, an export from a file, papers saved in this browser.
"use strict";
(() => {
  const { say } = window.digest;

  /** Send what the button on a link's page would send; the answer says whether it was written. */
  async function post(url) {
    const answer = await fetch(url, { method: "POST", headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.status);
  }

  function mark(link, isChosen, words) {
    link.classList.toggle("chosen", isChosen);
    link.querySelector(".sr").textContent = isChosen ? ` ${words.chosen}` : "";
  }

  /** Vote, or take the vote back if it is the present one. */
  async function vote(link) {
    const words = link.closest(".papers").dataset;
    const isChosen = link.classList.contains("chosen");
    try {
      await post(isChosen ? link.dataset.undo : link.href);
    } catch {
      say(words.failed);
      return;
    }
    if (!isChosen && link.dataset.deed !== "save") {
      for (const other of link.parentElement.querySelectorAll("[data-deed=more], [data-deed=less]")) mark(other, false, words);
    }
    mark(link, !isChosen, words);
    say(isChosen ? words.undone : link.dataset.done);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-deed]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    vote(link);
  });

  for (const input of document.querySelectorAll("input[data-into]")) {
    input.closest("[data-file-field]").hidden = false;
    input.addEventListener("change", async () => {
      if (input.files.length) document.getElementById(input.dataset.into).value = await input.files[0].text();
    });
  }

  /** The papers that public pages keep in this browser; only this page reads them, and they never learn of it. */
  function savedHere() {
    try {
      const kept = JSON.parse(localStorage.getItem("saved")) ?? [];
      const ids = Array.isArray(kept) ? kept.map((one) => one.id ?? one) : Object.keys(kept);
      return ids.filter((one) => typeof one === "string");
    } catch { return []; }
  }
  const fromBrowser = document.getElementById("from-browser");
  if (fromBrowser && savedHere().length) {
    fromBrowser.parentElement.hidden = false;
    fromBrowser.addEventListener("click", () => {
      const field = document.getElementById("papers");
      field.value = [field.value, ...savedHere()].filter(Boolean).join("\n");
      field.form.querySelector("[value=save]").focus();
    });
  }
})();
