import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** Stands in for the control plane (contract C1) and the identity provider's keys, which are other programs. */
export interface ControlPlane {
  readonly url: string;
  /** An access token of somebody of a tenant; tenants come into being when they are named. */
  token(tenantId: string): Promise<string>;
  /** What the control plane says of a tenant from now on. */
  set(tenantId: string, change: { readonly plan?: string; readonly status?: string }): void;
  close(): Promise<void>;
}

export const audience = "300000000000000002";
const keyId = "control-plane";

export const startControlPlane = async (): Promise<ControlPlane> => {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const jwk = { ...(await exportJWK(publicKey)), kid: keyId, alg: "RS256", use: "sig" };
  const tenants = new Map<string, { plan: string; status: string }>();
  const tenantOf = (tenantId: string) => {
    const tenant = tenants.get(tenantId) ?? { plan: "enterprise", status: "active" };
    tenants.set(tenantId, tenant);
    return tenant;
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://control-plane");
    const sub = /^\/api\/internal\/users\/(.+)$/.exec(url.pathname)?.[1];
    response.setHeader("content-type", "application/json");
    if (url.pathname === "/keys") return response.end(JSON.stringify({ keys: [jwk] }));
    if (sub === undefined) return response.writeHead(404).end("{}");
    const id = url.searchParams.get("organisation") ?? "";
    const { plan, status } = tenantOf(id);
    const tenant = { id, slug: id, name: id, status };
    return response.end(JSON.stringify({ id: sub, status: "active", organisation: { id }, tenant, plan }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    token: (tenantId) => {
      const claims = { "urn:zitadel:iam:user:resourceowner:id": tenantId };
      return new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: keyId })
        .setSubject(`${tenantId}-owner`)
        .setIssuer(url)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime("1h")
        .sign(privateKey);
    },
    set: (tenantId, change) => void tenants.set(tenantId, { ...tenantOf(tenantId), ...change }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};
