import { z } from "zod";
import { DomainError } from "../../kernel/errors.ts";
import type { SecretStore } from "../../secrets/secret-store.ts";
import type { Directory, DirectoryEvent } from "../../users/directory.ts";
import { aggregateTypes, allEventTypes } from "../../users/event-types.ts";
import { eventsOf, grantsOf, organisationStateOf, userOf } from "./answers.ts";
import type { Answer, Call, Request } from "./call.ts";
import { machineToken } from "./machine-token.ts";
import type { MachineToken } from "./machine-token.ts";

export interface ZitadelDirectoryOptions {
  /** The instance's base URL, which is also its issuer. */
  readonly issuer: string;
  readonly projectId: string;
  readonly secrets: Pick<SecretStore, "read">;
  readonly call: Call;
  readonly now: () => Date;
}

const authorizationsPath = "/zitadel.authorization.v2.AuthorizationService/ListAuthorizations";
/** A person holds one per organisation and project; more than a page of them would be somebody else's product. */
const grantsMax = 100;

const unusable = (what: string): DomainError =>
  new DomainError("identity-provider-unavailable", `The identity provider's answer about ${what} cannot be used.`);

/** Values stay out of the error: they name people. */
const parse = <T>(what: string, read: (body: unknown) => T, { status, body }: Answer): T => {
  if (status !== 200) throw unusable(`${what} (status ${status})`);
  try {
    return read(body);
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof RangeError) throw unusable(what);
    throw error;
  }
};

const withToken = (call: Call, tokens: MachineToken) => {
  const attempt = async (request: Request): Promise<{ readonly token: string; readonly answer: Answer }> => {
    const token = await tokens.get();
    return { token, answer: await call({ ...request, token }) };
  };
  return async (request: Request): Promise<Answer> => {
    const { token, answer } = await attempt(request);
    if (answer.status !== 401) return answer;
    // Ended before its time: the machine user's key may have been replaced.
    tokens.forget(token);
    return (await attempt(request)).answer;
  };
};

/** Zitadel as its machine user sees it. It needs IAM_OWNER_VIEWER: users, organisations and events of the instance. */
export const zitadelDirectory = (options: ZitadelDirectoryOptions): Directory => {
  const { issuer, projectId, secrets, call, now } = options;
  const post = async (path: string, body: URLSearchParams) => (await call({ method: "POST", path, body })).body;
  const ask = withToken(call, machineToken({ issuer, secrets, post, now }));

  const search = async (query: Readonly<Record<string, unknown>>): Promise<readonly DirectoryEvent[]> =>
    parse("events", eventsOf, await ask({ method: "POST", path: "/admin/v1/events/_search", body: query }));

  return {
    async user(sub) {
      const answer = await ask({ method: "GET", path: `/v2/users/${encodeURIComponent(sub)}` });
      return answer.status === 404 ? undefined : parse("a user", userOf, answer);
    },
    async grants(sub) {
      const filters = [{ userId: { id: sub } }, { projectId: { id: projectId } }];
      const body = { pagination: { limit: grantsMax }, filters };
      return parse("authorizations", grantsOf, await ask({ method: "POST", path: authorizationsPath, body }));
    },
    async organisation(orgId) {
      const body = { queries: [{ idQuery: { id: orgId } }] };
      const answer = await ask({ method: "POST", path: "/v2/organizations/_search", body });
      return parse("an organisation", (raw) => organisationStateOf(raw, orgId), answer);
    },
    async wasRemoved(aggregateType, aggregateId) {
      const eventTypes = [`${aggregateType}.removed`];
      return (await search({ aggregateId, aggregateTypes: [aggregateType], eventTypes, limit: 1 })).length > 0;
    },
    async grantHolder(aggregateId) {
      const eventTypes = ["user.grant.added"];
      const [added] = await search({ aggregateId, aggregateTypes: ["usergrant"], eventTypes, limit: 1 });
      return z.object({ userId: z.string().min(1) }).safeParse(added?.payload).data?.userId;
    },
    eventsFrom: (sinceIso, limit) =>
      search({
        ...{ asc: true, limit, eventTypes: allEventTypes, aggregateTypes },
        ...(sinceIso === null ? {} : { creationDate: sinceIso }),
      }),
  };
};
