// How a file gets to the desk: a small one in one request, a large one in pieces (tus 1.0) that survive a broken line.
// A file counts as received only when the server has named its document.
"use strict";

const Sending = (() => {
  const SMALL = 2 * 1024 * 1024; // bytes that go in one request
  const PIECE = 1024 * 1024;
  const PAUSES = [500, 1000, 2000, 4000, 8000]; // milliseconds between tries; then the person is told
  const VERSION = { "Tus-Resumable": "1.0.0" };
  const places = () => document.querySelector("[data-pieces]").dataset;

  // The answer when it is whole; status 0 says that the line broke.
  function call(method, place, body, headers = {}, progress = null) {
    return new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open(method, place);
      request.setRequestHeader("X-CSRFToken", document.querySelector('meta[name="csrf-token"]').content);
      request.setRequestHeader("X-Intake-Upload", "1");
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      if (progress) request.upload.addEventListener("progress", (event) => progress(event.loaded, event.total));
      request.addEventListener("loadend", () => done(request));
      request.send(body);
    });
  }

  const passes = (status) => status === 0 || [408, 409, 423, 429, 460].includes(status) || status >= 500;

  const away = (answer) => answer.status === 0 && !navigator.onLine; // trying is of no use before there is a network

  const pause = (tries) => new Promise((done) => setTimeout(done, PAUSES[tries]));

  // What became of it: {state: "received", html} | {state: "refused" | "offline", text} | {state: "sign_in"}.
  async function send(item, progress = () => {}) {
    const way = item.blob.size > SMALL ? inPieces : inOne;
    return way(item, progress);
  }

  async function inOne(item, progress) {
    const { whole } = places();
    let answer;
    for (let tries = 0; tries <= PAUSES.length; tries += 1) {
      const body = new FormData();
      body.append("channel", item.channel);
      body.append("token", item.token); // the same for every try: a repeated upload is one document
      if (item.replaces) body.append("replaces", item.replaces);
      if (item.corners) body.append("corners", item.corners);
      body.append("file", item.blob, item.name);
      answer = await call("POST", whole, body, {}, (now, all) => progress((now / all) * item.blob.size));
      if (answer.status === 201) return { state: "received", html: answer.responseText };
      if (answer.status === 409 || !passes(answer.status) || tries === PAUSES.length || away(answer)) break;
      await pause(tries);
    }
    return refused(answer);
  }

  async function inPieces(item, progress) {
    const { pieces } = places();
    let place = "";
    let answer = null;
    for (let tries = 0; tries <= PAUSES.length; tries += 1) {
      if (tries) await pause(tries - 1);
      answer = await (place ? call("HEAD", place, null, VERSION) : call("POST", pieces, null, announced(item)));
      if (answer.status === 404) place = ""; // it has expired: from the beginning
      if (away(answer)) break;
      if (passes(answer.status) || answer.status === 404) continue;
      if (answer.status >= 400) break;
      place = place || answer.getResponseHeader("Location");
      let offset = Number(answer.getResponseHeader("Upload-Offset"));
      while (!answer.getResponseHeader("Intake-Document")) {
        progress(offset);
        const piece = item.blob.slice(offset, offset + PIECE);
        const said = { ...VERSION, "Upload-Offset": offset, "Content-Type": "application/offset+octet-stream" };
        answer = await call("PATCH", place, piece, said, (now) => progress(offset + now));
        if (answer.status !== 204) break;
        offset = Number(answer.getResponseHeader("Upload-Offset"));
        tries = 0; // it goes on
      }
      if (answer.status < 300 && answer.status) return arrived(answer.getResponseHeader("Intake-Document"), item);
      if (!passes(answer.status) || away(answer)) break;
    }
    return refused(answer);
  }

  function announced(item) {
    const said = { filename: item.name, channel: item.channel, token: item.token };
    if (item.replaces) said.replaces = item.replaces;
    if (item.corners) said.corners = item.corners;
    const pairs = Object.entries(said).map(([key, value]) => `${key} ${base64(String(value))}`);
    return { ...VERSION, "Upload-Length": item.blob.size, "Upload-Metadata": pairs.join(",") };
  }

  function base64(text) {
    return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  }

  async function arrived(number, item) {
    const { cards } = places();
    const other = item.replaces ? `&of=${item.replaces}.sent` : "";
    for (let tries = 0; tries < PAUSES.length; tries += 1) {
      const answer = await call("GET", `${cards}?of=${number}.sent${other}`);
      if (answer.status === 200) return { state: "received", html: answer.responseText, number };
      await pause(tries);
    }
    return { state: "received", html: "", number };
  }

  function refused(answer) {
    if (answer.status === 401) return { state: "sign_in" };
    if (answer.status === 0) return { state: "offline", text: "" };
    return { state: answer.status >= 500 ? "offline" : "refused", text: textOf(answer.responseText) };
  }

  function textOf(html) {
    return new DOMParser().parseFromString(html, "text/html").body.textContent.replace(/\s+/g, " ").trim();
  }

  // The cards of an answer: the first is the new one, the others are those that it changed.
  function place(html, list) {
    const [card, ...changed] = new DOMParser().parseFromString(html, "text/html").querySelectorAll("article");
    if (!card) return;
    document.getElementById(card.id)?.remove();
    list.prepend(card);
    for (const other of changed) document.getElementById(other.id)?.replaceWith(other);
  }

  // A name of this try that is the same after a double click, a reload and the back button, and another in another tab.
  function token(file, more = "") {
    let tab = sessionStorage.getItem("intake-tab");
    if (!tab) {
      const bytes = crypto.getRandomValues(new Uint8Array(12)); // randomUUID needs HTTPS, which a LAN may lack
      tab = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      sessionStorage.setItem("intake-tab", tab);
    }
    const text = `${file.webkitRelativePath || file.name}|${file.size}|${file.lastModified}|${more}`;
    let [one, two] = [0xdeadbeef, 0x41c6ce57];
    for (const letter of text) {
      one = Math.imul(one ^ letter.codePointAt(0), 2654435761);
      two = Math.imul(two ^ letter.codePointAt(0), 1597334677);
    }
    return `${tab}-${(one >>> 0).toString(16)}${(two >>> 0).toString(16)}`;
  }

  return { send, place, token, call };
})();
