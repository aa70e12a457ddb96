// On a document's page a better picture is sent as soon as it is chosen; without a script there is a button.
"use strict";

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-retake]");
  if (!form || !event.target.files?.length) return;
  for (const other of form.querySelectorAll('input[type="file"]')) other.disabled = other !== event.target;
  form.submit();
});
