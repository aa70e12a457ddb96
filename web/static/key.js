// Keying without a mouse: Enter goes on, Ctrl+Enter sends; locks, illegible fields, and the word beside each field.
"use strict";

const entry = document.querySelector("form[data-keying]");
if (entry) setUpKeying(entry);

function setUpKeying(form) {
  const fields = () => [...form.querySelectorAll('input[name^="value."]')].filter((input) => !input.disabled && !input.readOnly && input.offsetParent);
  const send = document.querySelector("[data-send]"); // it stands outside, where it stays in sight
  // Where Enter goes: each open field, and of each difference the value chosen so far, else the first.
  const stops = () => [...fields(), ...[...form.querySelectorAll(".choice")].map((one) => one.querySelector('[type="radio"]'))];
  const stopOf = (input) => input.closest(".choice")?.querySelector('[type="radio"]') ?? input;

  function go(input) {
    (input.closest(".choice")?.querySelector(":checked") ?? input).focus();
    if (input.type !== "radio") input.select();
  }
  let sent = false;

  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return; // Enter inside an input method chooses a word
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    const input = event.target;
    if (!input.matches('input:not([type="checkbox"])')) return;
    event.preventDefault();
    const all = stops();
    const here = all.indexOf(stopOf(input));
    const next = event.shiftKey ? all[here - 1] : all[here + 1];
    if (next) go(next);
    else if (!event.shiftKey) send.focus();
  });

  // Up and down walk the values that are compared with the picture.
  form.parentElement.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const lines = [...form.querySelectorAll(".keyed .line")];
    if (!step || !lines.length || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    const at = lines.indexOf(event.target.closest(".line"));
    const next = at < 0 ? lines[step > 0 ? 0 : lines.length - 1] : lines[at + step];
    (next ?? send).focus();
  });

  // A digit takes one of the values that two people keyed, and goes on.
  form.addEventListener("keydown", (event) => {
    const choice = event.target.closest(".choice");
    if (!choice || !event.target.matches('[type="radio"]') || event.ctrlKey || event.altKey || event.metaKey) return;
    const radio = choice.querySelectorAll('[type="radio"]')[Number(event.key) - 1];
    if (!radio) return;
    event.preventDefault();
    radio.click();
    const own = radio.closest(".other")?.querySelector("input:not([type])");
    const all = stops();
    const next = own ?? all[all.indexOf(stopOf(radio)) + 1] ?? send;
    next.focus();
  });

  // Who types another value means that one.
  form.addEventListener("input", (event) => {
    const own = event.target.closest(".choice .other input:not([type])");
    if (own) own.closest(".other").querySelector('[type="radio"]').checked = true;
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

  // Begin where the first work is: an empty required field, else a doubtful one; where nothing is left to do, one key sends.
  const open = fields();
  const attend = open.filter((input) => "attend" in input.dataset);
  const first =
    form.querySelector('[aria-invalid="true"]') ??
    attend.find((input) => !input.value) ??
    attend[0] ??
    form.querySelector('.choice [type="radio"]') ??
    send;
  if (!form.querySelector("[autofocus]")) {
    first.focus({ preventScroll: true });
    if (first.name?.startsWith("value.")) first.select();
    if (window.matchMedia("(min-width: 62.01rem)").matches) first.closest(".line, .choice")?.scrollIntoView({ block: "nearest" });
  }
}

// F4 leaves this paper to the queue and takes the next.
document.addEventListener("keydown", (event) => {
  if (event.key !== "F4" || event.ctrlKey || event.altKey || event.metaKey) return;
  const skip = document.querySelector("form[data-skip]");
  if (!skip) return;
  event.preventDefault();
  skip.requestSubmit();
});
