import PocketBase, { BaseAuthStore, ClientResponseError } from "pocketbase";
import { DomainError } from "../../kernel/errors.ts";
import { superuserEmail, superuserSecretName, type SecretStore } from "../../secrets/secret-store.ts";
import type { LocateInstance, StackAddress } from "../../stack/stack.ts";
import { limiter, type Limiter } from "./limiter.ts";

/** Above this many requests in flight PocketBase opens connections that each parse the whole schema (0.4 to 9 ms). */
const maxInFlight = 15;

export interface ConnectionOptions {
  readonly secrets: SecretStore;
  /** For one request, the wait for its turn not included. */
  readonly timeoutMilliseconds: number;
  readonly fetch: typeof fetch;
  /** Only where addresses change: without it, the endpoint's name is believed. */
  readonly locate?: LocateInstance | undefined;
}

/** One instance as its superuser. */
export interface SuperuserConnection {
  /** One or more requests, one after the other. Signs in when needed; a refused login is renewed once. */
  call<T>(task: (client: PocketBase) => Promise<T>): Promise<T>;
  /** As `call`, but one at a time: PocketBase reloads all collections for each one that changes. */
  changeSchema<T>(task: (client: PocketBase) => Promise<T>): Promise<T>;
  isHealthy(): Promise<boolean>;
}

/** What came instead of a PocketBase answer. Carries no body, no header and no credential. */
const unavailable = (instanceId: string, cause: unknown): DomainError =>
  new DomainError("stack-unavailable", `The Stack instance ${instanceId} did not do what was asked.`, { cause });

/** True for answers that mean our login is no longer good; a stale token counts as a guest, hence 403. */
const isLoginRefused = (error: unknown): boolean =>
  error instanceof ClientResponseError && (error.status === 401 || (error.status === 403 && isBare(error)));

/** PocketBase's own 403 carries no `code`; a refusal of our session route does. */
const isBare = (error: ClientResponseError): boolean => !("code" in error.data);

const newClient = ({ instanceId, internalEndpoint }: StackAddress, options: ConnectionOptions): PocketBase => {
  const client = new PocketBase(internalEndpoint, new BaseAuthStore());
  client.autoCancellation(false);
  const locate = options.locate ?? (() => Promise.resolve(internalEndpoint));
  client.beforeSend = async (url, sendOptions) => ({
    url: `${await locate(instanceId)}${url.slice(internalEndpoint.length)}`,
    options: {
      ...sendOptions,
      fetch: options.fetch,
      redirect: "error",
      signal: AbortSignal.timeout(options.timeoutMilliseconds),
    },
  });
  // The SDK takes any answer for `{}`; something that is not PocketBase must not pass for success.
  client.afterSend = (response: Response, data: unknown) => {
    const isJson = response.headers.get("content-type")?.includes("application/json") === true;
    if (response.status !== 204 && !isJson) throw new Error(`answer ${response.status} is not PocketBase's`);
    return data;
  };
  return client;
};

const signIn = async (client: PocketBase, address: StackAddress, secrets: SecretStore): Promise<void> => {
  const password = await secrets.read(superuserSecretName(address.instanceId));
  if (password === undefined) throw unavailable(address.instanceId, new Error("its superuser secret does not exist"));
  await client.collection("_superusers").authWithPassword(superuserEmail, password);
  if (!client.authStore.isValid) throw new Error("the login gave no token");
};

/** Makes sure that a login is there; those who come while one is under way wait for it. */
const makeLogin = (
  client: PocketBase,
  address: StackAddress,
  secrets: SecretStore,
): { ensure: () => Promise<void>; forget: (token: string) => void } => {
  let pending: Promise<void> | undefined;
  return {
    ensure: async () => {
      if (client.authStore.isValid) return;
      pending ??= signIn(client, address, secrets).finally(() => {
        pending = undefined;
      });
      await pending;
    },
    forget: (token) => {
      // Somebody else may have renewed the login in the meantime.
      if (client.authStore.token === token) client.authStore.clear();
    },
  };
};

/** Opens nothing yet: the first call signs in. */
export const superuserConnection = (address: StackAddress, options: ConnectionOptions): SuperuserConnection => {
  const client = newClient(address, options);
  const login = makeLogin(client, address, options.secrets);
  const inTurn: Limiter = limiter(maxInFlight);
  const oneByOne: Limiter = limiter(1);

  const attempt = async <T>(task: (client: PocketBase) => Promise<T>): Promise<T> => {
    await login.ensure();
    const { token } = client.authStore;
    try {
      return await task(client);
    } catch (error) {
      if (!isLoginRefused(error)) throw error;
      login.forget(token);
      await login.ensure();
      return task(client);
    }
  };
  const call = async <T>(task: (client: PocketBase) => Promise<T>): Promise<T> => {
    try {
      return await inTurn(() => attempt(task));
    } catch (error) {
      throw error instanceof DomainError ? error : unavailable(address.instanceId, error);
    }
  };
  return {
    call,
    changeSchema: (task) => oneByOne(() => call(task)),
    isHealthy: () =>
      client.health.check().then(
        (health) => health.code === 200,
        // Not up yet is an answer here, not a failure.
        () => false,
      ),
  };
};
