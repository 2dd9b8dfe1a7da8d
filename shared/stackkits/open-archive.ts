import type { JWK } from "jose";
import { DomainError } from "../kernel/errors.ts";
import { lintKit } from "./lint-kit.ts";
import type { PublishedKit } from "./published-kit.ts";
import { publishedKitOf } from "./published-kit.ts";
import { readKitArchive } from "./read-archive.ts";
import type { Signed } from "./sign-archive.ts";
import { isSignedBy, sha256Of } from "./sign-archive.ts";

const refused = (why: string): DomainError =>
  new DomainError("kit-unverified", `This version of the kit is not handed out: ${why}.`);

/**
 * The kit in a published archive, once its digest, its signature and its name have been found right: what is shown and
 * installed is what the publisher signed, whoever may write to the store. @throws DomainError `kit-unverified`
 */
export const openArchive = async (
  signed: Signed & { readonly sha256: string; readonly sizeBytes: number },
  signature: string,
  keys: readonly JWK[],
): Promise<PublishedKit> => {
  const { archive, id, version, sha256, sizeBytes } = signed;
  if (archive.length !== sizeBytes) throw refused("its size is not the published one");
  if (sha256Of(archive) !== sha256) throw refused("its digest is not the published one");
  if (!(await isSignedBy(signed, signature, keys))) throw refused("its signature is of none of the known keys");
  const { files, findings } = readKitArchive(archive);
  // Rules of lint may have been added since it was published; that it can be read is all that counts.
  const { kit } = findings.length === 0 ? lintKit(files) : { kit: undefined };
  if (kit?.id !== id || kit.version !== version) throw refused("its archive holds another kit");
  return publishedKitOf(kit, files);
};
