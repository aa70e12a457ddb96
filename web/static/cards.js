// Cards of files that are still being read: one question for all of them, answered with those that have changed.
"use strict";

const EVERY = 1500; // milliseconds
const TOGETHER = 60;

const bills = document.getElementById("bills");

async function ask() {
  const busy = [...bills.querySelectorAll('[data-state="queued"], [data-state="working"]')].slice(-TOGETHER); // the oldest are read first
  if (busy.length && !document.hidden) {
    const of = busy.map((card) => `of=${card.dataset.document}.${card.dataset.state}`).join("&");
    try {
      const answer = await fetch(`${bills.dataset.cards}?${of}`, { headers: { "X-Intake-Upload": "1" } });
      if (answer.status === 401 && !("stay" in bills.dataset)) window.location.assign(answer.headers.get("HX-Redirect"));
      else if (answer.ok) exchange(await answer.text());
    } catch {
      // the server cannot be reached: asked again
    }
  }
  setTimeout(ask, EVERY);
}

function exchange(html) {
  const cards = [...new DOMParser().parseFromString(html, "text/html").querySelectorAll("article")];
  for (const card of cards) {
    const old = document.getElementById(card.id);
    const held = old?.contains(document.activeElement);
    old?.replaceWith(card);
    if (held) card.querySelector("a").focus();
  }
  if (cards.length && document.getElementById("side")) htmx.trigger("#side", "refresh");
}

if (bills) setTimeout(ask, EVERY / 2);
