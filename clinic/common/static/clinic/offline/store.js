// IndexedDB: what is kept on this device. Two stores: unsent entries (their contents encrypted) and, while somebody is
// signed in, that person's key.
const NAME = "clinic-outbox";
let opened = null;

function open() {
  opened ||= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("items", { keyPath: "id" }).createIndex("seq", "seq", { unique: true });
      request.result.createObjectStore("keys", { keyPath: "author" });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

function finished(transaction, value) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(value());
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

async function run(store, mode, act) {
  const database = await open();
  // On the disk before we say so: the next moment may be a crash.
  const transaction = database.transaction(store, mode, { durability: "strict" });
  const request = act(transaction.objectStore(store));
  return finished(transaction, () => request && request.result);
}

// A new row takes the next place in the order; one that is there keeps its own.
export async function putItem(row) {
  return run("items", "readwrite", (items) => {
    const there = items.get(row.id);
    there.onsuccess = () => {
      if (there.result) return items.put({ ...row, seq: there.result.seq });
      const last = items.index("seq").openCursor(null, "prev");
      last.onsuccess = () => items.put({ ...row, seq: last.result ? last.result.value.seq + 1 : 1 });
    };
  });
}

export const allItems = async () => (await run("items", "readonly", (items) => items.getAll())).sort((a, b) => a.seq - b.seq);
export const dropItem = (id) => run("items", "readwrite", (items) => items.delete(id));
export const getKey = (author) => run("keys", "readonly", (keys) => keys.get(author));
export const putKey = (row) => run("keys", "readwrite", (keys) => keys.put(row));
export const dropKeys = () => run("keys", "readwrite", (keys) => keys.clear());
export const keyOwners = () => run("keys", "readonly", (keys) => keys.getAllKeys());
