// Which list one came from: a list keeps the order of its papers when one of them is opened, and the paper's page
// leads to the one before, the one after, and back.
"use strict";

{
  const PLACE = "trail";
  const OF = /^\/documents\/(\d+)$/;

  for (const link of document.querySelectorAll("table.rows a[href^='/documents/']")) {
    link.addEventListener("click", () => {
      const links = [...link.closest("table").querySelectorAll("a[href^='/documents/']")];
      const papers = [...new Set(links.map((one) => OF.exec(one.pathname)?.[1]).filter(Boolean))];
      const turn = (rel) => document.querySelector(`a[rel=${rel}]`)?.getAttribute("href") ?? null;
      const kept = { papers, list: window.location.pathname + window.location.search, earlier: turn("prev"), later: turn("next") };
      sessionStorage.setItem(PLACE, JSON.stringify(kept));
    });
  }

  const trail = document.querySelector("[data-trail]");
  const kept = trail && JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  const at = kept ? kept.papers.indexOf(trail.dataset.trail) : -1;
  if (at >= 0) {
    const lead = (name, address) => {
      const link = trail.querySelector(`[data-${name}]`);
      if (address) link.href = address;
      else link.hidden = true;
    };
    // At the end of a page of the list, the way on is the list's next page.
    lead("before", at > 0 ? `/documents/${kept.papers[at - 1]}` : kept.earlier);
    lead("after", at + 1 < kept.papers.length ? `/documents/${kept.papers[at + 1]}` : kept.later);
    lead("list", kept.list);
    trail.querySelector("[data-at]").textContent = `${at + 1} / ${kept.papers.length}`;
    trail.hidden = false;
  }
}
