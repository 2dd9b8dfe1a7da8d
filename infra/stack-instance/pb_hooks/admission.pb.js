// What every request must pass before PocketBase looks at it: after the login has been read (-1020), and just before the
// rate limits (-1000), of which some look the collection up. What is refused here is limited by the gateway alone.

const priority = -1001;

routerUse(new Middleware((e) => require(`${__hooks}/admission.js`).admit(e), priority));
