// The papers that a reader saved in this browser: listed, taken away, exported. Nothing of them is stored on a server.
"use strict";
(() => {
  const { copy, say, text, load, save } = window.digest;
  const place = document.getElementById("saved");
  const list = document.getElementById("saved-list");
  const MOST_EXAMPLES = 150;
  const papers = () => Object.entries(load("saved") ?? {}).sort(([, a], [, b]) => b.at.localeCompare(a.at));

  function item(id, paper) {
    const line = document.createElement("li");
    const link = document.createElement("a");
    if (/^https?:/.test(paper.link)) link.href = paper.link;
    link.textContent = paper.title;
    const about = document.createElement("span");
    about.className = "facts";
    about.textContent = `${paper.authors} · ${paper.categories.join(", ")} · ${paper.at}`;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", text("remove", { what: paper.title }));
    remove.addEventListener("click", () => {
      const kept = load("saved") ?? {};
      delete kept[id];
      save("saved", kept);
      show();
      document.getElementById("saved-count").focus();
    });
    line.append(link, " ", remove, document.createElement("br"), about);
    return line;
  }

  function show() {
    const all = papers();
    list.replaceChildren(...all.map(([id, paper]) => item(id, paper)));
    document.getElementById("saved-tools").hidden = !all.length;
    const more = all.length > MOST_EXAMPLES ? ` ${text("saved_more", { count: MOST_EXAMPLES })}` : "";
    document.getElementById("saved-count").textContent =
      all.length ? text("saved_count", { count: all.length }) + more : text("saved_none");
    const address = new URL(`${place.dataset.root}/build`, location.href);
    address.search = `?${exampleQuery(all)}`;
    document.getElementById("rank").href = address.href;
  }

  /** Return the part of an address that ranks a feed by these papers, with the categories that they are in. */
  function exampleQuery(all) {
    const examples = all.slice(0, MOST_EXAMPLES);
    const codes = [...new Set(examples.map(([, paper]) => paper.categories[0]).filter(Boolean))].sort();
    const pairs = [`like=${examples.map(([id]) => id).join(",")}`, `spec=${codes.join(",")}`];
    if (place.dataset.ui) pairs.push(`ui=${place.dataset.ui}`);
    return pairs.join("&");
  }

  const plain = (words) => words.replace(/[\\{}$&%#_^~]/g, " ").replace(/\s+/g, " ").trim();
  /** Return an entry for a paper that the server no longer has. */
  function entryOf(id, paper) {
    const names = plain(paper.authors).split(", ").join(" and ");
    return `@misc{arxiv:${id.replace("/", "_")},\n  title = {${plain(paper.title)}},\n  author = {${names}},\n`
      + `  eprint = {${id}},\n  archivePrefix = {arXiv},\n  url = {${paper.link}}\n}\n`;
  }

  async function bibtex() {
    const parts = [];
    for (const [id, paper] of papers()) {
      const answer = await fetch(`${place.dataset.root}/papers/${id}.bib`).catch(() => null);
      parts.push(answer?.ok ? await answer.text() : entryOf(id, paper));
    }
    return parts.join("\n");
  }

  document.getElementById("export-bib").addEventListener("click", async (event) => {
    const button = event.target;
    button.disabled = true;
    say(text("fetching"));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([await bibtex()], { type: "application/x-bibtex" }));
    link.download = "saved.bib";
    link.click();
    URL.revokeObjectURL(link.href);
    button.disabled = false;
    say("");
  });
  document.getElementById("copy-like").addEventListener("click", () => {
    copy(`like=${papers().slice(0, MOST_EXAMPLES).map(([id]) => id).join(",")}`, text("text"));
  });
  document.getElementById("saved-count").tabIndex = -1;
  place.hidden = false;
  show();
})();
