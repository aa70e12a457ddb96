// The edges of a paper on its picture: four corners that a finger, a mouse or the arrow keys move.
"use strict";

const Outline = (() => {
  const dialog = document.getElementById("outline");
  const plate = document.getElementById("plate");
  const shape = document.querySelector("#frame polygon");
  const handles = [...dialog.querySelectorAll("[data-corner]")];
  const INSET = 0.06;
  const STEP = 0.01;
  let corners = [];
  let answer = () => {};

  function draw() {
    shape.setAttribute("points", corners.map(([x, y]) => `${x * 1000},${y * 1000}`).join(" "));
    handles.forEach((handle, at) => {
      handle.style.left = `${corners[at][0] * 100}%`;
      handle.style.top = `${corners[at][1] * 100}%`;
    });
  }

  const within = (value) => Math.min(1, Math.max(0, value));

  for (const handle of handles) {
    const at = Number(handle.dataset.corner);
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const room = plate.getBoundingClientRect();
      corners[at] = [within((event.clientX - room.left) / room.width), within((event.clientY - room.top) / room.height)];
      draw();
    });
    handle.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
      if (!way) return;
      event.preventDefault();
      corners[at] = corners[at].map((value, axis) => within(value + way[axis]));
      draw();
    });
  }

  dialog.querySelector("#take").addEventListener("click", () => close(corners));
  dialog.querySelector("#whole").addEventListener("click", () => close(null));
  dialog.addEventListener("cancel", () => (answer(undefined), (answer = () => {})));

  function close(result) {
    dialog.close();
    answer(result);
    answer = () => {};
  }

  // The corners a person agreed to, null for the whole picture, undefined when the person changed nothing.
  async function ask(blob, proposed) {
    const picture = await createImageBitmap(blob);
    const scale = Math.min(1, 1400 / Math.max(picture.width, picture.height));
    plate.width = Math.round(picture.width * scale);
    plate.height = Math.round(picture.height * scale);
    plate.getContext("2d").drawImage(picture, 0, 0, plate.width, plate.height);
    picture.close();
    corners = (proposed ?? [[INSET, INSET], [1 - INSET, INSET], [1 - INSET, 1 - INSET], [INSET, 1 - INSET]]).map((one) => [...one]);
    draw();
    dialog.showModal();
    return new Promise((done) => (answer = done));
  }

  return { ask };
})();
