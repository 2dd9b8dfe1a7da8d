import { DomainError } from "../../shared/kernel/errors.ts";
import type { ServiceKeys } from "../../shared/secrets/service-keys.ts";
import { isServiceKeyName } from "../../shared/secrets/service-keys.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

interface Deps {
  readonly readOperator: ReadCaller;
  readonly serviceKeys: ServiceKeys;
}

/** `POST /api/admin/service-keys`: a key more, two at most. 201 `{added, names}`: names of secrets, never their values. */
export const addServiceKeyHttp = ({ readOperator, serviceKeys }: Deps): HttpFunction => ({
  name: "add-service-key",
  method: "POST",
  route: "api/admin/service-keys",
  access: "gateway",
  handler: async (request) => {
    const { email, sub } = await readOperator(request);
    const added = await serviceKeys.add(email ?? sub);
    return json(201, { added, names: await serviceKeys.names() });
  },
});

/** `DELETE /api/admin/service-keys/{name}`: 204; refused everywhere within half a minute. */
export const removeServiceKeyHttp = ({ readOperator, serviceKeys }: Deps): HttpFunction => ({
  name: "remove-service-key",
  method: "DELETE",
  route: "api/admin/service-keys/{name}",
  access: "gateway",
  handler: async (request) => {
    const { email, sub } = await readOperator(request);
    const name = request.params["name"] ?? "";
    if (!isServiceKeyName(name)) throw new DomainError("not-found", "There is no service key with this name.");
    await serviceKeys.remove(name, email ?? sub);
    return { status: 204 };
  },
});
