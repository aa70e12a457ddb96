// Comparing a filed invoice with its picture: a digit ticks the field of that number as wrong.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || !/^[0-9]$/.test(event.key)) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const tick = document.querySelector(`[data-inspect] [data-digit="${event.key}"]`);
  if (!tick) return;
  event.preventDefault();
  tick.click();
});
