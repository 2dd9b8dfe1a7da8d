import type { ReconcileDirectory } from "../../shared/users/reconcile-directory.ts";

interface Deps {
  readonly reconcileDirectory: ReconcileDirectory;
}

/** Reads the identity provider's log once a minute: its webhooks are never repeated. */
export const reconcileDirectoryTimer = ({ reconcileDirectory }: Deps) => ({
  name: "reconcile-directory",
  schedule: "35 * * * * *",
  run: async () => {
    await reconcileDirectory();
  },
});
