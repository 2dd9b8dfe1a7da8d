import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import PocketBase, { BaseAuthStore } from "pocketbase";
import { z } from "zod";
import { operatorOrgId } from "../local/identity-provider/seed.ts";
import { makeApiClient } from "../local/journey/api-client.ts";
import { provisionInstance } from "../local/journey/operator-steps.ts";
import { startPlatform } from "../local/platform.ts";
import { findPocketBase } from "../local/pocketbase/find-pocketbase.ts";
import { choosePorts, readKeys } from "../local/settings.ts";
import { fileSecretStore } from "../shared/adapters/files/secret-store.ts";
import { superuserEmail, superuserSecretName } from "../shared/secrets/secret-store.ts";

/** A whole platform with one instance in service, and a superuser's client of that instance for the baselines. */
export interface BenchPlatform {
  readonly functionsUrl: string;
  readonly functionsKey: string;
  readonly superuser: PocketBase;
  /** An access token of a person of this organisation. */
  tokenFor(orgId: string, sub: string): Promise<string>;
  close(): Promise<void>;
}

const Token = z.object({ access_token: z.string() });

export const openBenchPlatform = async (directory: string): Promise<BenchPlatform> => {
  const dataDirectory = join(directory, "platform");
  const keys = readKeys(dataDirectory);
  const pocketbase = await findPocketBase({ onProgress: (line) => console.error(line) });
  const ports = await choosePorts(dataDirectory);
  const platform = await startPlatform({
    ...{ dataDirectory, ports, keys, pocketbase, host: "local" },
    onEvent: (line) => console.error(line),
  });
  const tokenFor = async (orgId: string, sub: string): Promise<string> => {
    const claims = {
      sub,
      email: `${sub}@bench.example`,
      "urn:zitadel:iam:user:resourceowner:id": orgId,
      "urn:zitadel:iam:org:project:roles": { admin: { [orgId]: "bench.example" } },
      "urn:zitadel:iam:org:project:300000000000000002:roles": { admin: { [orgId]: "bench.example" } },
    };
    const answer = await fetch(`${platform.identityProvider}/dev/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "olivia@kombify.example", claims }),
    });
    return Token.parse(await answer.json()).access_token;
  };
  const operator = await tokenFor(operatorOrgId, "300000000000001001");
  const { id, internalEndpoint } = await provisionInstance(makeApiClient(platform.gateway), operator);
  if (internalEndpoint === null) throw new Error("The instance has no endpoint.");
  const superuser = new PocketBase(internalEndpoint, new BaseAuthStore());
  superuser.autoCancellation(false);
  const password = await fileSecretStore(join(dataDirectory, "secrets")).read(superuserSecretName(id));
  await superuser.collection("_superusers").authWithPassword(superuserEmail, password ?? "");
  // Whatever the first start still does in the background is not what is measured.
  await sleep(500);
  return {
    functionsUrl: platform.functions,
    functionsKey: keys.gateway,
    superuser,
    tokenFor,
    close: () => platform.stop(),
  };
};
