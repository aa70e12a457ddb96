// The lens: the part of the picture where a field stands, enlarged beside its input; it follows the focus.
"use strict";

for (const bench of document.querySelectorAll(".bench:has([data-keying])")) setUpLens(bench);

function setUpLens(bench) {
  const SVG = "http://www.w3.org/2000/svg";
  let now = null; // the lens that follows the focus

  function picture(line) {
    return bench.querySelector(`[data-leaf="${CSS.escape(line.dataset.page ?? "")}"] img`);
  }

  function make(line) {
    const shown = picture(line);
    if (!shown || !line.dataset.box) return null;
    const wide = Number(shown.getAttribute("width"));
    const high = Number(shown.getAttribute("height"));
    const [x, y, w, h] = line.dataset.box.split(" ").map((part, index) => (Number(part) / 1000) * (index % 2 ? high : wide));
    // A place that was read is shown with a little of what stands around it; a guess is wide enough as it is.
    const guess = "guess" in line.dataset;
    const up = guess ? 0 : Math.max(h * 0.45, high * 0.004);
    const out = guess ? 0 : Math.max(h * 0.8, wide * 0.012);
    const left = Math.max(0, x - out);
    const top = Math.max(0, y - up);
    const lens = document.createElementNS(SVG, "svg");
    lens.classList.add("lens");
    lens.setAttribute("aria-hidden", "true"); // the picture has its own name; the input is what is read out
    lens.setAttribute("viewBox", [left, top, Math.min(wide, x + w + out) - left, Math.min(high, y + h + up) - top].join(" "));
    lens.setAttribute("preserveAspectRatio", "xMinYMid meet");
    if (guess) lens.classList.add("guess");
    const image = document.createElementNS(SVG, "image");
    image.setAttribute("href", shown.src);
    image.setAttribute("width", wide);
    image.setAttribute("height", high);
    lens.append(image);
    return lens;
  }

  function put(line, lens) {
    if (!lens) return;
    const input = line.querySelector(':scope > input[name^="value."]');
    const legend = line.querySelector(":scope > legend");
    if (input) input.after(lens);
    else if (legend) legend.after(lens);
    else line.append(lens);
  }

  function follow(line) {
    if (now?.parentElement === line) return;
    now?.remove();
    now = null;
    if (!line || line.dataset.lens === "always") return;
    now = make(line);
    put(line, now);
  }

  for (const line of bench.querySelectorAll('[data-lens="always"]')) put(line, make(line));
  bench.addEventListener("focusin", (event) => {
    // Not for a button: the lens would move it away from under the finger that presses it.
    const line = event.target.closest("form[data-keying] [data-field]");
    if (line && !event.target.matches("button")) follow(line);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "fields") follow(document.activeElement?.closest("[data-field]") ?? null);
  });
  follow(document.activeElement?.closest("[data-field]") ?? null);
}
