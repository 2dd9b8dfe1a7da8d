import PocketBase, { type CollectionModel } from "pocketbase";
import { startTestPocketBase, type TestPocketBase } from "../../local/pocketbase/test-pocketbase.ts";
import { pocketBaseStacks } from "../../shared/adapters/pocketbase/stacks.ts";
import { superuserEmail } from "../../shared/secrets/secret-store.ts";
import { tenantCollections } from "../../shared/stack/collections.ts";
import type { Stack, TenantSpace } from "../../shared/stack/stack.ts";
import { hooksDirectory } from "./support/stack-instance.ts";

export const superuserPassword = "control-plane-password";

/** One real PocketBase, prepared as a Stack instance. */
export interface TestStack {
  readonly server: TestPocketBase;
  readonly root: PocketBase;
  readonly stack: Stack;
}

export const connect = (url: string): PocketBase => new PocketBase(url).autoCancellation(false);

export const stackAt = (url: string, password = superuserPassword, fetchWith = fetch): Stack =>
  pocketBaseStacks({
    secrets: {
      read: () => Promise.resolve(password),
      createIfAbsent: () => Promise.resolve(password),
      remove: () => Promise.resolve(),
    },
    timeoutMilliseconds: 10_000,
    fetch: fetchWith,
  }).at({ instanceId: "stack-1", internalEndpoint: url });

export interface TestStackOptions {
  readonly hasHooks?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export const startTestStack = async ({ hasHooks = true, env = {} }: TestStackOptions = {}): Promise<TestStack> => {
  const server = await startTestPocketBase(hasHooks ? { hooksDirectory, env } : { env });
  try {
    const root = connect(server.url);
    await root.collection("_superusers").authWithPassword(server.email, server.password);
    await root
      .collection("_superusers")
      .create({ email: superuserEmail, password: superuserPassword, passwordConfirm: superuserPassword });
    const stack = stackAt(server.url);
    await stack.prepare();
    return { server, root, stack };
  } catch (error) {
    await server.stop();
    throw error;
  }
};

export const aSpace = (slug: string, change: Partial<TenantSpace> = {}): TenantSpace => ({
  tenantId: `${slug.replaceAll("-", "")}0000000000000000`,
  slug,
  namespace: slug.replaceAll("-", "_"),
  name: slug,
  orgId: `organisation-${slug}`,
  plan: "free",
  maxUsers: 5,
  maxNodes: 3,
  maxServices: 10,
  storageMegabytesMax: 250,
  ...change,
});

/** Imports the collections of several tenants at once, past the adapter: a long hold on the only writer. */
export const importTenants = (root: PocketBase, slugs: readonly string[]): Promise<unknown> =>
  root.collections.import(
    slugs.flatMap((slug) => tenantCollections(aSpace(slug))) as unknown as CollectionModel[],
    false,
  );

/** Takes every rule away, as the worst mistake in a rule would: everybody may do everything, hooks aside. */
export const openAllRules = async (root: PocketBase, namespace: string): Promise<void> => {
  const collections = await root.collections.getFullList();
  const opened = collections
    .filter((collection) => collection.name.endsWith(`_${namespace}`))
    .map(({ id }) => ({ id, listRule: "", viewRule: "", createRule: "", updateRule: "", deleteRule: "" }));
  // Import merges what is given into what is there, so a part of a collection is enough.
  await root.collections.import(opened as unknown as CollectionModel[], false);
};
