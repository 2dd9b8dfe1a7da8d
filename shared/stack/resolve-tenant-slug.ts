import { parseSlug, type ParsedSlug } from "./slug.ts";

/** What a request says about its tenant, as it came in. */
export interface TenantHints {
  /** Value of `x-tenant-slug`. */
  readonly tenantSlugHeader?: string | undefined;
  /** Value of `Host`; a port is ignored. */
  readonly host?: string | undefined;
  /** Domain under which every tenant has one label, for example `stack.kombify.io`. */
  readonly stackDomain: string;
}

export type ResolvedTenantSlug = ParsedSlug | { readonly kind: "absent" };

const labelBelow = (host: string, domain: string): string | undefined => {
  const name = host.toLowerCase().replace(/:\d+$/u, "").replace(/\.$/u, "");
  const suffix = `.${domain.toLowerCase()}`;
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : undefined;
};

/**
 * The tenant a request means: `x-tenant-slug`, or the label below the Stack domain (seed Task 1.1). When both are given
 * they must agree, so that a header cannot turn one tenant's host into another's. The slug is a wish, not a right.
 */
export const resolveTenantSlug = ({ tenantSlugHeader, host, stackDomain }: TenantHints): ResolvedTenantSlug => {
  const fromHost = host === undefined ? undefined : labelBelow(host, stackDomain);
  if (tenantSlugHeader !== undefined && fromHost !== undefined && tenantSlugHeader !== fromHost) {
    return { kind: "refused", reason: "The header x-tenant-slug and the host name different tenants." };
  }
  const wanted = tenantSlugHeader ?? fromHost;
  return wanted === undefined ? { kind: "absent" } : parseSlug(wanted);
};
