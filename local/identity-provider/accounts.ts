import type { Account, Organisation } from "./seed.ts";
import { organisations, seededAccounts } from "./seed.ts";

export const findBySub = (sub: string): Account | undefined => seededAccounts.find((account) => account.sub === sub);

/** Email addresses are compared without regard to case and outer blanks, as people type them. */
export const findByEmail = (email: string): Account | undefined => {
  const wanted = email.trim().toLowerCase();
  return seededAccounts.find((account) => account.email === wanted);
};

/** @throws when the seed names an organisation that it does not list, which is a mistake in `seed.ts` */
export const organisationOf = (orgId: string): Organisation => {
  const organisation = organisations.find((candidate) => candidate.orgId === orgId);
  if (organisation === undefined) throw new Error(`The seed has no organisation ${orgId}.`);
  return organisation;
};
