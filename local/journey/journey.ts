import type { ApiClient } from "./api-client.ts";
import { makeApiClient } from "./api-client.ts";
import type { StackClient } from "./member-steps.ts";
import { enterStack, provisionTenant } from "./member-steps.ts";
import { installKit } from "./kit-steps.ts";
import { runLab, startLab } from "./simulation-steps.ts";
import { provisionInstance } from "./operator-steps.ts";
import type { Credentials, SignInAddress } from "./sign-in.ts";
import { signIn } from "./sign-in.ts";
import { proveKit } from "./trial-steps.ts";

export interface JourneyOptions {
  readonly gateway: string;
  readonly signIn: SignInAddress;
  readonly operator: Credentials;
  readonly acme: Credentials;
  readonly globex: Credentials;
  readonly hasSimulations: boolean;
  /** Called when a step is over: what it did, and how long it took. */
  readonly onStep: (step: { readonly title: string; readonly detail: string; readonly milliseconds: number }) => void;
}

const signInAttemptsMax = 20;

interface Member {
  readonly token: string;
  readonly namespace: string;
  readonly stack: StackClient;
}

/** Measures a step and reports it. */
const makeStep =
  (onStep: JourneyOptions["onStep"]) =>
  async <T>(title: string, act: () => Promise<T>, describe: (result: T) => string): Promise<T> => {
    const begin = performance.now();
    const result = await act();
    onStep({ title, detail: describe(result), milliseconds: Math.round(performance.now() - begin) });
    return result;
  };
type Step = ReturnType<typeof makeStep>;

/** A sign-in goes over several requests; if the identity provider restarts in between, it is begun again. */
const patientSignIn = async (address: SignInAddress, who: Credentials): Promise<string> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await signIn(address, who);
    } catch (error) {
      if (attempt >= signInAttemptsMax) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
    }
  }
};

const join = async (
  step: Step,
  api: ApiClient,
  options: JourneyOptions,
  who: { readonly credentials: Credentials; readonly name: string; readonly slug: string },
): Promise<Member> => {
  const { name, slug, credentials } = who;
  const token = await step(
    `${name}'s member signs in`,
    () => patientSignIn(options.signIn, credentials),
    () => credentials.email,
  );
  const tenant = await step(
    `provisions the tenant ${slug}`,
    () => provisionTenant(api, token, { name, slug }),
    ({ status, namespace }) => `${status}, collections end in _${namespace}`,
  );
  const stack = await step(
    "launches it and is signed in to the Stack",
    () => enterStack(api, token),
    ({ publicEndpoint }) => publicEndpoint,
  );
  return { token, namespace: tenant.namespace, stack };
};

const simulate = async (step: Step, api: ApiClient, token: string, gateway: string): Promise<void> => {
  await step(
    "Acme's member tries a kit in a simulation",
    () => proveKit(api, token),
    (words) => words,
  );
  const lab = await step(
    "starts a homelab in Docker",
    () => startLab(api, token),
    (started) => {
      if (started.kind !== "up") return `not now: ${started.detail}`;
      return `${started.nodes.join(", ")}; ${started.isChanged ? "as somebody changed it" : "one link loses 2 %"}`;
    },
  );
  if (lab.kind !== "up") return;
  await step(
    "plays its timeline of faults to the end",
    () => runLab(api, token, lab),
    (run) =>
      run.kind === "played"
        ? `${run.held} of ${run.assertions} assertions hold; ${gateway}/simulations/${lab.id}/runs/${run.id}`
        : `not now: ${run.detail}`,
  );
};

/**
 * The platform's main job, done through the gateway as real clients do it. Safe to repeat: what exists is found again.
 * @throws Error as soon as a step does not end as it must
 */
export const runJourney = async (options: JourneyOptions): Promise<void> => {
  const step = makeStep(options.onStep);
  const api = makeApiClient(options.gateway);
  const operator = await step(
    "The operator signs in",
    () => patientSignIn(options.signIn, options.operator),
    () => options.operator.email,
  );
  await step(
    "provisions a Stack instance",
    () => provisionInstance(api, operator),
    ({ id, currentTenants, maxTenants }) => `${id} is active, ${currentTenants} / ${maxTenants} tenants`,
  );
  const acme = await join(step, api, options, { credentials: options.acme, name: "Acme", slug: "acme" });
  const node = await step(
    "writes a node and reads it back",
    () => acme.stack.keepNode(acme.namespace, "nas-01"),
    ({ id, name }) => `${name} (${id})`,
  );
  const globex = await join(step, api, options, { credentials: options.globex, name: "Globex", slug: "globex" });
  await step(
    "writes a node of its own",
    () => globex.stack.keepNode(globex.namespace, "router-01"),
    ({ id, name }) => `${name} (${id})`,
  );
  await step(
    "looks for Acme's node and sees nothing",
    async () => {
      const seen = await globex.stack.look(acme.namespace, node.id);
      const own = await acme.stack.look(acme.namespace, node.id);
      if (own.statusById !== 200) throw new Error("Acme cannot see its own node, so the comparison shows nothing.");
      if (seen.listed === 0 && (seen.statusById === 404 || seen.statusById === 403)) return seen;
      throw new Error(`Globex sees Acme's nodes: ${JSON.stringify(seen)}`);
    },
    ({ listed, statusById }) => `${listed} listed, ${statusById} by id`,
  );
  await step(
    "Acme's member installs a kit into the Stack",
    () => installKit(api, acme.token, { id: "uptime-kuma", name: "watch" }),
    ({ name, version, outcome }) => `uptime-kuma ${version} as ${name}: ${outcome}`,
  );
  await step(
    "finds its services there",
    () => acme.stack.lookAtServices(acme.namespace, "watch"),
    (names) => names.join(", "),
  );
  if (options.hasSimulations) await simulate(step, api, acme.token, options.gateway);
};
