import { ApiError } from "./api/api-error.ts";
import type { Launch } from "./api/platform-api.ts";
import { element } from "../page/element.ts";

/**
 * Takes the browser into the Stack: the token travels in the body of a form post, never in an address.
 * @throws ApiError when the platform lives at another origin than this page, where the token must not go
 */
export const openStack = ({ redirectUrl, token }: Launch): void => {
  const target = new URL(redirectUrl, location.href);
  if (target.origin !== location.origin) {
    throw new ApiError(`Please open the console at ${target.origin} and try again there.`, {
      status: 400,
      code: "other-origin",
    });
  }
  const field = element("input", { type: "hidden", name: "token", value: token });
  const form = element("form", { method: "post", action: target.href, hidden: true }, field);
  document.body.append(form);
  form.submit();
  form.remove();
};

/** Ends the browser's session in the Stack as well, when somebody signs out here. */
export const forgetStackSession = (publicEndpoint: string): void => {
  const path = new URL(publicEndpoint, location.href).pathname.replace(/\/*$/, "/");
  document.cookie = `pb_auth=; Path=${path}; Max-Age=0; SameSite=Strict`;
};
