// The picture: pan, zoom and turn; hovering or focusing a field lights its boxes, and the other way round.
"use strict";

for (const viewer of document.querySelectorAll("[data-viewer]")) setUp(viewer);

function setUp(viewer) {
  const stage = viewer.querySelector(".stage");
  const holder = viewer.querySelector("[data-pan]");
  if (!holder) return;
  const leaves = [...holder.querySelectorAll("[data-leaf]")];
  const pan = Panzoom(holder, { maxScale: 10, minScale: 1, step: 0.25, animate: true, cursor: "grab" });
  const turns = new Map();
  let now = 0;
  holder.addEventListener("panzoomchange", (event) => holder.style.setProperty("--closer", event.detail.scale));

  const leaf = () => leaves[now];

  function fitLeaf() {
    // A leaf keeps inside the stage whichever way it lies.
    const picture = leaf().querySelector("img");
    if (!picture) return;
    const turned = (turns.get(now) ?? 0) % 180 !== 0;
    const wide = picture.getAttribute("width");
    const high = picture.getAttribute("height");
    const scale = Math.min(stage.clientWidth / (turned ? high : wide), stage.clientHeight / (turned ? wide : high));
    leaf().style.width = `${Math.floor(wide * scale)}px`;
    leaf().style.height = `${Math.floor(high * scale)}px`;
    leaf().style.transform = `rotate(${turns.get(now) ?? 0}deg)`;
  }

  function show(index) {
    if (index < 0 || index >= leaves.length) return;
    leaf().hidden = true;
    now = index;
    leaf().hidden = false;
    fitLeaf();
    const label = viewer.querySelector("[data-page-now]");
    if (label) label.textContent = String(now + 1);
  }

  const acts = {
    in: () => pan.zoomIn(),
    out: () => pan.zoomOut(),
    fit: () => pan.reset(),
    turn: () => {
      turns.set(now, ((turns.get(now) ?? 0) + 90) % 360);
      pan.reset({ animate: false });
      fitLeaf();
    },
    previous: () => show(now - 1),
    next: () => show(now + 1),
    marks: () => stage.classList.toggle("bare"),
  };

  viewer.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (button) acts[button.dataset.do]();
  });
  viewer.querySelector('input[data-do="marks"]')?.addEventListener("change", acts.marks);
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && document.activeElement !== stage && !stage.matches(":hover")) return;
    pan.zoomWithWheel(event);
  }, { passive: false });
  stage.addEventListener("dblclick", () => (pan.getScale() > 1 ? pan.reset() : pan.zoom(2.5, { animate: true })));
  stage.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = { "+": "in", "=": "in", "-": "out", 0: "fit", r: "turn", PageUp: "previous", PageDown: "next", ",": "previous", ".": "next" };
    const step = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (step) pan.pan(step[0] / pan.getScale(), step[1] / pan.getScale(), { relative: true });
    else if (keys[event.key]) acts[keys[event.key]]();
    else return;
    event.preventDefault();
    event.stopPropagation(); // the letter on the page's own button would do it twice
  });
  new ResizeObserver(fitLeaf).observe(stage);
  fitLeaf();

  // --- fields and boxes ---------------------------------------------------------------------------------

  const boxes = (key) => [...holder.querySelectorAll(`[data-spot="${CSS.escape(key)}"]`)];

  function light(key, on) {
    for (const box of boxes(key)) box.classList.toggle("lit", on);
    for (const field of document.querySelectorAll(`[data-field="${CSS.escape(key)}"]`)) field.classList.toggle("lit", on);
  }

  function bring(key, closer) {
    // A field that was not read has no box: then its paper, one of several on the picture, is brought.
    const box = boxes(key)[0] ?? boxes(key.replace(/[^-]*$/, "paper"))[0];
    if (!box) return;
    const at = leaves.indexOf(box.closest("[data-leaf]"));
    if (at !== now) show(at);
    if (!closer) return;
    // Panzoom scales around the middle, so moving a point to the middle is its distance from there, negated.
    const wide = leaf().offsetWidth;
    const high = leaf().offsetHeight;
    const place = ["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name)) / 1000);
    let dx = (place[0] + place[2] / 2 - 0.5) * wide;
    let dy = (place[1] + place[3] / 2 - 0.5) * high;
    for (let turn = turns.get(now) ?? 0; turn > 0; turn -= 90) [dx, dy] = [-dy, dx];
    const least = box.classList.contains("paper") ? 1 : 1.6;
    const scale = Math.max(least, Math.min(3, stage.clientWidth / Math.max(place[2] * wide * 2.2, 1)));
    pan.zoom(scale, { animate: true });
    pan.pan(-dx, -dy, { animate: true, force: true });
  }

  for (const field of document.querySelectorAll("[data-field]")) {
    const key = field.dataset.field;
    field.addEventListener("mouseenter", () => light(key, true));
    field.addEventListener("mouseleave", () => light(key, false));
    field.addEventListener("focusin", () => {
      light(key, true);
      bring(key, field.hasAttribute("data-closer"));
    });
    field.addEventListener("focusout", () => light(key, false));
    field.addEventListener("click", () => bring(key, field.hasAttribute("data-closer")));
    if (!field.matches("tr[tabindex]")) continue;
    // A value without an input: Enter or a double click looks at its box closely.
    field.addEventListener("dblclick", () => bring(key, true));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === field) bring(key, true);
    });
  }
  for (const box of holder.querySelectorAll("[data-spot]")) {
    const key = box.dataset.spot;
    box.addEventListener("mouseenter", () => light(key, true));
    box.addEventListener("mouseleave", () => light(key, false));
    box.addEventListener("click", () => {
      const field = document.querySelector(`[data-field="${CSS.escape(key)}"]`);
      const folded = field?.closest("details");
      if (folded) folded.open = true;
      field?.scrollIntoView({ block: "nearest" });
      (field?.querySelector("input:not([type=checkbox])") ?? field?.closest("tr[tabindex]"))?.focus({ preventScroll: true });
    });
  }

  // Panzoom moves to its start in a timer of its own; what has the focus already is brought close after that.
  setTimeout(() => {
    const field = document.activeElement?.closest("[data-field]") ?? document.querySelector("[data-field][aria-current]");
    if (!field) return;
    light(field.dataset.field, field.contains(document.activeElement));
    bring(field.dataset.field, field.hasAttribute("data-closer"));
  });
}
