import { tenantCollections } from "../../shared/stack/collections.ts";
import { collectionId, collectionName, type BaseName } from "../../shared/stack/namespace.ts";
import type { TenantSpace } from "../../shared/stack/stack.ts";
import { bodyOf, textMember, type SeededRecords } from "./isolation-records.ts";

export interface Caller {
  readonly name: string;
  readonly token?: string;
  readonly userId: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Who is attacked, by whom, and through which of the two names a collection has. */
export interface Attack {
  readonly url: string;
  readonly victim: TenantSpace;
  readonly records: SeededRecords;
  readonly attacker: TenantSpace;
  readonly base: BaseName;
  readonly address: "name" | "id";
  readonly caller: Caller;
}

export const send = async (url: string, method: string, token?: string, body?: unknown): Promise<Answer> => {
  const response = await fetch(url, {
    method,
    headers: { "content-type": "application/json", ...(token === undefined ? {} : { authorization: token }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
};

/** The attacked collection, as the attack names it. */
export const target = ({ address, base, victim }: Attack): string =>
  address === "name" ? collectionName(base, victim.namespace) : collectionId(base, victim.tenantId);

const recordsUrl = (attack: Attack): string => `${attack.url}/api/collections/${target(attack)}/records`;
const recordUrl = (attack: Attack): string => `${recordsUrl(attack)}/${attack.records[attack.base].id}`;

/** The attacker's own collection of the same base, with a query that reaches for the victim's. */
const ownUrl = ({ url, attacker, base }: Attack, query: Readonly<Record<string, string>>): string =>
  `${url}/api/collections/${collectionName(base, attacker.namespace)}/records?${new URLSearchParams(query).toString()}`;

/** Every relation of the victim, as back-relation from whatever it points to. */
const backRelations = ({ victim }: Attack): readonly string[] =>
  tenantCollections(victim).flatMap((collection) =>
    collection.fields
      .filter((field) => field.type === "relation")
      .map((field) => `${collection.name}_via_${field.name}`),
  );

const fileToken = async ({ url, caller }: Attack): Promise<string> => {
  const { status, text } = await send(`${url}/api/files/token`, "POST", caller.token);
  return status === 200 ? (JSON.parse(text) as { token: string }).token : "";
};

type Attempt = (attack: Attack) => Promise<readonly Answer[]>;

const read =
  (urlOf: (attack: Attack) => string): Attempt =>
  async (attack) => [await send(urlOf(attack), "GET", attack.caller.token)];

/** Attempts that address the victim's collection itself: with the hooks they end in a refusal, not in an empty list. */
export const directAttempts: ReadonlySet<string> = new Set([
  "list",
  "list, filtered and without total",
  "view",
  "create",
  "update",
  "delete",
  "expand of the victim's record",
  "relation to a foreign record",
  "batch",
  "file with and without a file token",
  "sign-in routes",
]);

/** Ways to reach another tenant's records over HTTP. Each is tried for every base, by name and by id. */
export const attempts: Readonly<Record<string, Attempt>> = {
  list: read(recordsUrl),
  "list, filtered and without total": read((attack) => `${recordsUrl(attack)}?filter=id!=""&skipTotal=1&sort=-created`),
  view: read(recordUrl),
  create: async (attack) => [
    await send(recordsUrl(attack), "POST", attack.caller.token, bodyOf(attack.base, "hacked", attack.caller.userId)),
  ],
  update: async (attack) => [
    await send(recordUrl(attack), "PATCH", attack.caller.token, { [textMember[attack.base]]: "hacked" }),
  ],
  delete: async (attack) => [await send(recordUrl(attack), "DELETE", attack.caller.token)],
  "expand of the victim's record": read((attack) => `${recordUrl(attack)}?expand=node,service,requestedBy`),
  "expand of a back-relation": read((attack) => ownUrl(attack, { expand: backRelations(attack).join(",") })),
  "filter through a back-relation": async (attack) =>
    Promise.all(
      backRelations(attack).map((path) =>
        send(ownUrl(attack, { filter: `${path}.id != "" || id != ""` }), "GET", attack.caller.token),
      ),
    ),
  "filter through @collection": read((attack) => ownUrl(attack, { filter: `@collection.${target(attack)}.id != ""` })),
  "relation to a foreign record": async (attack) => {
    const services = `${attack.url}/api/collections/services_${attack.attacker.namespace}/records`;
    const body = { name: "thief", status: "running", node: attack.records.nodes.id };
    return [await send(`${services}?expand=node`, "POST", attack.caller.token, body)];
  },
  batch: async (attack) => {
    const path = new URL(recordsUrl(attack)).pathname;
    const requests = [{ method: "POST", url: path, body: bodyOf(attack.base, "hacked", attack.caller.userId) }];
    return [await send(`${attack.url}/api/batch`, "POST", attack.caller.token, { requests })];
  },
  "file with and without a file token": async (attack) => {
    const { id, file } = attack.records[attack.base];
    const url = `${attack.url}/api/files/${target(attack)}/${id}/${file === "" ? "none.txt" : file}`;
    const token = await fileToken(attack);
    return [
      await send(url, "GET", attack.caller.token),
      await send(`${url}?token=${token}`, "GET", attack.caller.token),
    ];
  },
  "sign-in routes": async (attack) => {
    const collection = `${attack.url}/api/collections/${target(attack)}`;
    const post = (path: string, body?: unknown): Promise<Answer> =>
      send(`${collection}/${path}`, "POST", attack.caller.token, body);
    return [
      await post("auth-refresh"),
      await post(`impersonate/${attack.records.users.id}`),
      await post("auth-with-password", { identity: "a@b.test", password: "a-password-nobody-uses" }),
      await post("request-otp", { email: "a@b.test" }),
    ];
  },
};
