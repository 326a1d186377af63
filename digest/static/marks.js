// On pages that list papers: marks of what the list looks for on or off, and words of one's own, kept in this browser.
"use strict";
(() => {
  const { load, save, text } = window.digest;
  const MOST = 100;
  const WORD = /[\p{L}\p{N}\p{M}]+/gu;
  const root = document.documentElement;
  const onOff = document.getElementById("marks");
  const dialog = document.getElementById("own-words");
  const area = dialog?.querySelector("textarea");
  if (!onOff || !area) return;

  const fold = (word) => word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  /** Return the folded words of a text; a plural ending says nothing. */
  const words = (line) => [...line.matchAll(WORD)].map((found) => {
    const folded = fold(found[0]);
    return {
      start: found.index,
      end: found.index + found[0].length,
      stem: folded.length > 3 ? folded.replace(/s$/, "") : folded,
    };
  });
  const phrases = () => (load("own-words") ?? []).map((line) => words(line).map((word) => word.stem)).filter((one) => one.length);

  /** Return where phrases stand in a text, in order, not overlapping. */
  function places(line, wanted) {
    const found = [];
    const list = words(line);
    for (let n = 0; n < list.length; n += 1) {
      const longest = wanted.filter((one) => one.every((stem, k) => list[n + k]?.stem === stem))
        .reduce((most, one) => Math.max(most, one.length), 0);
      if (!longest) continue;
      found.push([list[n].start, list[n + longest - 1].end]);
      n += longest - 1;
    }
    return found;
  }

  function markNode(node, wanted) {
    for (const [start, end] of places(node.data, wanted).reverse()) {
      const found = node.splitText(start);
      found.splitText(end - start);
      const mark = document.createElement("mark");
      mark.className = "own";
      found.replaceWith(mark);
      mark.append(found);
    }
  }

  /** Mark one's own words in what papers say, never inside math or what is marked already. */
  function markAll(part) {
    const wanted = phrases();
    if (!wanted.length) return;
    for (const place of part.querySelectorAll(".entry :is(.title, .by, .tldr, details p)")) {
      const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
      const nodes = [];
      while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("math, mark, code")) nodes.push(walker.currentNode);
      for (const node of nodes) markNode(node, wanted);
    }
  }

  function unmarkAll() {
    for (const mark of document.querySelectorAll("mark.own")) {
      const place = mark.parentNode;
      mark.replaceWith(...mark.childNodes);
      place.normalize();
    }
  }

  function show(isOn) {
    onOff.checked = isOn;
    root.toggleAttribute("data-unmarked", !isOn);
  }

  show(load("marks") ?? true);
  onOff.closest("label").hidden = false;
  onOff.addEventListener("change", () => { save("marks", onOff.checked); show(onOff.checked); });

  const open = document.getElementById("own-words-open");
  open.hidden = false;
  open.addEventListener("click", () => {
    area.value = (load("own-words") ?? []).join("\n");
    dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "keep") return;
    const lines = [...new Set(area.value.split("\n").map((line) => line.trim()).filter(Boolean))];
    save("own-words", lines.slice(0, MOST));
    unmarkAll();
    markAll(document);
    if (lines.length > MOST) window.digest.say(text("own_full", { count: MOST }));
  });
  // Papers of later pages come onto this one.
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node.classList?.contains("papers")) markAll(node);
    }
  }).observe(document.getElementById("main"), { childList: true });
  markAll(document);
})();
