import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { LetGo } from "./process/claim-port.ts";
import { claimPort } from "./process/claim-port.ts";
import { freePort, isPortFree } from "./process/free-port.ts";
import { PortTakenError } from "./process/port-taken.ts";

/** Where the platform would like to listen; a port that is taken is replaced by a free one. */
const preferredPorts = {
  gateway: 8000,
  functions: 7071,
  identityProvider: 8081,
  resourceManager: 8082,
  stripe: 8083,
  simHost: 7080,
  blob: 10_000,
  queue: 10_001,
} as const;
export type Ports = Readonly<Record<keyof typeof preferredPorts, number>>;

/**
 * `gateway`: the function key that the gateway sends; `simHost`: what sim-host knows the gateway by. `zitadelMachineKey`: an RSA
 * key as PEM (PKCS 8), with which the app signs in at the identity provider.
 */
const Keys = z.object({
  master: z.string(),
  gateway: z.string(),
  simHost: z.string(),
  resourceManager: z.string(),
  zitadelWebhook: z.string(),
  zitadelComplement: z.string(),
  zitadelMachineKey: z.string(),
  stripeApi: z.string(),
  stripeWebhook: z.string(),
});
export type Keys = z.infer<typeof Keys>;

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
};

const PortsFile = z.record(z.string(), z.number());

/** Ports that are claimed for as long as a platform runs. */
interface ClaimedPorts {
  readonly ports: Ports;
  readonly letGo: LetGo;
}

const claimsOf = () => {
  const claims: LetGo[] = [];
  return {
    /** False when the port is somebody's. */
    async take(port: number): Promise<boolean> {
      if (!(await isPortFree(port))) return false;
      const claim = await claimPort(port);
      if (claim !== undefined) claims.push(claim);
      return claim !== undefined;
    },
    letGo: async (): Promise<void> => {
      await Promise.all(claims.map((claim) => claim()));
    },
  };
};

/**
 * The usual port comes first, so that a platform that once had to move comes back; then the one of the last start.
 * Without `usual` all are free ones.
 */
const choosePorts = async (dataDirectory: string, usual: Ports | undefined): Promise<ClaimedPorts> => {
  const file = join(dataDirectory, "ports.json");
  const last = usual === undefined ? {} : PortsFile.parse(JSON.parse(read(file) ?? "{}"));
  const claims = claimsOf();
  const choose = async (name: keyof Ports): Promise<number> => {
    for (const wanted of [usual?.[name], last[name]]) {
      if (wanted !== undefined && (await claims.take(wanted))) return wanted;
    }
    for (;;) {
      const found = await freePort();
      if (await claims.take(found)) return found;
    }
  };
  const ports: Ports = {
    gateway: await choose("gateway"),
    functions: await choose("functions"),
    identityProvider: await choose("identityProvider"),
    resourceManager: await choose("resourceManager"),
    stripe: await choose("stripe"),
    simHost: await choose("simHost"),
    blob: await choose("blob"),
    queue: await choose("queue"),
  };
  writeFileSync(file, JSON.stringify(ports, undefined, 2));
  return { ports, letGo: claims.letGo };
};

const startsMax = 3;

const isAnyTaken = async (ports: Ports): Promise<boolean> => {
  for (const port of Object.values(ports)) if (!(await isPortFree(port))) return true;
  return false;
};

/**
 * Starts something that listens on all ports. A port that somebody else took between the choice and the listening (a
 * second start at the same moment, an outgoing connection) is replaced and the start repeated, three times at most. The
 * last try leaves the usual ports alone: two platforms that start in step would take them from each other again. The ports stay
 * claimed until they are let go.
 */
export const withFreePorts = async <T>(
  dataDirectory: string,
  start: (ports: Ports) => Promise<T>,
  usual: Ports = preferredPorts,
): Promise<{ readonly started: T; readonly letGo: LetGo }> => {
  for (let count = 1; ; count += 1) {
    const { ports, letGo } = await choosePorts(dataDirectory, count < startsMax ? usual : undefined);
    try {
      return { started: await start(ports), letGo };
    } catch (error) {
      await letGo();
      // Who took the port may be gone again by now: then only the part knows why it ended.
      const wasTaken = error instanceof PortTakenError || (await isAnyTaken(ports));
      if (count === startsMax || !wasTaken) throw error;
    }
  }
};

const makeKeys: Readonly<Record<keyof Keys, () => string>> = (() => {
  const random = (): string => randomBytes(32).toString("base64url");
  const rsa = (): string =>
    generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    }).privateKey;
  const shared = { master: random, gateway: random, simHost: random, resourceManager: random };
  const stripe = { stripeApi: () => `sk_test_${random()}`, stripeWebhook: () => `whsec_${random()}` };
  return { ...shared, ...stripe, zitadelWebhook: random, zitadelComplement: random, zitadelMachineKey: rsa };
})();

const StoredKeys = z.record(z.string(), z.string());

/** Keys between the parts: made once, kept in a file that only its owner can read. A file of an older release gets the newer ones. */
export const readKeys = (dataDirectory: string): Keys => {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const file = join(dataDirectory, "keys.json");
  const stored = StoredKeys.parse(JSON.parse(read(file) ?? "{}"));
  const missing = Object.entries(makeKeys).filter(([name]) => stored[name] === undefined);
  const keys = Keys.parse({ ...stored, ...Object.fromEntries(missing.map(([name, make]) => [name, make()])) });
  if (missing.length > 0) writeFileSync(file, JSON.stringify(keys, undefined, 2), { mode: 0o600 });
  return keys;
};
