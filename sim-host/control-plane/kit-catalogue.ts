import { z } from "zod";
import { readBounded } from "../../shared/adapters/http/read-bounded.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import { TrialRecipe } from "../../shared/stackkits/trial-recipe.ts";
import type { KitCatalogue } from "../trials/ports.ts";
import type { Trial } from "../trials/trial.ts";

interface Options {
  /** The Functions app itself, without a slash at the end: the gateway has no route to it. */
  readonly functionsUrl: string;
  /** Read each time, so that a key that was changed is taken up. */
  readonly serviceKey: () => Promise<string>;
}

interface Sent {
  readonly method?: "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A kit that nobody opened lately is read and verified first. */
const timeoutMilliseconds = 10_000;
const answerBytesMax = 512 * 1024;

/** What people are told as the control plane says it; everything else is its trouble, not theirs. */
const Refusal = z.looseObject({
  code: z.enum(["kit-not-found", "kit-version-yanked", "kit-unverified", "kit-not-tried", "plan-required"]),
  detail: z.string().max(1_000),
});
const ofProblems: ReadonlySet<string> = new Set(["type", "title", "status", "code", "detail", "instance", "requestId"]);

const unavailable = (reason: string, cause?: unknown): DomainError =>
  new DomainError("unavailable", `The control plane cannot be asked now (${reason}). Try again in a moment.`, {
    cause,
  });

const refusalOf = (text: string): DomainError | undefined => {
  const { success, data } = Refusal.safeParse(JSON.parse(text));
  if (!success) return undefined;
  const facts = Object.fromEntries(Object.entries(data).filter(([name]) => !ofProblems.has(name)));
  return new DomainError(data.code, data.detail, { facts });
};

const reportOf = ({ tenantId, id, kit, images, startedAt, simulationId, result }: Trial) => ({
  ...{ tenantId, version: kit.version },
  trial: {
    ...{ id, sha256: kit.sha256, startedAt, simulationId, ...result },
    images: images.map(({ service, imageId }) => ({ service, imageId })),
  },
});

/**
 * Whether the control plane itself says that it will never take it. A bare 404 is an older one or whatever stands before it, and a
 * kit that is not found may be an index that is being written.
 */
const isFinal = (text: string): boolean => {
  try {
    const { success, data } = z.looseObject({ code: z.string() }).safeParse(JSON.parse(text));
    return success && ["tenant-not-found", "conflict", "invalid-input", "too-large"].includes(data.code);
  } catch {
    // Not even JSON: not the control plane's own words.
    return false;
  }
};

/** Asks the Functions app for recipes and tells it what trials came to, within ten seconds each (`docs/contracts.md`, C7). */
export const makeKitCatalogue = ({ functionsUrl, serviceKey }: Options): KitCatalogue => {
  const send = async (url: URL, init: Sent = {}): Promise<{ readonly status: number; readonly text: string }> => {
    try {
      const headers = { ...init.headers, authorization: `Bearer ${await serviceKey()}` };
      const signal = AbortSignal.timeout(timeoutMilliseconds);
      const response = await fetch(url, { ...init, headers, signal, redirect: "error" });
      const text = await readBounded(response, answerBytesMax);
      if (text === undefined) throw unavailable("answer too large");
      return { status: response.status, text };
    } catch (error) {
      throw error instanceof DomainError ? error : unavailable(error instanceof Error ? error.name : "?", error);
    }
  };
  const read = <T>(take: () => T): T => {
    try {
      return take();
    } catch (error) {
      throw unavailable("an answer that cannot be read", error);
    }
  };
  const urlOf = (kitId: string, what: string): URL =>
    new URL(`${functionsUrl}/api/internal/stackkits/${encodeURIComponent(kitId)}/${what}`);
  return {
    async recipe(tenantId, kitId, version) {
      const url = urlOf(kitId, "recipe");
      url.searchParams.set("tenant", tenantId);
      if (version !== undefined) url.searchParams.set("version", version);
      const { status, text } = await send(url);
      if (status === 200) return read(() => TrialRecipe.parse(JSON.parse(text)));
      throw read(() => refusalOf(text)) ?? unavailable(`status ${status}`);
    },
    async report(trial) {
      const headers = { "content-type": "application/json" };
      const init = { method: "POST" as const, headers, body: JSON.stringify(reportOf(trial)) };
      const { status, text } = await send(urlOf(trial.kit.id, "trials"), init);
      if (status === 204) return true;
      if (isFinal(text)) return false;
      throw unavailable(`status ${status}`);
    },
  };
};
