// What every page shares: the CSRF token on htmx requests, menus that close, keys that go places.
"use strict";

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]').content;
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const asks = event.target.closest("[data-confirm]");
  if (asks && !window.confirm(asks.dataset.confirm)) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  }
  const writing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  }
});

// A single letter presses the button that names it, unless somebody is writing.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const button = /^[a-z]$/i.test(event.key) && document.querySelector(`[data-hotkey="${event.key.toLowerCase()}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
});

// Arrow keys walk the lines of a list; Enter opens the line's link, as the browser does by itself.
document.addEventListener("keydown", (event) => {
  const line = event.target.closest("table.rows a.main");
  if (!line || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const all = [...line.closest("table").querySelectorAll("a.main")];
  const next = all[all.indexOf(line) + (event.key === "ArrowDown" ? 1 : -1)];
  if (next) {
    event.preventDefault();
    next.focus();
  }
});

// A link to a folded part of a page opens it.
const aim = document.getElementById(window.location.hash.slice(1) || "-");
if (aim?.matches("details")) {
  aim.open = true;
  aim.querySelector("select, input:not([type=hidden])")?.focus();
}

// What can only be scrolled must be reachable by keyboard: a wide table gets a stop of its own while it is wider.
{
  const reach = () => {
    for (const box of document.querySelectorAll(".scroll")) {
      if (box.scrollWidth > box.clientWidth && !box.querySelector("a, button, input, select, textarea, [tabindex]")) {
        box.tabIndex = 0;
      } else if (box.tabIndex === 0) box.removeAttribute("tabindex");
    }
  };
  reach();
  window.addEventListener("resize", reach);
}
