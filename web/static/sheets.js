// The sheet of keys (?) and the help of the place where the cursor is (F1). Both are native dialogs: Esc closes them
// and the browser gives the focus back.
"use strict";

{
  const sheet = document.getElementById("keys");
  const help = document.getElementById("help");

  // Buttons with a letter are read from the page, so that the sheet never tells of a key that is not there.
  const letters = () => {
    const box = sheet.querySelector(".keys-of-page");
    const list = box.querySelector("dl");
    for (const old of list.querySelectorAll("[data-found]")) old.remove();
    for (const one of document.querySelectorAll("[data-hotkey]")) {
      if (!one.checkVisibility()) continue;
      const line = document.createElement("div");
      line.dataset.found = "";
      const key = document.createElement("kbd");
      key.textContent = one.dataset.hotkey.toUpperCase();
      const dt = document.createElement("dt");
      dt.append(key);
      const dd = document.createElement("dd");
      const words = one.cloneNode(true);
      for (const inner of words.querySelectorAll("kbd")) inner.remove();
      dd.textContent = (one.getAttribute("aria-label") || words.textContent).trim();
      line.append(dt, dd);
      list.append(line);
    }
    box.hidden = list.children.length === 0;
  };

  const openKeys = () => {
    letters();
    sheet.showModal();
  };

  // The topic of an element: what it says itself, the field it stands in, the cause or the error around it.
  const topicOf = (from) => {
    const said = from?.closest("[data-help]");
    if (said) return said.dataset.help;
    const field = from?.closest("[data-field]")?.dataset.field ?? from?.name?.match(/^value\.(\w+)$/)?.[1];
    if (field) return `field.${field.replace(/^\d+-/, "")}`;
    const cause = from?.closest("[data-cause]");
    return cause ? `cause.${cause.dataset.cause}` : null;
  };

  const openHelp = async () => {
    const link = document.querySelector("[data-default-help]");
    const place = document.activeElement === document.body ? null : document.activeElement;
    const around = document.querySelector("[data-help-page]")?.dataset.helpPage ?? topicOf(document.querySelector("main [data-cause]"));
    const topic = topicOf(place) ?? around;
    if (!link) return;
    if (!topic) {
      window.location.assign(link.href);
      return;
    }
    const answer = await fetch(`${link.href}/${encodeURIComponent(topic)}`, { headers: { "X-Intake-Sheet": "1" } });
    if (!answer.ok) {
      window.location.assign(link.href);
      return;
    }
    help.querySelector(".prose").innerHTML = await answer.text();
    if (!help.open) help.showModal();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "F1") {
      event.preventDefault();
      openHelp();
    } else if (event.key === "?" && !event.target.closest("input, textarea, select, [contenteditable]") && !sheet.open && !help.open) {
      event.preventDefault();
      openKeys();
    }
  });

  // While a sheet lies over the page, its letters must not press what is below.
  for (const one of [sheet, help]) {
    one.addEventListener("keydown", (event) => {
      if (event.key !== "F1") event.stopPropagation();
    });
    one.addEventListener("click", (event) => {
      if (event.target === one) one.close();
    });
  }

  document.querySelector("[data-keys]")?.addEventListener("click", (event) => {
    const menu = event.target.closest("details");
    menu.open = false;
    menu.querySelector("summary").focus();
    openKeys();
  });
}
