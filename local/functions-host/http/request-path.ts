/** Undoes percent-encoding the way Kestrel does: `%2F` stays, and so does what is not valid UTF-8. */
export const decodePath = (path: string): string => {
  if (!path.includes("%")) return path;
  return path
    .split(/(%2f)/i)
    .map((part) => {
      try {
        return /^%2f$/i.test(part) ? part : decodeURIComponent(part);
      } catch (error) {
        if (error instanceof URIError) return part;
        throw error;
      }
    })
    .join("");
};

export interface RequestTarget {
  /** As sent, starting with a slash. */
  readonly path: string;
  /** With the question mark; empty when there is none. */
  readonly search: string;
}

/** Splits a request target; the absolute form that proxies send is taken too. @returns undefined for `*` and garbage */
export const splitTarget = (target: string): RequestTarget | undefined => {
  if (!target.startsWith("/")) {
    const url = URL.parse(target);
    return url === null ? undefined : { path: url.pathname, search: url.search };
  }
  const question = target.indexOf("?");
  if (question === -1) return { path: target, search: "" };
  return { path: target.slice(0, question), search: target.slice(question) };
};

/** What route templates are compared with: decoded, without the slash in front and one at the end. */
export const routingPath = (path: string): string => {
  const end = path.length > 1 && path.endsWith("/") ? path.length - 1 : path.length;
  return decodePath(path.slice(1, end));
};
