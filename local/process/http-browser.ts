interface Cookie {
  readonly path: string;
  readonly pair: string;
}

/** As much of a browser as a sign-in needs: cookies by path, and redirects that the caller follows. */
export interface HttpBrowser {
  get(url: string): Promise<Response>;
  post(
    url: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
}

const timeoutMilliseconds = 10_000;

const keepCookie = (cookies: Map<string, Cookie>, line: string): void => {
  const [pair = "", ...attributes] = line.split(/;\s*/);
  const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice("path=".length) ?? "/";
  const key = `${pair.split("=", 1)[0] ?? ""} ${path}`;
  const isGone = attributes.some((attribute) => /^expires=Thu, 01 Jan 1970/i.test(attribute));
  if (isGone) cookies.delete(key);
  else cookies.set(key, { path, pair });
};

export const makeHttpBrowser = (): HttpBrowser => {
  const cookies = new Map<string, Cookie>();
  const send = async (url: string, init: RequestInit): Promise<Response> => {
    const { pathname } = new URL(url);
    const cookie = [...cookies.values()].filter(({ path }) => pathname.startsWith(path)).map(({ pair }) => pair);
    const response = await fetch(url, {
      ...init,
      headers: { ...Object.fromEntries(new Headers(init.headers)), cookie: cookie.join("; ") },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
    response.headers.getSetCookie().forEach((line) => keepCookie(cookies, line));
    return response;
  };
  return {
    get: (url) => send(url, {}),
    post: (url, form, headers = {}) => send(url, { method: "POST", body: new URLSearchParams(form), headers }),
  };
};

/** Where a redirect leads, as an absolute URL. @throws Error when the response is no redirect */
export const locationOf = (response: Response): string => {
  const location = response.headers.get("location");
  if (location === null) throw new Error(`No redirect but ${response.status} from ${new URL(response.url).pathname}`);
  return new URL(location, response.url).href;
};
