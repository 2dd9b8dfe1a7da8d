// Counts what each tenant stores, whoever writes: users, the control plane, and deletions that follow from others.

onRecordCreateExecute((e) => require(`${__hooks}/usage.js`).created(e));
onRecordUpdateExecute((e) => require(`${__hooks}/usage.js`).updated(e));
onRecordDeleteExecute((e) => require(`${__hooks}/usage.js`).deleted(e));
