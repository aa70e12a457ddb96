// Ticking many invoices: all at once, how many and how much, and by the keyboard alone.
"use strict";

const uses = document.querySelector("[data-uses]");

if (uses) {
  const ticks = [...uses.querySelectorAll('input[name="invoice"]')];
  const all = uses.querySelector("[data-all]");
  const chosen = uses.querySelector("[data-chosen]");

  const tell = () => {
    const ticked = ticks.filter((tick) => tick.checked);
    // whole fen, so that no cent is lost
    const fen = ticked.reduce((sum, tick) => sum + Math.round(Number(tick.dataset.amount) * 100), 0);
    const sum = (fen / 100).toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    if (chosen) chosen.textContent = ticked.length ? chosen.dataset.chosen.replace("#", ticked.length).replace("¥", `¥${sum}`) : "";
    if (all) {
      all.checked = ticked.length === ticks.length;
      all.indeterminate = ticked.length > 0 && ticked.length < ticks.length;
    }
  };

  if (all) {
    all.addEventListener("change", () => {
      for (const tick of ticks) tick.checked = all.checked;
      tell();
    });
  }
  uses.addEventListener("change", tell);
  // the line that the arrow keys reached is ticked with x
  uses.addEventListener("keydown", (event) => {
    const line = event.target.closest("a.main");
    if (!line || event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    const tick = line.closest("tr").querySelector('input[name="invoice"]');
    if (tick) {
      event.preventDefault();
      tick.checked = !tick.checked;
      tell();
    }
  });
  // without a tick nothing is sent
  uses.addEventListener("submit", (event) => {
    if (!ticks.some((tick) => tick.checked)) {
      event.preventDefault();
      ticks[0]?.focus();
    }
  });
  tell();
}
