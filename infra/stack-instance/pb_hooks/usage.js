// The bytes of a tenant, in its row of `_tenants` (`storageBytes`): of every record its JSON text, and its files. They are
// added in the transaction of the record, so the figure is exact after a crash and under parallel writes, and costs one
// small update per write and no counting of rows.

const tenancy = require(`${__hooks}/tenancy.js`);

// Of a record as it is stored: a fresh copy holds nothing a request has added.
function textBytes(record) {
  return record.fresh().marshalJSON().length;
}

// The bytes of the record's stored files.
function fileBytes(app, record) {
  const names = [];
  record.collection().fields.forEach(function (field) {
    if (field.type() === "file") names.push.apply(names, record.getStringSlice(field.name));
  });
  if (names.length === 0) return 0;
  const system = app.newFilesystem();
  try {
    return names.reduce(function (sum, name) {
      const path = record.baseFilesPath() + "/" + name;
      return system.exists(path) ? sum + system.attributes(path).size : sum;
    }, 0);
  } finally {
    system.close();
  }
}

function bytes(app, record) {
  return textBytes(record) + fileBytes(app, record);
}

// False for what is no tenant's, and on an instance that the control plane has not brought up to date yet.
function isCounted(e) {
  if (tenancy.namespaceOf(e.record.collection().name) === "") return false;
  return !!e.app.findCachedCollectionByNameOrId("_tenants").fields.getByName("storageBytes");
}

function add(app, record, difference) {
  app
    .db()
    .newQuery(
      "UPDATE {{_tenants}} SET [[storageBytes]] = MAX(0, [[storageBytes]] + {:difference}) WHERE [[namespace]] = {:namespace}",
    )
    .bind({ difference: difference, namespace: tenancy.namespaceOf(record.collection().name) })
    .execute();
}

// Writes the record and its bytes together. `before` is asked in front of the write, because it changes what is asked.
function write(e, before, after) {
  if (!isCounted(e)) return e.next();
  const app = e.app;
  app.runInTransaction(function (transaction) {
    e.app = transaction;
    const removed = before(transaction);
    e.next();
    add(transaction, e.record, after(transaction) - removed);
  });
  e.app = app;
}

function none() {
  return 0;
}

function created(e) {
  return write(e, none, (app) => bytes(app, e.record));
}

// A replaced file is deleted after the transaction only; by then it is no longer in the record.
function updated(e) {
  const before = (app) => bytes(app, e.record.original());
  return write(e, before, (app) => bytes(app, e.record));
}

function deleted(e) {
  return write(e, (app) => bytes(app, e.record), none);
}

module.exports = { created: created, updated: updated, deleted: deleted, textBytes: textBytes };
