// The plan's limits. Counting and adding happen in one transaction (there is one writer), so that parallel requests cannot
// pass a limit together. PocketBase answers the request only when the transaction is through.

const tenancy = require(`${__hooks}/tenancy.js`);
const usage = require(`${__hooks}/usage.js`);

const bytesPerMegabyte = 1000 * 1000;

// Of one record without its files: above what the bounded fields of any collection hold together.
const maxRecordBytes = 512 * 1024;

const counted = {
  nodes: { member: "maxNodes", code: "node-limit-reached", isAlwaysSet: true },
  services: { member: "maxServices", code: "service-limit-reached", isAlwaysSet: false },
};

function refuseCount(app, collection, tenant) {
  const base = tenancy.baseOf(collection.name);
  const rule = counted[base];
  if (!rule) return;
  const limit = tenant.getInt(rule.member);
  // 0 is the value of a row written before the limit existed.
  if (limit === 0 && !rule.isAlwaysSet) return;
  if (app.countRecords(collection) >= limit) {
    throw tenancy.refusal(rule.code, "The plan allows " + limit + " " + base + ".");
  }
}

function usedBytes(app, tenant) {
  return app.findRecordById("_tenants", tenant.id).getInt("storageBytes");
}

// Writes that do not grow what is stored pass even above the limit: that is how a tenant gets below it again.
function within(e, tenant, isNew) {
  if (usage.textBytes(e.record) > maxRecordBytes) {
    throw tenancy.refusal("record-too-large", "A record may hold " + maxRecordBytes / 1024 + " KiB.");
  }
  const app = e.app;
  const megabytes = tenant.getInt("storageMegabytesMax");
  app.runInTransaction(function (transaction) {
    if (isNew) refuseCount(transaction, e.collection, tenant);
    const before = usedBytes(transaction, tenant);
    e.app = transaction;
    e.next();
    const after = usedBytes(transaction, tenant);
    if (megabytes > 0 && after > before && after > megabytes * bytesPerMegabyte) {
      throw tenancy.refusal("storage-limit-reached", "The plan allows " + megabytes + " MB of storage.");
    }
  });
  e.app = app;
}

module.exports = { within: within };
