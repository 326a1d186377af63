// Runs before anything is shown: the view that was chosen last, so that the page doesn't change before the reader's eyes.
"use strict";
try {
  const view = JSON.parse(localStorage.getItem("view"));
  if (view === "compact" || view === "full") document.documentElement.dataset.view = view;
} catch { /* nothing is kept */ }
