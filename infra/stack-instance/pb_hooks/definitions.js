// What a collection may be made of, whoever makes it. PocketBase itself lets a relation lead to another tenant's records,
// from where `expand` and filters go on past the record hooks; a view reads any table.

const tenancy = require(`${__hooks}/tenancy.js`);

function refuse(collection, reason) {
  throw new BadRequestError("The collection " + collection.name + " " + reason + ".");
}

// Inside an import the target may not exist yet. Then the ids tell, which we give ourselves: "<tenantId>_<base>".
function isSameOwner(app, collection, targetId) {
  const ownerInId = function (id) {
    return id.slice(0, id.lastIndexOf("_"));
  };
  let target = null;
  try {
    target = app.findCollectionByNameOrId(targetId);
  } catch (error) {
    if (String(error).indexOf("no rows in result set") < 0) throw error;
    return ownerInId(targetId) === ownerInId(collection.id);
  }
  return tenancy.namespaceOf(target.name) === tenancy.namespaceOf(collection.name);
}

function check(e) {
  const collection = e.collection;
  const isTenants = tenancy.namespaceOf(collection.name) !== "";
  if (collection.isView()) refuse(collection, "must not be a view");
  collection.fields.forEach(function (field) {
    if (field.type() === "file" && isTenants && !field.protected) {
      refuse(collection, "must protect its files (" + field.name + ")");
    }
    if (field.type() === "relation" && !isSameOwner(e.app, collection, field.collectionId)) {
      refuse(collection, "must not point to another tenant's (" + field.name + ")");
    }
  });
  return e.next();
}

module.exports = { check: check };
