import { z } from "zod";
import { readBounded } from "../../shared/adapters/http/read-bounded.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { Plan } from "../../shared/tenants/plan.ts";
import type { Subject } from "../simulations/simulation.ts";

/** What contract C1 says of somebody within an organisation, as far as it matters here. */
export interface Membership {
  /** `nobody`: the control plane does not know them there. */
  readonly person: "active" | "locked-out" | "nobody";
  readonly tenant?: { readonly id: string; readonly plan: Plan; readonly status: string };
  /** Of the answer it was read from. */
  readonly etag?: string;
}

/** @throws DomainError `unavailable` */
export type AskMembership = (subject: Subject, before?: Membership) => Promise<Membership>;

interface Options {
  /** The Functions app itself, without a slash at the end: the gateway has no route to it. */
  readonly functionsUrl: string;
  /** Read each time, so that a key that was changed is taken up. */
  readonly serviceKey: () => Promise<string>;
}

const timeoutMilliseconds = 3_000;
const answerBytesMax = 64 * 1024;

/** Only what is needed; members may be added. */
const Answer = z.object({
  id: z.string(),
  status: z.string(),
  organisation: z.object({ id: z.string() }),
  tenant: z.object({ id: z.string().regex(/^[\w-]{1,64}$/), status: z.string() }).nullable(),
  plan: Plan.nullable(),
});

/** Says what kind of failure it was, never what was sent or received: both name people. */
const unavailable = (reason: string, cause?: unknown): DomainError =>
  new DomainError("unavailable", `The control plane cannot be asked now (${reason}). Try again in a moment.`, {
    cause,
  });

const membershipOf = (text: string, { sub, orgId }: Subject, etag: string | null): Membership => {
  const { id, status, organisation, tenant, plan } = Answer.parse(JSON.parse(text));
  if (id !== sub || organisation.id !== orgId) throw new Error("it is about somebody else");
  return {
    person: status === "active" ? "active" : "locked-out",
    ...(tenant === null || plan === null ? {} : { tenant: { ...tenant, plan } }),
    ...(etag === null ? {} : { etag }),
  };
};

/** Asks the Functions app: `GET /api/internal/users/{sub}?organisation=` (contract C1), within three seconds. */
export const makeAskMembership =
  ({ functionsUrl, serviceKey }: Options): AskMembership =>
  async (subject, before) => {
    const url = new URL(`${functionsUrl}/api/internal/users/${encodeURIComponent(subject.sub)}`);
    url.searchParams.set("organisation", subject.orgId);
    try {
      const headers = {
        authorization: `Bearer ${await serviceKey()}`,
        ...(before?.etag === undefined ? {} : { "if-none-match": before.etag }),
      };
      const signal = AbortSignal.timeout(timeoutMilliseconds);
      const response = await fetch(url, { headers, signal, redirect: "error" });
      const text = await readBounded(response, answerBytesMax);
      if (text === undefined) throw unavailable("answer too large");
      if (response.status === 304 && before !== undefined) return before;
      // Also when the path leads nowhere, as with a control plane that is older: nobody is let in then.
      if (response.status === 404) return { person: "nobody" };
      if (response.status !== 200) throw unavailable(`status ${response.status}`);
      return membershipOf(text, subject, response.headers.get("etag"));
    } catch (error) {
      throw error instanceof DomainError ? error : unavailable(error instanceof Error ? error.name : "?", error);
    }
  };
