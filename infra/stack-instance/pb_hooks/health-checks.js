// The checks behind GET /health. Each returns when the thing works and throws when it does not. The reasons are for the
// log, not for an answer: they may hold paths.

const machine = require(`${__hooks}/machine.js`);

function setting(name, preset) {
  const value = Number($os.getenv(name));
  return value > 0 ? value : preset;
}

// Writes one row, always the same, and reads it back on another connection. A rolled back write would never reach the
// disk; a check of all pages (PRAGMA quick_check) takes the longer the more data there are.
function database(app) {
  const now = Date.now();
  const row = new DynamicModel({ value: "" });
  app
    .nonconcurrentDB()
    .newQuery(
      "INSERT INTO {{_params}} ([[id]], [[value]]) VALUES ('kombify_health', {:now}) " +
        "ON CONFLICT ([[id]]) DO UPDATE SET [[value]] = {:now}",
    )
    .bind({ now: String(now) })
    .execute();
  app.concurrentDB().newQuery("SELECT [[value]] FROM {{_params}} WHERE [[id]] = 'kombify_health'").one(row);
  if (row.value !== String(now)) throw new Error("what was read is not what was written");
}

// On the file system of pb_data, in the one directory there that PocketBase empties at its start and leaves out of backups.
function storage(app) {
  const directory = $filepath.join(app.dataDir(), ".pb_temp_to_delete");
  const text = "kombify " + Date.now();
  $os.mkdirAll(directory, 0o700);
  const root = $os.openRoot(directory);
  try {
    const file = root.create("health");
    try {
      file.writeString(text);
      file.sync();
    } finally {
      file.close();
    }
    if (toString(root.readFile("health")) !== text) throw new Error("what was read is not what was written");
    root.remove("health");
  } finally {
    root.close();
  }
  const free = freeMebibytes(directory);
  const needed = setting("KOMBIFY_MIN_FREE_MEBIBYTES", 100);
  if (free < needed) throw new Error(free + " MiB are free, fewer than " + needed);
}

// PocketBase's JavaScript cannot ask the file system itself.
function freeMebibytes(directory) {
  const table = toString($os.cmd("timeout", "2", "df", "-Pk", directory).output());
  const match = /\s\d+\s+\d+\s+(\d+)\s+\d+%\s/.exec(table);
  if (match === null) throw new Error("df does not say how much is free");
  return Math.floor(Number(match[1]) / 1024);
}

// Without a limit of its own the instance also suffers from its neighbours.
function memory() {
  const { used, limit, hasOwnLimit, total, machineFree } = machine.memory();
  const most = setting("KOMBIFY_MAX_MEMORY_PERCENT", 90);
  if ((100 * used) / limit > most) throw new Error("more than " + most + " % of the memory are used");
  if (!hasOwnLimit && machineFree !== null && machineFree < 0.02 * total)
    throw new Error("the machine is out of memory");
}

module.exports = { database: database, storage: storage, memory: memory };
