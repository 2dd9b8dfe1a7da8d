import { z } from "zod";

/** A role of the project, as the product's gates know it. */
export const Role = z.enum(["admin", "member"]);
export type Role = z.infer<typeof Role>;

/** An organisation as Zitadel names it: the primary domain stands beside the id wherever roles are asserted. */
export interface Organisation {
  readonly orgId: string;
  readonly name: string;
  readonly primaryDomain: string;
}

/** A role a person holds in an organisation other than their own. Worth nothing in any other organisation. */
interface ForeignGrant {
  readonly role: Role;
  readonly orgId: string;
}

/** A seeded person. The password is for development and public on purpose. */
export interface Account {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  /** Name of the organisation the person belongs to. */
  readonly organisation: string;
  readonly orgId: string;
  /** Roles held in the person's own organisation. */
  readonly roles: readonly Role[];
  /** Roles held elsewhere: a check that ignores the organisation id below a role lets these people in. */
  readonly foreignGrants?: readonly ForeignGrant[];
  /** Zitadel's user id: digits in a string. */
  readonly sub: string;
}

export const projectId = "300000000000000002";
export const consoleClientId = "kombify-console";
export const dashboardClientId = "kombify-dashboard";

const kombify: Organisation = { orgId: "300000000000000001", name: "kombify", primaryDomain: "kombify.example" };
const acme: Organisation = { orgId: "300000000000000101", name: "Acme", primaryDomain: "acme.example" };
const globex: Organisation = { orgId: "300000000000000201", name: "Globex", primaryDomain: "globex.example" };
const initech: Organisation = { orgId: "300000000000000301", name: "Initech", primaryDomain: "initech.example" };

/** The organisation whose admins operate the platform. */
export const operatorOrgId = kombify.orgId;
export const organisations: readonly Organisation[] = [kombify, acme, globex, initech];

interface Person {
  readonly name: string;
  readonly sub: string;
  readonly roles: readonly Role[];
  readonly foreignGrants?: readonly ForeignGrant[];
}

const people = (organisation: Organisation, persons: readonly Person[]): readonly Account[] =>
  persons.map(({ name, ...person }) => {
    const [first = name] = name.toLowerCase().split(" ");
    const [company = ""] = organisation.primaryDomain.split(".");
    return {
      email: `${first}@${organisation.primaryDomain}`,
      password: `${company}-${first}-dev`,
      name,
      organisation: organisation.name,
      orgId: organisation.orgId,
      ...person,
    };
  });

/** Everybody who can sign in. Mallory holds `admin`, but for Acme only and nothing at home. */
export const seededAccounts: readonly Account[] = [
  ...people(kombify, [{ name: "Olivia Operator", sub: "300000000000001001", roles: ["admin"] }]),
  ...people(acme, [
    { name: "Ada Archer", sub: "300000000000001101", roles: ["admin"] },
    { name: "Ben Baker", sub: "300000000000001102", roles: ["member"] },
    { name: "Cleo Carter", sub: "300000000000001103", roles: ["member"] },
  ]),
  ...people(globex, [
    { name: "Gina Gardner", sub: "300000000000001201", roles: ["admin"] },
    { name: "Hugo Hunter", sub: "300000000000001202", roles: ["member"] },
    { name: "Iris Irving", sub: "300000000000001203", roles: ["member"] },
  ]),
  ...people(initech, [
    { name: "Ian Ingram", sub: "300000000000001301", roles: ["admin"] },
    { name: "Jane Joiner", sub: "300000000000001302", roles: ["member"] },
    { name: "Karl Keeper", sub: "300000000000001303", roles: ["member"] },
    {
      name: "Mallory Mason",
      sub: "300000000000001304",
      roles: [],
      foreignGrants: [{ role: "admin", orgId: acme.orgId }],
    },
  ]),
];
