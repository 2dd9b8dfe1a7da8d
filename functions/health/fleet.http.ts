import { z } from "zod";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import type { DescribeFleet } from "../../shared/health/describe-fleet.ts";
import { spans } from "../../shared/health/history.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { ReadCaller } from "../http/read-caller.ts";

const Query = z.strictObject({ span: z.enum(spans).default("minutes") });

interface Deps {
  readonly readOperator: ReadCaller;
  readonly describeFleet: DescribeFleet;
}

/** `GET /api/admin/fleet?span=minutes|hours|days`: everything the dashboard shows (`FleetView`). */
export const fleetHttp = ({ readOperator, describeFleet }: Deps): HttpFunction => ({
  name: "get-fleet",
  method: "GET",
  route: "api/admin/fleet",
  access: "gateway",
  handler: async (request) => {
    await readOperator(request);
    const { span } = parseInput(Query, Object.fromEntries(request.query.entries()));
    return json(200, await describeFleet(span));
  },
});
