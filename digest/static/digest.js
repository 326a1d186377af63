// On digest pages: keys to the day before and after and to the contents, on top of what reading pages have.
"use strict";
document.addEventListener("keydown", (event) => {
  const keys = document.getElementById("keys");
  if ((keys && !keys.checked) || document.querySelector("dialog[open]")) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const link = { n: "a[rel=next]", p: "a[rel=prev]", t: "a[href='#contents']" }[event.key];
  const target = link && document.querySelector(link);
  if (!target) return;
  event.preventDefault();
  target.click();
});
