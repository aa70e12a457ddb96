// Beside an official form: values copied (copy.js) with one key each, the picture pasted, dropped or chosen.
"use strict";

const form = document.getElementById("ask");
if (form) beside(form);

function beside(form) {
  const writing = (target) => target.closest("input:not([type=radio], [type=file], [readonly]), textarea, select");

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      form.requestSubmit();
      return;
    }
    if (writing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const button = form.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (button) {
      event.preventDefault();
      button.click();
    }
  });

  // --- what the page said ---------------------------------------------------------------------------------

  const face = form.querySelector("[data-face-fields]");
  const file = document.getElementById("screenshot");

  function follow() {
    const chosen = form.querySelector("[name=outcome]:checked");
    const shown = chosen?.hasAttribute("data-face") ?? false;
    face.hidden = !shown;
    file.required = shown;
    for (const hint of form.querySelectorAll("[data-hint-of]")) hint.hidden = hint.dataset.hintOf !== chosen?.value;
  }
  for (const radio of form.querySelectorAll("[name=outcome]")) radio.addEventListener("change", follow);
  follow();

  // --- the picture ------------------------------------------------------------------------------------------

  const shot = document.getElementById("shot");
  const picture = shot.querySelector("img");

  function show() {
    const chosen = file.files[0];
    picture.hidden = !chosen?.type.startsWith("image/");
    if (picture.hidden) return;
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      picture.src = reader.result;
    });
    reader.readAsDataURL(chosen);
  }

  function take(files) {
    const found = [...files].find((one) => one.type.startsWith("image/") || one.type === "application/pdf");
    if (!found) return false;
    const bag = new DataTransfer();
    bag.items.add(found);
    file.files = bag.files;
    show();
    return true;
  }

  file.addEventListener("change", show);
  document.addEventListener("paste", (event) => {
    if (event.clipboardData && !face.hidden && take(event.clipboardData.files)) event.preventDefault();
  });
  for (const kind of ["dragenter", "dragover"]) {
    shot.addEventListener(kind, (event) => {
      event.preventDefault();
      shot.classList.add("over");
    });
  }
  shot.addEventListener("dragleave", () => shot.classList.remove("over"));
  shot.addEventListener("drop", (event) => {
    event.preventDefault();
    shot.classList.remove("over");
    take(event.dataTransfer.files);
  });
}
