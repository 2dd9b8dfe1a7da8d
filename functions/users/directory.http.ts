import type { Clock } from "../../shared/kernel/clock.ts";
import type { DirectoryStore } from "../../shared/users/directory-store.ts";
import { describeProgress } from "../../shared/users/reconcile-directory.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

interface Deps {
  readonly readOperator: ReadCaller;
  readonly directoryEntries: DirectoryStore;
  readonly clock: Clock;
}

/** `GET /api/admin/directory`: how far the identity provider's log has been read, and what its webhooks had missed. */
export const directoryHttp = ({ readOperator, directoryEntries, clock }: Deps): HttpFunction => ({
  name: "get-directory",
  method: "GET",
  route: "api/admin/directory",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    return json(200, describeProgress(await directoryEntries.progress.read(), clock()));
  },
});
