import type { ReceiveFlags } from "../../shared/flags/receive-flags.ts";
import { ReceivedFlags } from "../../shared/flags/receive-flags.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import { readJson } from "../http/read-json.ts";
import type { RequireService } from "../http/require-service.ts";
import type { AnnounceFlagsOf } from "./flag-services.ts";

interface Deps {
  readonly requireService: RequireService;
  readonly receiveFlags: ReceiveFlags;
  readonly announceFlagsOf: AnnounceFlagsOf;
}

/** Three times as much, with its history, fits into one document. */
const bodyBytesMax = 512 * 1024;

/**
 * `POST /api/internal/feature-flags/apply` `{revision, flags}` (C5), for services of the platform: 200 `{revision}` once
 * it is stored and on its way to the instances, also when it was; 409 `flags-revision-older` with the stored `revision`.
 */
export const applyFlagsHttp = ({ requireService, receiveFlags, announceFlagsOf }: Deps): HttpFunction => ({
  name: "apply-flags",
  method: "POST",
  route: "api/internal/feature-flags/apply",
  access: "service",
  startsWorkflows: true,
  handler: async (request, context) => {
    await requireService(request);
    const { revision } = await receiveFlags(await readJson(request, ReceivedFlags, bodyBytesMax));
    await announceFlagsOf(context)();
    return json(200, { revision });
  },
});
