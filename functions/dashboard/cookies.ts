import type { Cookie, HttpRequest } from "@azure/functions";

/** Names and attributes of the dashboard's cookies; nothing but pages below /admin gets them, and no script sees them. */
export interface DashboardCookies {
  readonly session: CookieUse;
  readonly pending: CookieUse;
}

export interface CookieUse {
  read(request: HttpRequest): string | undefined;
  set(value: string, lifeSeconds: number): Cookie;
  clear(): Cookie;
}

const readCookie = (request: HttpRequest, name: string): string | undefined =>
  (request.headers.get("cookie") ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

const useOf = (name: string, isSecure: boolean): CookieUse => {
  // Lax, not Strict: the browser comes back from the identity provider's site with it.
  const common = { name, path: "/admin", httpOnly: true, sameSite: "Lax", secure: isSecure } as const;
  return {
    read: (request) => readCookie(request, name),
    set: (value, lifeSeconds) => ({ ...common, value, maxAge: lifeSeconds }),
    clear: () => ({ ...common, value: "", maxAge: 0 }),
  };
};

/** With https the prefix `__Secure-` makes browsers refuse the cookie from anything else (RFC 6265bis section 4.1.3). */
export const dashboardCookies = (publicOrigin: string): DashboardCookies => {
  const isSecure = publicOrigin.startsWith("https:");
  const prefix = isSecure ? "__Secure-" : "";
  return {
    session: useOf(`${prefix}kombify-admin`, isSecure),
    pending: useOf(`${prefix}kombify-admin-sign-in`, isSecure),
  };
};
