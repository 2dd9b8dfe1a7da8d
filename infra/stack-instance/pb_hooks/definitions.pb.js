// Keeps mistakes in our own provisioning from leading out of a tenant.

onCollectionCreate((e) => require(`${__hooks}/definitions.js`).check(e));
onCollectionUpdate((e) => require(`${__hooks}/definitions.js`).check(e));
