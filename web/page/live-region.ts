import { byId } from "./element.ts";

/** Says something to screen readers, once for each change. Needs `<p id="status" role="status">` in the page. */
export const announce = (text: string): void => {
  const region = byId("status", HTMLParagraphElement);
  if (region.textContent !== text) region.textContent = text;
};
