// Pictures that are not yet at the desk, kept on the phone: they survive a closed page and an empty battery.
"use strict";

const Shots = (() => {
  const opened = new Promise((done, failed) => {
    const asked = indexedDB.open("intake-phone", 1);
    asked.addEventListener("upgradeneeded", () => asked.result.createObjectStore("shots", { keyPath: "key" }));
    asked.addEventListener("success", () => done(asked.result));
    asked.addEventListener("error", () => failed(asked.error));
  });

  // Resolves when the change is on the phone's disk.
  async function act(mode, work) {
    const base = await opened;
    return new Promise((done, failed) => {
      const transaction = base.transaction("shots", mode, { durability: "strict" });
      const asked = work(transaction.objectStore("shots"));
      transaction.addEventListener("complete", () => done(asked.result));
      transaction.addEventListener("abort", () => failed(transaction.error));
    });
  }

  const order = (one, other) => one.order - other.order;
  return {
    all: async () => (await act("readonly", (store) => store.getAll())).sort(order),
    put: (shot) => act("readwrite", (store) => store.put(shot)),
    remove: (key) => act("readwrite", (store) => store.delete(key)),
  };
})();
