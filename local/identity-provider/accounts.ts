import type { Organisation } from "./seed.ts";
import { organisations } from "./seed.ts";

/** @throws when the seed names an organisation that it does not list, which is a mistake in `seed.ts` */
export const organisationOf = (orgId: string): Organisation => {
  const organisation = organisations.find((candidate) => candidate.orgId === orgId);
  if (organisation === undefined) throw new Error(`The seed has no organisation ${orgId}.`);
  return organisation;
};
