import { ApiError, apiErrorOf } from "./api-error.ts";

/** Longer than the 20 s a caller may be kept waiting for a tenant. */
const timeoutMilliseconds = 40_000;

const send = async (url: string, init: RequestInit): Promise<Response> => {
  try {
    return await fetch(url, { signal: AbortSignal.timeout(timeoutMilliseconds), ...init, cache: "no-store" });
  } catch (cause) {
    throw new ApiError(
      "kombify cannot be reached. Check your connection and try again.",
      { status: 0, code: "offline" },
      {
        cause,
      },
    );
  }
};

const readBody = async (response: Response): Promise<unknown> => {
  try {
    return await response.json();
  } catch {
    // Not every server on the way answers in JSON; the status says enough.
    return undefined;
  }
};

/** A successful answer, within forty seconds or the signal of `init`. @throws ApiError for everything else */
export const fetchOk = async (url: string, init: RequestInit = {}): Promise<Response> => {
  const response = await send(url, init);
  if (!response.ok) throw apiErrorOf(response.status, response.headers, await readBody(response));
  return response;
};

/** The JSON of a successful answer. @throws ApiError for everything else */
export const fetchJson = async (url: string, init: RequestInit = {}): Promise<unknown> =>
  readBody(await fetchOk(url, init));
