// The button that prints; the letter P does the same, Escape goes back.
"use strict";

document.querySelector("[data-print]").addEventListener("click", () => window.print());
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input")) return;
  if (event.key === "p" || event.key === "P") window.print();
  if (event.key === "Escape") document.querySelector(".tools a").click();
});
