import { element } from "./element.ts";

/** Hands a file to the person, as a download of that name. */
export const saveBlob = (contents: Blob, name: string): void => {
  const href = URL.createObjectURL(contents);
  element("a", { href, download: name }).click();
  URL.revokeObjectURL(href);
};
