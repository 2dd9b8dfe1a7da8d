import type { HttpRequest, HttpResponseInit, InvocationContext } from "@azure/functions";
import { z } from "zod";
import type { EditFlags } from "../../shared/flags/edit-flags.ts";
import type { FlagStore } from "../../shared/flags/flag-store.ts";
import type { Flag } from "../../shared/flags/flag.ts";
import { FlagFields } from "../../shared/flags/flag.ts";
import { fieldsOf } from "../../shared/flags/roll-out.ts";
import type { Caller } from "../../shared/gateway/caller.ts";
import { findFlag } from "../../shared/flags/find-flag.ts";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import { revisionTag } from "../../shared/gateway/request-headers.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { readIfMatch } from "../http/if-match.ts";
import type { ReadCaller } from "../http/read-caller.ts";
import { readJson } from "../http/read-json.ts";
import type { AnnounceFlagsOf } from "./flag-services.ts";

export interface FlagsDeps {
  readonly readOperator: ReadCaller;
  readonly flags: FlagStore;
  readonly editFlags: EditFlags;
  readonly announceFlagsOf: AnnounceFlagsOf;
}

const tagged = (status: number, flag: Flag, headers: Readonly<Record<string, string>> = {}): HttpResponseInit =>
  json(status, flag, { etag: revisionTag(flag.revision), ...headers });

const keyOf = (request: HttpRequest): string => request.params["key"] ?? "";

/** `GET /api/admin/flags`: `{revision, updatedAt, flags}` without archived ones. */
export const listFlagsHttp = ({ readOperator, flags }: FlagsDeps): HttpFunction => ({
  name: "list-flags",
  method: "GET",
  route: "api/admin/flags",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const set = await flags.readSet();
    const updatedAt = set.revision === 0 ? null : set.updatedAt;
    return json(200, { revision: set.revision, updatedAt, flags: set.flags.filter(({ archived }) => !archived) });
  },
});

/** `GET /api/admin/flags/{key}`: the ETag is the revision that changed it last. */
export const getFlagHttp = ({ readOperator, flags }: FlagsDeps): HttpFunction => ({
  name: "get-flag",
  method: "GET",
  route: "api/admin/flags/{key}",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    return tagged(200, await findFlag(flags, keyOf(request)));
  },
});

type Edit = (by: string, request: HttpRequest) => Promise<Flag>;

const byOf = ({ email, sub }: Caller): string => email ?? sub;

/** Changes a flag and has the change published. */
const edited =
  ({ readOperator, announceFlagsOf }: FlagsDeps, edit: Edit) =>
  async (request: HttpRequest, context: InvocationContext): Promise<Flag> => {
    const flag = await edit(byOf(await readOperator(request)), request);
    await announceFlagsOf(context)();
    return flag;
  };

/** `POST /api/admin/flags`: 201; 409 when the key is or was used. */
export const createFlagHttp = (deps: FlagsDeps): HttpFunction => {
  const create = edited(deps, async (by, request) => deps.editFlags.create(by, await readJson(request, FlagFields)));
  return {
    name: "create-flag",
    method: "POST",
    route: "api/admin/flags",
    access: "gateway",
    startsWorkflows: true,
    handler: async (request, context) => {
      const flag = await create(request, context);
      return tagged(201, flag, { location: `/api/admin/flags/${flag.key}` });
    },
  };
};

const Patch = z.record(z.string(), z.unknown());

const patchedFields = (flag: Flag, { key = flag.key, ...patch }: z.infer<typeof Patch>): FlagFields => {
  if (key !== flag.key) throw new DomainError("invalid-input", "A flag keeps its key.");
  return parseInput(FlagFields, { ...fieldsOf(flag), ...patch });
};

/** `PATCH /api/admin/flags/{key}` with `If-Match`: what is not named stays; 412 when somebody was faster. */
export const updateFlagHttp = (deps: FlagsDeps): HttpFunction => {
  const update = edited(deps, async (by, request) => {
    const revision = readIfMatch(request);
    const patch = await readJson(request, Patch);
    const flag = await findFlag(deps.flags, keyOf(request));
    return deps.editFlags.update(by, revision, patchedFields(flag, patch));
  });
  return {
    name: "update-flag",
    method: "PATCH",
    route: "api/admin/flags/{key}",
    access: "gateway",
    startsWorkflows: true,
    handler: async (request, context) => tagged(200, await update(request, context)),
  };
};

/** `DELETE /api/admin/flags/{key}` with `If-Match`: 204. Evaluated nowhere any more; its history and its key stay. */
export const archiveFlagHttp = (deps: FlagsDeps): HttpFunction => {
  const archive = edited(deps, (by, request) => deps.editFlags.archive(by, keyOf(request), readIfMatch(request)));
  return {
    name: "archive-flag",
    method: "DELETE",
    route: "api/admin/flags/{key}",
    access: "gateway",
    startsWorkflows: true,
    handler: async (request, context) => {
      await archive(request, context);
      return { status: 204 };
    },
  };
};

const switchHttp = (wish: "kill" | "restore", deps: FlagsDeps, edit: Edit): HttpFunction => {
  const turn = edited(deps, edit);
  return {
    name: `${wish}-flag`,
    method: "POST",
    route: `api/admin/flags/{key}/${wish}`,
    access: "gateway",
    startsWorkflows: true,
    handler: async (request, context) => tagged(200, await turn(request, context)),
  };
};

/** `POST /api/admin/flags/{key}/kill`: everybody gets the variant `off`. 200, also when it was; needs no `If-Match`. */
export const killFlagHttp = (deps: FlagsDeps): HttpFunction =>
  switchHttp("kill", deps, (by, request) => deps.editFlags.kill(by, keyOf(request)));

/** `POST /api/admin/flags/{key}/restore` with `If-Match`: the rules decide again. */
export const restoreFlagHttp = (deps: FlagsDeps): HttpFunction =>
  switchHttp("restore", deps, (by, request) => deps.editFlags.restore(by, keyOf(request), readIfMatch(request)));
