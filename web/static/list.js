// The list without a mouse: j and k walk, x and space tick, a range by shift, 1–9 open a kept filter.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const view = /^[1-9]$/.test(event.key) && document.querySelector(`[data-view="${event.key}"]`);
  if (view) view.click();
});

const list = document.querySelector("form[data-many]");

if (list) {
  const ticks = [...list.querySelectorAll('input[name="document"]')];
  const all = list.querySelector("[data-all]");
  const everything = list.querySelector("[data-everything]");
  const chosen = list.querySelector("[data-chosen]");
  const acts = [...list.querySelectorAll("[data-act]")];
  let last = null;

  const tell = () => {
    const ticked = ticks.filter((tick) => tick.checked).length;
    chosen.textContent = ticked && !everything?.checked ? chosen.dataset.chosen.replace("#", ticked) : "";
    all.checked = ticked === ticks.length;
    all.indeterminate = ticked > 0 && ticked < ticks.length;
    for (const act of acts) act.disabled = !ticked && !everything?.checked;
  };

  all.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = all.checked;
  });
  list.addEventListener("change", tell);
  list.addEventListener("click", (event) => {
    const tick = event.target;
    if (!ticks.includes(tick)) return;
    if (event.shiftKey && last) {
      const [from, to] = [ticks.indexOf(last), ticks.indexOf(tick)].sort((one, other) => one - other);
      for (const one of ticks.slice(from, to + 1)) one.checked = tick.checked;
      tell();
    }
    last = tick;
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    const lines = [...list.querySelectorAll("a.main")];
    const here = lines.indexOf(event.target.closest("tr")?.querySelector("a.main"));
    const step = { j: 1, k: -1 }[event.key];
    if (step) {
      event.preventDefault();
      lines[here < 0 ? 0 : Math.min(Math.max(here + step, 0), lines.length - 1)].focus();
    } else if (here >= 0 && (event.key === "x" || (event.key === " " && event.target.matches("a.main")))) {
      event.preventDefault();
      ticks[here].checked = !ticks[here].checked;
      last = ticks[here];
      tell();
    }
  });
  tell();
}
