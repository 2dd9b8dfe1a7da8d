import PocketBase, { BaseAuthStore, ClientResponseError } from "pocketbase";
import { z } from "zod";
import { DomainError } from "../../kernel/errors.ts";
import type { CatalogSource, OpenSource } from "../../tools/migration/source.ts";
import type { SourceLogin } from "../../tools/migration/source-login.ts";

export interface PocketBaseSourceOptions {
  /** For one request. */
  readonly timeoutMilliseconds: number;
  readonly fetch?: typeof fetch;
}

const Collections = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    type: z.string(),
    system: z.boolean(),
    fields: z.array(z.object({ name: z.string(), type: z.string() })),
  }),
);
const Page = z.object({ items: z.array(z.looseObject({ id: z.string().min(1).max(100) })) });
const Ids = z.object({ items: z.array(z.object({ id: z.string() })) });
const Total = z.object({ totalItems: z.number().int().min(0) });

/** Says what went wrong without a body, a header or a credential. */
const failed = (error: unknown): DomainError => {
  if (error instanceof DomainError) return error;
  const status = error instanceof ClientResponseError ? error.status : 0;
  const what = status === 0 ? "did not answer as a PocketBase does" : `answered with status ${status}`;
  return new DomainError("unavailable", `The source ${what}.`, { cause: error });
};

const isLoginRefused = (error: unknown): boolean =>
  error instanceof ClientResponseError && (error.status === 401 || error.status === 403);

const newClient = (url: string, { timeoutMilliseconds, fetch = globalThis.fetch }: PocketBaseSourceOptions) => {
  const client = new PocketBase(url, new BaseAuthStore());
  client.autoCancellation(false);
  client.beforeSend = (address, options) => ({
    url: address,
    // A redirect could carry the login to somebody else.
    options: { ...options, fetch, redirect: "error", signal: AbortSignal.timeout(timeoutMilliseconds) },
  });
  return client;
};

const signIn = async (client: PocketBase, { email, password }: SourceLogin): Promise<void> => {
  try {
    await client.collection("_superusers").authWithPassword(email, password);
  } catch (error) {
    const isRefused = error instanceof ClientResponseError && (error.status === 400 || error.status === 404);
    if (!isRefused && !isLoginRefused(error)) throw error;
    throw new DomainError("forbidden", "The source refused the superuser's login.");
  }
};

/** Reads a PocketBase 0.23 or newer as its superuser. Nothing is asked before the first call. */
export const pocketBaseCatalogSource =
  (options: PocketBaseSourceOptions): OpenSource =>
  (url, login) => {
    const client = newClient(url, options);
    const ask = async <T>(question: () => Promise<T>): Promise<T> => {
      try {
        if (!client.authStore.isValid) await signIn(client, login);
        return await question();
      } catch (error) {
        if (!isLoginRefused(error)) throw failed(error);
        client.authStore.clear();
      }
      try {
        await signIn(client, login);
        return await question();
      } catch (error) {
        throw failed(error);
      }
    };
    const list = <T>(collection: string, schema: z.ZodType<T>, query: Readonly<Record<string, unknown>>): Promise<T> =>
      ask(async () => {
        const path = `/api/collections/${encodeURIComponent(collection)}/records`;
        return schema.parse(await client.send(path, { method: "GET", query }));
      });
    const after = (id: string, limit: number) => ({
      ...{ sort: "id", perPage: limit, skipTotal: true },
      ...(id === "" ? {} : { filter: client.filter("id > {:id}", { id }) }),
    });
    const source: CatalogSource = {
      collections: () =>
        ask(async () => {
          const all = Collections.parse(await client.collections.getFullList());
          return all.filter(({ type, system }) => type === "base" && !system);
        }),
      count: async (collection) => (await list(collection, Total, { perPage: 1, fields: "id" })).totalItems,
      page: async (collection, id, limit) => (await list(collection, Page, after(id, limit))).items,
      ids: async (collection, id, limit) =>
        (await list(collection, Ids, { ...after(id, limit), fields: "id" })).items.map((record) => record.id),
    };
    return source;
  };
