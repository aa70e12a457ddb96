// Files of the first page: dropped, pasted, chosen, whole folders; three at a time, each with its progress.
// Of hundreds of files only those on their way and those that failed are shown one by one.
"use strict";

const AT_ONCE = 3;
const LITTER = /^(\.|~\$|Thumbs\.db$|desktop\.ini$)/i; // what systems leave in folders

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
      for (const id of ["files", "folder"]) {
        const input = document.getElementById(id);
        input?.addEventListener("change", () => {
          this.add([...input.files].filter((file) => id === "files" || !LITTER.test(file.name)), "web");
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
      window.addEventListener("drop", async (event) => {
        event.preventDefault();
        depth = 0;
        drop.classList.remove("over");
        this.add(await dropped(event.dataTransfer), "web");
      });
      document.addEventListener("paste", (event) => {
        if (event.clipboardData?.files.length) this.add(event.clipboardData.files, "web");
      });
      window.addEventListener("beforeunload", (event) => {
        if (this.running) event.preventDefault();
      });
      window.addEventListener("online", () => {
        for (const item of this.sending.filter((one) => one.lost)) this.again(item);
      });
    },

    add(files, channel, replaces = "") {
      const words = document.getElementById("drop").dataset;
      if (!this.busy) this.done = this.total = 0; // a new batch
      for (const file of files) {
        const key = Sending.token(file, replaces);
        const same = this.sending.find((item) => item.key === key);
        if (same) {
          if (same.lost) this.again(same);
          continue; // dropped twice
        }
        const item = {
          key, token: key, blob: file, channel, name: file.name, size: Math.max(file.size, 1), sent: 0, failed: false,
          lost: false, started: false, note: "", replaces,
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
      if (!item.failed) return;
      if (!this.busy) this.done = this.total = 0;
      this.total += 1;
      item.failed = item.lost = item.started = false;
      item.sent = 0;
      this.pump();
    },

    leave(item) {
      this.sending.splice(this.sending.findIndex((other) => other.key === item.key), 1);
    },

    pump() {
      for (const item of this.sending) {
        if (this.running >= AT_ONCE) return;
        if (!item.started && !item.failed) this.send(item);
      }
    },

    async send(item) {
      const words = document.getElementById("drop").dataset;
      item.started = true;
      item.note = words.sending;
      this.running += 1;
      const what = Alpine.raw(item);
      const end = await Sending.send(what, (sent) => {
        item.sent = Math.floor(sent);
        item.note = item.sent >= item.size ? words.storing : words.sending;
      });
      this.running -= 1;
      if (end.state === "received") {
        this.done += 1;
        this.leave(item);
        document.getElementById("no-bills")?.remove();
        Sending.place(end.html, document.getElementById("bills"));
      } else if (end.state === "sign_in") {
        window.location.assign(words.signIn);
      } else {
        item.failed = true;
        item.lost = end.state === "offline";
        this.total -= 1;
        item.note = end.text || (item.lost ? words.offline : words.refused);
      }
      this.pump();
    },
  }));
});

// The files of a drop, those of its folders included.
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  const found = [];
  const walk = async (entry, inside) => {
    if (entry.isFile) {
      if (!inside || !LITTER.test(entry.name)) found.push(await new Promise((done, failed) => entry.file(done, failed)));
      return;
    }
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((done, failed) => reader.readEntries(done, failed)); // a hundred at most
      if (!some.length) return;
      for (const one of some) await walk(one, true);
    }
  };
  for (const entry of entries) await walk(entry, false);
  return found;
}
