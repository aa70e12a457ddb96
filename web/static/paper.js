// The keys of a paper's page beyond the letters on its buttons: zoom and pages of the picture, the walk over the fields.
"use strict";

{
  const stage = document.querySelector(".bench.paper .stage");
  const lines = () => [...document.querySelectorAll("tr[data-field]")].filter((one) => one.checkVisibility());
  const press = (what) => document.querySelector(`.bench.paper [data-do="${what}"]`)?.click();

  function go(line) {
    const folded = line?.closest("details");
    if (folded) folded.open = true;
    line?.focus();
    line?.scrollIntoView({ block: "nearest" });
  }

  // The doubtful fields take turns, from the one that has the focus on.
  function doubtful(step) {
    const all = [...document.querySelectorAll("tr[data-doubtful]")];
    const every = [...document.querySelectorAll("tr[data-field]")];
    const here = every.indexOf(document.activeElement?.closest("tr[data-field]"));
    const after = step > 0 ? all.find((one) => every.indexOf(one) > here) : all.findLast((one) => here < 0 || every.indexOf(one) < here);
    go(after ?? all.at(step > 0 ? 0 : -1));
  }

  document.querySelector("[data-doubt]")?.addEventListener("click", () => doubtful(1));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const line = event.target.closest("tr[data-field]");
    const acts = { "+": "in", "=": "in", "-": "out", 0: "fit", ",": "previous", ".": "next" };
    if (event.key === "D" && event.shiftKey) {
      event.stopImmediatePropagation();
      doubtful(-1);
    } else if (line && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const all = lines();
      go(all[all.indexOf(line) + (event.key === "ArrowDown" ? 1 : -1)]);
    } else if (line && event.key === "Escape") {
      line.blur();
    } else if (acts[event.key] && stage && !stage.contains(event.target)) {
      press(acts[event.key]);
    } else return;
    event.preventDefault();
  }, true);
}
