// Keying without a mouse: Enter goes on, Ctrl+Enter sends; locks, illegible fields, and the word beside each field.
"use strict";

const entry = document.querySelector("form[data-keying]");
if (entry) setUpKeying(entry);

function setUpKeying(form) {
  const fields = () => [...form.querySelectorAll('input[name^="value."], .choice input')].filter((input) => !input.disabled && !input.readOnly && input.offsetParent);
  let sent = false;

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return; // Enter inside an input method chooses a word
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    const input = event.target;
    if (!input.matches('input:not([type="checkbox"], [type="radio"])')) return;
    event.preventDefault();
    const all = fields();
    const next = event.shiftKey ? all[all.indexOf(input) - 1] : all[all.indexOf(input) + 1];
    if (next) {
      next.focus();
      next.select();
    } else if (!event.shiftKey) form.querySelector("[data-send]").focus();
  });

  // What was said of the last paper stays in sight until the first key for this one.
  form.addEventListener("keydown", () => {
    for (const message of document.querySelectorAll(".flash")) message.classList.remove("flash");
  }, { once: true });

  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault(); // a double press is one entry
    sent = true;
  });
  window.addEventListener("pageshow", () => {
    sent = false;
  });

  // F2 opens a locked field, F8 says that nobody can read it, F9 takes what is proposed.
  form.addEventListener("keydown", (event) => {
    const line = event.target.closest(".line");
    if (!line) return;
    if (event.key === "F2") unlock(line);
    else if (event.key === "F8") line.querySelector('input[name^="illegible."]:not([hidden] *)')?.click();
    else if (event.key === "F9") line.querySelector("[data-take]")?.click();
    else return;
    event.preventDefault();
  });

  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-unlock]")) unlock(event.target.closest(".line"));
    const offer = event.target.closest("[data-take]");
    if (offer) take(offer);
  });

  function take(offer) {
    const input = offer.closest(".line").querySelector('input[name^="value."]');
    if (input.disabled) return; // nobody can read the field: that is said first
    input.value = offer.dataset.take;
    input.removeAttribute("data-doubt");
    offer.closest(".suggest").classList.add("taken");
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  }

  function unlock(line) {
    const input = line.querySelector("[data-locked]");
    if (!input) return;
    input.readOnly = false;
    input.removeAttribute("data-locked");
    line.querySelector("[data-unlock]").remove();
    line.querySelector(".unread").hidden = false;
    input.focus();
    input.select();
  }

  form.addEventListener("change", (event) => {
    if (!event.target.matches('input[name^="illegible."]')) return;
    const line = event.target.closest(".line");
    const value = line.querySelector('input[name^="value."]');
    const reason = line.querySelector("input.reason");
    value.disabled = event.target.checked;
    if (reason) reason.hidden = !event.target.checked;
    (event.target.checked ? (reason ?? event.target) : value).focus();
  });

  // The answer of the checks names the fields that cannot be so; the word goes beside its field.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "fields") htmx.trigger("#checks", "recheck"); // another kind of paper has other fields
    const said = new Map([...document.querySelectorAll("#checks [data-say]")].map((word) => [word.dataset.say, word.textContent]));
    for (const place of form.querySelectorAll('[id^="say-"]')) {
      const name = place.id.slice(4);
      const input = document.getElementById(`f-${name}`);
      place.textContent = said.has(name) ? `✕ ${said.get(name)}` : "";
      if (said.has(name)) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  });

  // Begin where the first work is: an empty required field, else a doubtful one.
  const required = fields().filter((input) => input.closest(".line")?.querySelector(".must"));
  const first = required.find((input) => !input.value) ?? fields().find((input) => "doubt" in input.dataset) ?? required[0] ?? fields()[0];
  if (first && !form.querySelector("[autofocus]")) {
    first.focus({ preventScroll: true });
    if (window.matchMedia("(min-width: 62.01rem)").matches) first.closest(".line, .choice").scrollIntoView({ block: "nearest" });
  }
}
