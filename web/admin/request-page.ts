export interface PageAnswer {
  readonly status: number;
  /** Undefined where nothing changed. */
  readonly page: Document | undefined;
  readonly etag: string | undefined;
}

interface PageRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly etag?: string | undefined;
  readonly body?: URLSearchParams;
}

const timeoutMilliseconds = 15_000;

/**
 * Asks for a page and gets it parsed by the browser: with XMLHttpRequest no text becomes HTML in our hands, so the policy
 * can forbid that altogether (Trusted Types). @throws Error when there is no answer
 */
export const requestPage = ({ method, url, etag, body }: PageRequest): Promise<PageAnswer> =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.responseType = "document";
    request.timeout = timeoutMilliseconds;
    request.setRequestHeader("x-kombify-live", "1");
    if (etag !== undefined) request.setRequestHeader("if-none-match", etag);
    const fail = (): void => reject(new Error("The platform did not answer."));
    request.addEventListener("error", fail);
    request.addEventListener("timeout", fail);
    request.addEventListener("load", () => {
      resolve({
        status: request.status,
        page: request.responseXML ?? undefined,
        etag: request.getResponseHeader("etag") ?? undefined,
      });
    });
    request.send(body ?? null);
  });
