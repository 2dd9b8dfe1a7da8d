import type { InvocationContext } from "@azure/functions";
import type { Caller } from "../../shared/gateway/caller.ts";
import type { CreateInstance } from "../../shared/instances/create-instance.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Operation } from "../../shared/operations/operation.ts";
import type { ProvisioningOf } from "../http/workflows.ts";
import type { OperatorCommands } from "./operator-commands.ts";

type Control = (caller: Caller, id: string, context: InvocationContext) => Promise<Operation>;

/** The services behind the buttons, by the names `buildServices` gives them. */
export interface CommandServices {
  readonly createInstance: CreateInstance;
  readonly provisioningOf: ProvisioningOf;
  readonly setDraining: OperatorCommands["setDraining"];
  readonly beginRetiring: (instanceId: string, start: (instanceId: string) => Promise<void>) => Promise<unknown>;
  readonly findOperation: (caller: Caller, id: string) => Promise<Operation>;
  readonly operationControls: Readonly<
    Record<Operation["kind"], { readonly cancel: Control; readonly retry: Control }>
  >;
  readonly acknowledgeIncident: OperatorCommands["acknowledge"];
  readonly resolveIncident: OperatorCommands["resolve"];
  readonly planMaintenance: OperatorCommands["planMaintenance"];
  readonly maintenanceWindows: { readonly remove: (id: string) => Promise<boolean> };
}

export const commandsOf = (services: CommandServices): OperatorCommands => {
  const { createInstance, provisioningOf, findOperation, operationControls } = services;
  const control =
    (wish: "cancel" | "retry"): Control =>
    async (caller, id, context) =>
      operationControls[(await findOperation(caller, id)).kind][wish](caller, id, context);
  return {
    provision: (command, context) => createInstance({ ...command, startProvisioning: provisioningOf(context) }),
    setDraining: services.setDraining,
    retire: (id, context) => services.beginRetiring(id, provisioningOf(context)),
    cancel: control("cancel"),
    retry: control("retry"),
    acknowledge: services.acknowledgeIncident,
    resolve: services.resolveIncident,
    planMaintenance: services.planMaintenance,
    endMaintenance: async (id) => {
      if (!(await services.maintenanceWindows.remove(id))) {
        throw new DomainError("not-found", "This maintenance has ended already.");
      }
    },
  };
};
