import type PocketBase from "pocketbase";
import { optional, shape, text } from "../page/shape.ts";
import { namespaceOfUsers } from "./tenant-namespace.ts";

const readMeta = shape({ tenant: shape({ name: text, slug: text }) });

const readPerson = shape({ collectionName: text, email: optional(text), name: optional(text), role: optional(text) });

export interface StackSession {
  readonly namespace: string;
  readonly tenant: { readonly name: string; readonly slug: string };
  readonly name: string;
  readonly role: string;
}

/** Takes the session out of the cookie that the platform set, and keeps the cookie in step with the session. */
export const followCookie = (pocketbase: PocketBase): void => {
  const path = new URL(".", location.href).pathname;
  const secure = location.protocol === "https:";
  pocketbase.authStore.loadFromCookie(document.cookie);
  pocketbase.authStore.onChange(() => {
    document.cookie = pocketbase.authStore.exportToCookie({ path, secure, sameSite: "Strict", httpOnly: false });
  });
};

const namespaceIn = (record: unknown): string | undefined =>
  record === null ? undefined : namespaceOfUsers(readPerson(record).collectionName);

/**
 * Asks the Stack whether the session is still good, which also renews it; undefined when there is none. What the cookie
 * says about the person only decides where to ask. @throws ClientResponseError
 */
export const openSession = async (pocketbase: PocketBase): Promise<StackSession | undefined> => {
  const { isValid, record } = pocketbase.authStore;
  const claimed = namespaceIn(record);
  if (!isValid || claimed === undefined) return undefined;
  const renewed = await pocketbase.collection(`users_${claimed}`).authRefresh();
  const { email = "", name, role = "member", collectionName } = readPerson(renewed.record);
  const namespace = namespaceOfUsers(collectionName);
  return namespace === undefined
    ? undefined
    : {
        namespace,
        tenant: readMeta(renewed.meta).tenant,
        role,
        name: name === undefined || name === "" ? email : name,
      };
};
