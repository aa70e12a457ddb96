// One click or key copies a value: `data-copy` names the element that holds it, `data-copied` says it is done.
"use strict";

// navigator.clipboard exists on secure pages only; an office desk is often plain HTTP in the house.
async function copyText(text) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const helper = document.createElement("textarea");
  helper.value = text;
  helper.className = "skip";
  document.body.append(helper);
  helper.select();
  document.execCommand("copy");
  helper.remove();
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    await copyText(source.dataset.value ?? source.value ?? source.textContent);
    const said = button.closest("[data-copied]") ?? source.closest("[data-copied]") ?? source;
    const was = button.innerHTML;
    button.textContent = `✓ ${said.dataset.copied}`;
    button.classList.add("done");
    button.focus();
    setTimeout(() => {
      button.innerHTML = was;
      button.classList.remove("done");
    }, 1500);
  });
}
