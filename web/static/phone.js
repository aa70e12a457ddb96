// The page of the phone: pictures in a row, their edges and what is wrong with them, and a queue that sends by itself
// as soon as there is a network. A picture leaves the phone's keeping only when the desk has given its receipt.
"use strict";

(async () => {
  const page = document.getElementById("content");
  const tray = document.getElementById("tray");
  const send = document.getElementById("send");
  const queue = document.getElementById("queue");
  const bills = document.getElementById("bills");
  const say = (word, values = {}) =>
    Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), page.dataset[`t${word[0].toUpperCase()}${word.slice(1)}`]);
  const AGAIN = 15_000; // milliseconds until the desk is looked for again

  let shots = await Shots.all();
  let who = localStorage.getItem("intake-login") ?? "";
  let reached = navigator.onLine;
  let signedOut = false;
  let busy = false;
  const under = new Map(); // key → bytes sent
  for (const shot of shots) if (shot.state === "sending") shot.state = "waiting"; // the page was closed meanwhile

  const mine = (shot) => !shot.login || !who || shot.login === who;
  const inTray = () => shots.filter((shot) => shot.state === "tray" && mine(shot));
  const inQueue = () => shots.filter((shot) => shot.state !== "tray" && mine(shot));

  function element(kind, properties = {}, ...inside) {
    const made = Object.assign(document.createElement(kind), properties);
    made.append(...inside.filter(Boolean));
    return made;
  }

  function button(text, label, act, kind = "plain") {
    const made = element("button", { type: "button", className: kind, textContent: text, onclick: act });
    if (label) made.setAttribute("aria-label", label);
    return made;
  }

  async function take(files, channel) {
    for (const file of files) {
      const order = 1 + Math.max(0, ...shots.map((shot) => shot.order));
      const shot = {
        key: Sending.token(file, `${Date.now()}-${order}`), login: who, blob: file, name: file.name, size: file.size, channel, order,
        state: "tray", corners: null, agreed: false, warnings: [], opaque: false, why: "",
      };
      if (file.size > Number(page.dataset.limit)) Object.assign(shot, { state: "refused", why: say("tooLarge") });
      shots.push(shot);
      try {
        await Shots.put(shot);
      } catch {
        shot.why = say("unstored"); // it can be sent, and only that
      }
      draw();
      try {
        const seen = await Edges.look(file);
        Object.assign(shot, { corners: seen.corners, warnings: seen.warnings });
      } catch {
        shot.opaque = true; // a PDF, or a kind of picture this browser does not draw
      }
      if (shots.includes(shot)) await Shots.put(shot).catch(() => {});
      draw();
    }
  }

  async function thumb(shot, canvas) {
    try {
      const picture = await createImageBitmap(shot.blob);
      const scale = 208 / Math.max(picture.width, picture.height);
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      const pen = canvas.getContext("2d");
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      if (!shot.corners) return;
      pen.strokeStyle = shot.agreed ? "#1f6b4a" : "#1f6fd0";
      pen.lineWidth = 4;
      if (!shot.agreed) pen.setLineDash([10, 7]);
      pen.beginPath();
      for (const [x, y] of shot.corners) pen.lineTo(x * canvas.width, y * canvas.height);
      pen.closePath();
      pen.stroke();
    } catch {
      canvas.replaceWith(element("span", { className: "muted", textContent: shot.name.split(".").pop().toUpperCase() }));
    }
  }

  function line(shot, at, all) {
    const canvas = element("canvas", { width: 1, height: 1 });
    canvas.setAttribute("aria-hidden", "true");
    const picture = element("button", { type: "button", className: "thumb", disabled: shot.opaque, onclick: () => edges(shot) }, canvas);
    picture.setAttribute("aria-label", `${say("edges")} ${at + 1}`);
    thumb(shot, canvas);
    const state = shot.opaque ? say("opaque") : shot.agreed ? say("edgesSet") : shot.corners ? say("sure") : say("noEdges");
    const words = element("div", { className: "about" }, element("p", { className: "name", textContent: `${at + 1}. ${shot.name}` }));
    for (const warning of shot.warnings) words.append(element("p", { className: "warning", textContent: `⚠ ${say(warning)}` }));
    words.append(element("p", { className: "muted", textContent: shot.why || state }));
    const keys = element("div", { className: "keys" });
    if (!shot.opaque) keys.append(button(say("edges"), `${say("edges")} ${at + 1}`, () => edges(shot), "quiet"));
    if (at) keys.append(button("↑", say("up", { n: at + 1 }), () => move(shot, all[at - 1], "up")));
    if (at < all.length - 1) keys.append(button("↓", say("down", { n: at + 1 }), () => move(shot, all[at + 1], "down")));
    keys.append(button("✕", say("remove", { n: at + 1 }), () => remove(shot)));
    const made = element("li", { className: shot.warnings.length ? "doubtful" : "" }, picture, words, keys);
    made.dataset.key = shot.key;
    return made;
  }

  function waitingLine(shot) {
    const word = { waiting: "stateWaiting", sending: "stateSending", refused: "stateRefused" }[shot.state];
    const made = element("article", { className: `outgoing ${shot.state}` });
    made.dataset.state = shot.state;
    made.append(element("div", {}, element("p", { className: "name", textContent: shot.name }), element("p", { className: "muted", textContent: `${say(word)} ${shot.why}`.trim() })));
    const keys = element("div", { className: "row" });
    if (shot.state === "refused" && shot.size <= Number(page.dataset.limit)) keys.append(button(say("again"), "", () => again(shot), "quiet"));
    if (shot.state !== "sending") keys.append(button("✕", say("remove", { n: shot.name }), () => remove(shot)));
    made.append(keys);
    if (shot.state === "sending") {
      const bar = element("progress", { max: shot.size, value: under.get(shot.key) ?? 0 });
      bar.setAttribute("aria-label", say("stateSending"));
      made.append(bar);
    }
    return made;
  }

  function draw() {
    const held = tray.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    const laid = inTray();
    tray.replaceChildren(...laid.map((shot, at) => line(shot, at, laid)));
    if (held) [...tray.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === held)?.focus();
    send.hidden = !laid.length;
    send.textContent = say("send", { n: laid.length });
    queue.replaceChildren(...inQueue().map(waitingLine));
    document.getElementById("hint").hidden = laid.length > 0;
    document.getElementById("who").hidden = !signedOut;
    const net = document.getElementById("net");
    const foreign = shots.filter((shot) => !mine(shot));
    const waiting = inQueue().filter((shot) => shot.state === "waiting").length;
    const said = [];
    if (!reached) said.push(say("offline"));
    if (!reached && waiting) said.push(say("waiting", { n: waiting }));
    if (foreign.length) said.push(say("foreign", { n: foreign.length, who: foreign[0].login }));
    net.hidden = !said.length;
    net.textContent = said.join(" ");
  }

  async function edges(shot) {
    const chosen = await Outline.ask(shot.blob, shot.corners);
    if (chosen === undefined) return;
    shot.corners = chosen;
    shot.agreed = chosen !== null;
    await Shots.put(shot).catch(() => {});
    draw();
  }

  async function move(shot, other, way) {
    [shot.order, other.order] = [other.order, shot.order];
    shots.sort((one, two) => one.order - two.order);
    await Promise.all([Shots.put(shot), Shots.put(other)]);
    draw();
    const keys = tray.querySelector(`[data-key="${shot.key}"]`);
    [...keys.querySelectorAll(".keys button")].find((one) => one.textContent === (way === "up" ? "↑" : "↓"))?.focus();
  }

  async function remove(shot) {
    shots = shots.filter((other) => other !== shot);
    under.delete(shot.key);
    await Shots.remove(shot.key).catch(() => {});
    draw();
  }

  async function again(shot) {
    Object.assign(shot, { state: "waiting", why: "" });
    await Shots.put(shot).catch(() => {});
    pump();
  }

  send.addEventListener("click", async () => {
    for (const shot of inTray()) {
      shot.state = "waiting";
      shot.login = shot.login || who;
      await Shots.put(shot).catch(() => {});
    }
    pump();
  });

  // Who is signed in; false where the desk cannot be reached or nobody is.
  async function ask() {
    try {
      const answer = await fetch(page.dataset.me, { headers: { "X-Intake-Upload": "1" } });
      signedOut = answer.status === 401;
      reached = answer.ok || signedOut;
      if (!answer.ok) return false;
      const said = await answer.json();
      document.querySelector('meta[name="csrf-token"]').content = said.token;
      who = said.login;
      localStorage.setItem("intake-login", who);
      return true;
    } catch {
      reached = false;
      return false;
    }
  }

  async function pump() {
    draw();
    if (busy) return;
    busy = true;
    try {
      while (inQueue().some((shot) => shot.state === "waiting") && (await ask())) {
        const shot = inQueue().find((one) => one.state === "waiting");
        if (!shot) break;
        shot.state = "sending";
        draw();
        const corners = shot.agreed ? shot.corners.flat().map((value) => value.toFixed(4)).join(",") : "";
        const end = await Sending.send({ ...shot, token: shot.key, corners }, (sent) => {
          under.set(shot.key, sent);
          const bar = queue.querySelector("progress");
          if (bar) bar.value = sent;
        });
        if (end.state === "received") {
          await remove(shot);
          document.getElementById("sent").hidden = false;
          Sending.place(end.html, bills);
        } else {
          shot.state = end.state === "refused" ? "refused" : "waiting";
          shot.why = end.text ?? "";
          reached = end.state !== "offline";
          await Shots.put(shot).catch(() => {});
          if (end.state !== "refused") break;
        }
      }
    } finally {
      busy = false;
      draw();
    }
  }

  async function latest() {
    try {
      const answer = await fetch(page.dataset.mine, { headers: { "X-Intake-Upload": "1" } });
      if (!answer.ok) return;
      const cards = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("article");
      for (const card of cards) if (!document.getElementById(card.id)) bills.append(card);
      document.getElementById("sent").hidden = !bills.childElementCount;
    } catch {
      // later
    }
  }

  for (const id of ["camera", "files"]) {
    const input = document.getElementById(id);
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      take(files, id === "camera" || /^image\//.test(files[0]?.type) ? "phone" : "web");
    });
  }
  bills.addEventListener("change", (event) => {
    const first = event.target.closest("[data-retake]")?.dataset.retake;
    if (first) event.target.form?.submit(); // the form of the card takes it from here
  });
  window.addEventListener("online", () => pump());
  window.addEventListener("offline", () => ((reached = false), draw()));
  window.addEventListener("pageshow", () => pump());
  document.addEventListener("visibilitychange", () => document.hidden || pump());
  setInterval(() => (inQueue().some((shot) => shot.state === "waiting") || !reached) && (reached ? pump() : ask().then((there) => there && pump())), AGAIN);
  if ("serviceWorker" in navigator) navigator.serviceWorker.register(page.dataset.worker, { scope: page.dataset.scope }).catch(() => {});
  navigator.storage?.persist?.();
  draw();
  if (await ask()) await latest();
  await pump();
})();
