// Sends files one request each, three at a time, with progress; the server's card takes the place of the line.
// Of hundreds of files only those on their way and those that failed are shown one by one.
"use strict";

const AT_ONCE = 3;

document.addEventListener("alpine:init", () => {
  Alpine.data("uploads", () => ({
    sending: [],
    running: 0,
    done: 0,
    total: 0,

    get shown() {
      return this.sending.filter((item) => item.started || item.failed);
    },

    get busy() {
      return this.sending.some((item) => !item.failed);
    },

    init() {
      const drop = document.getElementById("drop");
      for (const id of ["files", "camera"]) {
        const input = document.getElementById(id);
        input.addEventListener("change", () => {
          this.add(input.files, id === "camera" ? "phone" : "web");
          input.value = "";
        });
      }
      document.getElementById("bills").addEventListener("change", (event) => {
        const first = event.target.closest("[data-retake]")?.dataset.retake;
        if (!first || !event.target.files?.length) return;
        this.add(event.target.files, event.target.capture ? "phone" : "web", first);
        event.target.value = "";
      });
      // The whole window takes a drop, so that a file let go beside the frame does not replace the page.
      let depth = 0;
      const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
      window.addEventListener("dragenter", (event) => {
        if (holdsFiles(event)) drop.classList.toggle("over", ++depth > 0);
      });
      window.addEventListener("dragleave", (event) => {
        if (holdsFiles(event)) drop.classList.toggle("over", --depth > 0);
      });
      window.addEventListener("dragover", (event) => event.preventDefault());
      window.addEventListener("drop", (event) => {
        event.preventDefault();
        depth = 0;
        drop.classList.remove("over");
        this.add(event.dataTransfer.files, "web");
      });
      document.addEventListener("paste", (event) => {
        if (event.clipboardData?.files.length) this.add(event.clipboardData.files, "web");
      });
      window.addEventListener("beforeunload", (event) => {
        if (this.running) event.preventDefault();
      });
    },

    add(files, channel, replaces = "") {
      const words = document.getElementById("drop").dataset;
      if (!this.busy) this.done = this.total = 0; // a new batch
      for (const file of files) {
        const item = {
          key: token(), file, channel, name: file.name, size: Math.max(file.size, 1), sent: 0, failed: false,
          started: false, note: "", replaces,
        };
        if (file.size > Number(words.limit)) {
          item.failed = true;
          item.note = words.tooLarge;
        } else this.total += 1;
        this.sending.push(item);
      }
      this.pump();
    },

    again(item) {
      if (!this.busy) this.done = this.total = 0;
      this.total += 1;
      item.failed = false;
      item.started = false;
      item.sent = 0;
      this.pump();
    },

    pump() {
      for (const item of this.sending) {
        if (this.running >= AT_ONCE) return;
        if (!item.started && !item.failed) this.send(item);
      }
    },

    send(item) {
      const drop = document.getElementById("drop");
      const words = drop.dataset;
      item.started = true;
      item.note = words.sending;
      this.running += 1;
      const body = new FormData();
      body.append("channel", item.channel);
      body.append("token", item.key); // the same for every try: a repeated upload is one document
      if (item.replaces) body.append("replaces", item.replaces);
      body.append("file", item.file, item.name);
      const request = new XMLHttpRequest();
      request.open("POST", drop.action);
      request.setRequestHeader("X-CSRFToken", document.querySelector('meta[name="csrf-token"]').content);
      request.setRequestHeader("X-Intake-Upload", "1");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) item.sent = Math.floor((event.loaded / event.total) * item.size);
      });
      request.addEventListener("loadend", () => {
        this.running -= 1;
        if (request.status === 201) {
          this.done += 1;
          this.sending.splice(this.sending.findIndex((other) => other.key === item.key), 1);
          place(request.responseText);
        } else if (request.status === 401) {
          window.location.assign(request.getResponseHeader("HX-Redirect"));
        } else {
          item.failed = true;
          this.total -= 1;
          item.note = request.status ? textOf(request.responseText) || words.refused : words.offline;
        }
        this.pump();
      });
      request.send(body);
    },
  }));
});

function token() {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID needs HTTPS, which a LAN may lack
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function place(html) {
  const list = document.getElementById("bills");
  document.getElementById("no-bills")?.remove();
  const [card, ...changed] = new DOMParser().parseFromString(html, "text/html").querySelectorAll("article");
  document.getElementById(card.id)?.remove();
  list.prepend(card);
  for (const other of changed) document.getElementById(other.id)?.replaceWith(other); // what the new one replaced
}

function textOf(html) {
  return new DOMParser().parseFromString(html, "text/html").body.textContent.trim();
}
