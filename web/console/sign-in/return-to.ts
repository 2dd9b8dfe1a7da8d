const returnKey = "kombify.return-to";

/** Only pages of ours: an address of another site is none of them. */
const isOwnPage = (path: string): boolean =>
  /^\/(?:kits|simulations)(?:[/?][\w/?&=.%~+-]*)?$/.test(path) && !path.includes("//");

/** Where to go on after signing in. */
export const rememberReturn = (storage: Storage, path: string): void => storage.setItem(returnKey, path);

/** The page that was asked for before signing in; undefined when there is none. It is given once. */
export const takeReturn = (storage: Storage): string | undefined => {
  const path = storage.getItem(returnKey);
  storage.removeItem(returnKey);
  return path !== null && isOwnPage(path) ? path : undefined;
};
