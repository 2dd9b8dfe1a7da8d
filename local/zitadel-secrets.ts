import { createPublicKey } from "node:crypto";
import { fileSecretStore } from "../shared/adapters/files/secret-store.ts";
import { machineKeySecret } from "../shared/adapters/zitadel/machine-token.ts";
import { complementKeysSecret, webhookKeysSecret } from "../shared/users/signing-keys.ts";
import type { Keys } from "./settings.ts";

const machineUser = { userId: "300000000000009001", keyId: "300000000000009002" } as const;

/** The machine user as the identity provider knows it: without the half of the key that is the app's. */
export const machineUserOf = ({ zitadelMachineKey }: Keys) => ({
  ...machineUser,
  publicKey: createPublicKey(zitadelMachineKey).export({ type: "spki", format: "pem" }).toString(),
});

/** Puts what Zitadel would have handed out (signing keys, the machine user's key file) where the app looks for it. */
export const storeZitadelSecrets = async (directory: string, keys: Keys): Promise<void> => {
  const secrets = fileSecretStore(directory);
  const wanted = {
    [webhookKeysSecret]: keys.zitadelWebhook,
    [complementKeysSecret]: keys.zitadelComplement,
    [machineKeySecret]: JSON.stringify({ type: "serviceaccount", key: keys.zitadelMachineKey, ...machineUser }),
  };
  for (const [name, value] of Object.entries(wanted)) {
    if ((await secrets.read(name)) === value) continue;
    await secrets.remove(name);
    await secrets.createIfAbsent(name, value);
  }
};
