/** RFC 3986 reserved characters and `%`: their escapes are kept (in upper case), all others are decoded. */
const reserved = new Set("!*'();:@&=+$,/?%#[]");
const unsafeOnTheWire = /[^!#$&'()*+,/:;=?@[\]A-Za-z\d\-_.~%]/g;

const decodeUnreserved = (escape: string, hex: string): string => {
  const character = String.fromCharCode(Number.parseInt(hex, 16));
  return reserved.has(character) ? escape.toUpperCase() : character;
};

const withoutDotSegments = (path: string): string => {
  const kept: string[] = [];
  const segments = path.split("/");
  segments.forEach((segment, index) => {
    const isLast = index === segments.length - 1;
    if (segment === "..") kept.pop();
    const isDropped = segment === "" || segment === "." || segment === "..";
    if (!isDropped) kept.push(segment);
    if (isLast && isDropped) kept.push("");
  });
  return `/${kept.join("/")}`;
};

/**
 * What Kong matches and forwards (kong/tools/uri.lua, 3.9): escapes of unreserved characters decoded, `%2F` and the like
 * kept, `.` and `..` resolved, slashes merged. One character per byte, as `IncomingMessage.url` has it.
 */
export const normalisePath = (path: string): string =>
  withoutDotSegments(path.replaceAll(/%([\dA-Fa-f]{2})/g, decodeUnreserved));

/** The form a normalised path is sent in: whatever is not safe in a request line is escaped again. */
export const escapePath = (path: string): string =>
  path.replaceAll(
    unsafeOnTheWire,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
