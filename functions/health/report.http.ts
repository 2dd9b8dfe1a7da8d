import type { ReceiveReport } from "../../shared/health/receive-report.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { readText } from "../http/read-json.ts";

interface Deps {
  readonly receiveReport: ReceiveReport;
}

/** `POST /api/internal/instances/{instance}/health` (C8): an instance's own signed report. 202, also for a repetition. */
export const reportHealthHttp = ({ receiveReport }: Deps): HttpFunction => ({
  name: "report-health",
  method: "POST",
  route: "api/internal/instances/{instance}/health",
  access: "gateway",
  handler: async (request) => {
    const body = await readText(request);
    const signature = request.headers.get("x-kombify-signature");
    await receiveReport({ instanceId: request.params["instance"] ?? "", signature, body });
    return json(202, { accepted: true });
  },
});
