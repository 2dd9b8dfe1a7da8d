import { join } from "node:path";
import PocketBase, { BaseAuthStore } from "pocketbase";
import { z } from "zod";
import { operatorOrgId, projectId } from "../local/identity-provider/seed.ts";
import { makeApiClient } from "../local/journey/api-client.ts";
import { provisionInstance } from "../local/journey/operator-steps.ts";
import type { Platform } from "../local/platform.ts";
import { startPlatform } from "../local/platform.ts";
import { findPocketBase } from "../local/pocketbase/find-pocketbase.ts";
import { readKeys, withFreePorts } from "../local/settings.ts";
import { fileSecretStore } from "../shared/adapters/files/secret-store.ts";
import { superuserEmail, superuserSecretName } from "../shared/secrets/secret-store.ts";

/** A whole platform with one instance in service, and a superuser's client of that instance for the baselines. */
export interface BenchPlatform {
  readonly gatewayUrl: string;
  readonly functionsUrl: string;
  readonly functionsKey: string;
  readonly pocketbasePath: string;
  readonly superuser: PocketBase;
  /** An access token of a person of this organisation. */
  tokenFor(orgId: string, sub: string): Promise<string>;
  close(): Promise<void>;
}

const Token = z.object({ access_token: z.string() });

const tokensOf =
  ({ identityProvider }: Platform): BenchPlatform["tokenFor"] =>
  async (orgId, sub) => {
    const claims = {
      sub,
      email: `${sub}@bench.example`,
      "urn:zitadel:iam:user:resourceowner:id": orgId,
      "urn:zitadel:iam:org:project:roles": { admin: { [orgId]: "bench.example" } },
      [`urn:zitadel:iam:org:project:${projectId}:roles`]: { admin: { [orgId]: "bench.example" } },
    };
    const answer = await fetch(`${identityProvider}/dev/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: "olivia@kombify.example", claims }),
    });
    return Token.parse(await answer.json()).access_token;
  };

/** Puts one instance into service, as an operator does, and signs in to it as its superuser. */
const openSuperuser = async (platform: Platform, token: string, secretsDirectory: string): Promise<PocketBase> => {
  const { id, internalEndpoint } = await provisionInstance(makeApiClient(platform.gateway), token);
  const password = await fileSecretStore(secretsDirectory).read(superuserSecretName(id));
  if (internalEndpoint === null || password === undefined) throw new Error(`The instance ${id} cannot be reached.`);
  const superuser = new PocketBase(internalEndpoint, new BaseAuthStore());
  superuser.autoCancellation(false);
  await superuser.collection("_superusers").authWithPassword(superuserEmail, password);
  return superuser;
};

/**
 * Starts a platform with data of its own below `directory`. Both sides of every pair meet the same instance of it: the
 * same size, the same hooks. They call the Functions host and PocketBase directly, without the gateway and its limits.
 */
export const openBenchPlatform = async (directory: string, onEvent: (line: string) => void): Promise<BenchPlatform> => {
  const dataDirectory = join(directory, "platform");
  const keys = readKeys(dataDirectory);
  const pocketbase = await findPocketBase({ onProgress: onEvent });
  const simulations = { kind: "off", reason: "They are measured by themselves." } as const;
  const { started: platform, letGo } = await withFreePorts(dataDirectory, (ports) =>
    startPlatform({ dataDirectory, ports, keys, pocketbase, host: "local", settings: {}, simulations, onEvent }),
  );
  const close = async (): Promise<void> => {
    await platform.stop();
    await letGo();
  };
  try {
    const tokenFor = tokensOf(platform);
    const operator = await tokenFor(operatorOrgId, "300000000000001001");
    const superuser = await openSuperuser(platform, operator, join(dataDirectory, "secrets"));
    const { functions: functionsUrl, gateway: gatewayUrl } = platform;
    return {
      ...{ gatewayUrl, functionsUrl, functionsKey: keys.gateway, pocketbasePath: pocketbase.path, superuser, tokenFor },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};
