/**
 * Settings of every Stack instance, shared by its tenants. Batch stays off: one batch of 50 holds the only writer for
 * everybody. Rate limits count per address, behind our own proxies, and never the control plane; a tenant's quota is the
 * gateway's business. Logs hold neither addresses nor people.
 */
export const instanceSettings = {
  meta: { appName: "kombify Stack", hideControls: true },
  batch: { enabled: false },
  trustedProxy: { headers: ["X-Forwarded-For"], useLeftmostIP: false },
  rateLimits: {
    enabled: true,
    rules: [
      { label: "*:auth", audience: "@guest", duration: 10, maxRequests: 60 },
      { label: "/api/", audience: "@guest", duration: 10, maxRequests: 300 },
      { label: "/api/", audience: "@auth", duration: 10, maxRequests: 10_000 },
    ],
  },
  logs: { maxDays: 5, logIP: false, logAuthId: false },
} as const;
