import type { CryptoKey } from "jose";
import { importPKCS8, SignJWT } from "jose";
import { z } from "zod";
import { DomainError } from "../../kernel/errors.ts";
import type { SecretStore } from "../../secrets/secret-store.ts";

/** The machine user's key file, as Zitadel hands it out (`type: serviceaccount`). Only its holder ever has it. */
export const machineKeySecret = "zitadel-machine-key";

const KeyFile = z.object({ keyId: z.string().min(1), key: z.string().min(1), userId: z.string().min(1) });
const Answer = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

export interface MachineTokenOptions {
  readonly issuer: string;
  readonly secrets: Pick<SecretStore, "read">;
  readonly post: (path: string, body: URLSearchParams) => Promise<unknown>;
  readonly now: () => Date;
}

/** An access token of the machine user: kept until it is about to end, or until somebody says it was refused. */
export interface MachineToken {
  get(): Promise<string>;
  forget(token: string): void;
}

const assertionSeconds = 60;
const earlySeconds = 60;
const scope = "openid urn:zitadel:iam:org:project:id:zitadel:aud";

const missing = (): DomainError =>
  new DomainError(
    "identity-provider-unavailable",
    `The secret ${machineKeySecret} does not hold the key file of a machine user.`,
  );

/** Without the cause: what cannot be parsed may be quoted in it. */
const readKeyFile = (text: string | undefined): z.infer<typeof KeyFile> => {
  try {
    return KeyFile.parse(JSON.parse(text ?? ""));
  } catch {
    throw missing();
  }
};

/** Without the cause here as well. */
const importKey = (pem: string): Promise<CryptoKey> =>
  importPKCS8(pem, "RS256").catch(() => {
    throw missing();
  });

/** RFC 7523 with a private key: nothing that could be used later goes over the wire. */
export const machineToken = ({ issuer, secrets, post, now }: MachineTokenOptions): MachineToken => {
  let known: { readonly token: string; readonly until: number } | undefined;
  let pending: Promise<string> | undefined;
  const fetchToken = async (): Promise<string> => {
    const { keyId, key, userId } = readKeyFile(await secrets.read(machineKeySecret));
    const seconds = Math.floor(now().getTime() / 1000);
    const assertion = await new SignJWT()
      .setProtectedHeader({ alg: "RS256", kid: keyId })
      .setIssuer(userId)
      .setSubject(userId)
      .setAudience(issuer)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + assertionSeconds)
      .sign(await importKey(key));
    const grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    const answer = Answer.safeParse(
      await post("/oauth/v2/token", new URLSearchParams({ grant_type: grant, scope, assertion })),
    );
    if (!answer.success) {
      throw new DomainError("identity-provider-unavailable", "The identity provider gives the machine user no token.");
    }
    known = { token: answer.data.access_token, until: seconds + answer.data.expires_in - earlySeconds };
    return known.token;
  };
  return {
    async get() {
      if (known !== undefined && now().getTime() / 1000 < known.until) return known.token;
      pending ??= fetchToken().finally(() => {
        pending = undefined;
      });
      return pending;
    },
    forget: (token) => {
      if (known?.token === token) known = undefined;
    },
  };
};
