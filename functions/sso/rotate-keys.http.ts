import type { LaunchKeys } from "../../shared/sso/launch-keys.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

interface Deps {
  readonly readOperator: ReadCaller;
  readonly keys: LaunchKeys;
}

/** `POST /api/admin/launch-keys/rotate`: publishes a new key now, which signs once every verifier can know it. */
export const rotateKeysHttp = ({ readOperator, keys }: Deps): HttpFunction => ({
  name: "rotate-launch-keys",
  method: "POST",
  route: "api/admin/launch-keys/rotate",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const isAdded = await keys.rotate(true);
    return json(200, { rotated: isAdded, keys: (await keys.publicKeys()).keys.map(({ kid }) => kid) });
  },
});
