import { textOption, triggerBinding } from "../core/bindings.ts";
import type { RegisteredFunction } from "../core/rpc.ts";
import { type RouteMatcher, type RouteValues, compileRoute } from "./route-template.ts";

type AuthLevel = "anonymous" | "function" | "admin";

export interface HttpRoute {
  readonly registered: RegisteredFunction;
  readonly bindingName: string;
  readonly authLevel: AuthLevel;
  /** Upper case. */
  readonly methods: ReadonlySet<string>;
  /** With the route prefix, without leading slash. */
  readonly template: string;
  readonly match: RouteMatcher;
}

export interface RouteTable {
  readonly routes: readonly HttpRoute[];
  /** Why a function is not served, by function name. */
  readonly errors: ReadonlyMap<string, string>;
  /** @param path decoded, without leading or trailing slash */
  readonly find: (
    method: string,
    path: string,
  ) => { readonly route: HttpRoute; readonly values: RouteValues } | undefined;
}

const readMethods = (value: unknown): ReadonlySet<string> => {
  const methods = Array.isArray(value) && value.length > 0 ? value : ["GET", "POST"];
  return new Set(methods.map((method) => String(method).toUpperCase()));
};

const readAuthLevel = (value: string | undefined): AuthLevel => {
  const level = (value ?? "anonymous").toLowerCase();
  if (level === "anonymous" || level === "function" || level === "admin") return level;
  throw new Error(`The authLevel "${level}" is not known.`);
};

const makeRoute = (registered: RegisteredFunction, routePrefix: string): HttpRoute => {
  const { name: bindingName, info } = triggerBinding(registered);
  const route = (textOption(info, "route") ?? registered.name).replace(/^\/+|\/+$/g, "");
  // Reserved whatever the prefix is, and as text: "administration" is refused too (ScriptHost.ValidateHttpFunction).
  if (/^(admin|runtime)/i.test(route)) {
    throw new Error("The specified route conflicts with one or more built in routes.");
  }
  const template = [routePrefix, route].filter((part) => part !== "").join("/");
  return {
    registered,
    bindingName,
    authLevel: readAuthLevel(textOption(info, "authLevel")),
    methods: readMethods(info["methods"]),
    template,
    match: compileRoute(template),
  };
};

const findConflict = (routes: readonly HttpRoute[], route: HttpRoute): HttpRoute | undefined =>
  routes.find(
    (other) =>
      other.template.toLowerCase() === route.template.toLowerCase() &&
      [...route.methods].some((method) => other.methods.has(method)),
  );

/** Function names are compared the way the real host sorts them: ordinal, without regard to case. */
export const byFunctionName = (left: RegisteredFunction, right: RegisteredFunction): number => {
  const [a, b] = [left.name.toUpperCase(), right.name.toUpperCase()];
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

/**
 * The routes of an app. The first match in function-name order wins; there is no literal-before-parameter precedence.
 * Source: azure-functions-host WebScriptHostHttpRoutesManager.cs, FunctionMetadataManager.cs.
 * @param functions HTTP functions only
 */
export const buildRouteTable = (functions: readonly RegisteredFunction[], routePrefix: string): RouteTable => {
  const prefix = routePrefix.replace(/^\/+|\/+$/g, "");
  const routes: HttpRoute[] = [];
  const errors = new Map<string, string>();
  for (const registered of [...functions].sort(byFunctionName)) {
    try {
      const route = makeRoute(registered, prefix);
      const conflict = findConflict(routes, route);
      if (conflict !== undefined) {
        throw new Error(
          `The route specified conflicts with the route defined by function '${conflict.registered.name}'.`,
        );
      }
      routes.push(route);
    } catch (error) {
      errors.set(registered.name, error instanceof Error ? error.message : String(error));
    }
  }
  return {
    routes,
    errors,
    find: (method, path) => {
      for (const route of routes) {
        if (!route.methods.has(method)) continue;
        const values = route.match(path);
        if (values !== undefined) return { route, values };
      }
      return undefined;
    },
  };
};
