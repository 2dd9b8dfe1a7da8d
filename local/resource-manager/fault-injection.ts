import { z } from "zod";
import { answerWith } from "./fault-answers.ts";
import { isAnswerFault } from "./fault-rules.ts";
import type { Faults } from "./faults.ts";
import type { ArmRequest, Injection, Reply } from "./http-server.ts";
import { deploymentKey } from "./records.ts";
import type { State } from "./state.ts";

const Named = z.object({
  properties: z.object({ parameters: z.object({ instanceName: z.object({ value: z.string() }) }) }),
});

/** Every name a request has to do with: of the instance, its deployment, or what a list is filtered by. */
const namesOf = ({ deployments }: State, { params, query, body }: ArmRequest): readonly string[] => {
  const { subscription = "", group = "", deployment = "", name = "", id = "" } = params;
  const asked = Named.safeParse(body);
  const known = deployments.get(deploymentKey(subscription, group, deployment))?.parameters.instanceName;
  const removed = Buffer.from(id, "base64url").toString("utf8").split(/[/:]/).at(-1) ?? "";
  const filtered = [...(query.get("$filter") ?? "").matchAll(/'([^']*)'/g)].map(([, value]) => value ?? "");
  const fromBody = asked.success ? [asked.data.properties.parameters.instanceName.value] : [];
  return [deployment, name, removed, known ?? "", ...fromBody, ...filtered].filter((text) => text !== "");
};

/** Lets the faults happen: those of answers here, those of what is begun where it is begun. */
export const injectFaults = (state: State, faults: Faults): Injection => ({
  beforeToken: async (target, act) => {
    const fault = faults.take("token", []);
    return fault !== undefined && isAnswerFault(fault) ? answerWith(fault, target, act) : act();
  },
  around: async ({ route, request, target }) => {
    const act = (given: ArmRequest): Promise<Reply> => Promise.resolve(route.handle(given));
    const fault = faults.take(route.operation, namesOf(state, request));
    if (fault === undefined) return act(request);
    if (isAnswerFault(fault)) return answerWith(fault, target, () => act(request));
    return act({ ...request, fault });
  },
});
