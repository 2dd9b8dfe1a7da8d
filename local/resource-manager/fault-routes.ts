import { ArmError } from "./arm-error.ts";
import { FaultRules } from "./fault-rules.ts";
import type { Faults } from "./faults.ts";
import type { Route } from "./http-server.ts";

const pattern = /^\/dev\/faults$/;

/** `/dev/faults`: makes the manager fail as Azure does. For holders of the manager's token; no fault happens to it. */
export const faultRoutes = (faults: Faults): readonly Route[] => [
  { method: "GET", pattern, access: "token", handle: () => ({ status: 200, body: faults.list() }) },
  {
    method: "PUT",
    pattern,
    access: "token",
    handle: ({ body }) => {
      const rules = FaultRules.safeParse(body);
      if (!rules.success) {
        const [issue] = rules.error.issues;
        throw new ArmError("InvalidRequestContent", `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not valid"}`);
      }
      faults.replace(rules.data);
      return { status: 200, body: faults.list() };
    },
  },
  {
    method: "DELETE",
    pattern,
    access: "token",
    handle: () => {
      faults.replace([]);
      return { status: 204 };
    },
  },
];
