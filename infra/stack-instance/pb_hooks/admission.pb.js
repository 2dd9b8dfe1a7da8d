// What every request must pass before PocketBase looks at it.

routerUse((e) => require(`${__hooks}/admission.js`).admit(e));
