// Says a failure once when it begins and once when it is over, not on every try. Handlers share no variables, so what was
// said is kept in the application's store. The lines go to PocketBase's log and, because that log is in the database that
// may be what fails, to the container's output as well.

const prefix = "kombify.streak.";

// `reason` is "" when all is well. It must hold no secret.
function note(app, subject, reason) {
  const store = app.store();
  const isFailing = reason !== "";
  if (isFailing === store.has(prefix + subject)) return;
  if (isFailing) {
    store.set(prefix + subject, true);
    console.error("kombify: " + subject + " fails: " + reason);
    app.logger().warn(subject + " fails", "reason", reason);
    return;
  }
  store.remove(prefix + subject);
  console.log("kombify: " + subject + " works again");
  app.logger().info(subject + " works again");
}

module.exports = { note: note };
