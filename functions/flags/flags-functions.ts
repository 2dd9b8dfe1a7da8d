import type { HttpFunction } from "../http/http-function.ts";
import { applyFlagsHttp } from "./apply-flags.http.ts";
import { evaluateFlagHttp, flagHistoryHttp, flagRolloutHttp, publishFlagsHttp } from "./flag-insight.http.ts";
import {
  archiveFlagHttp,
  createFlagHttp,
  getFlagHttp,
  killFlagHttp,
  listFlagsHttp,
  restoreFlagHttp,
  updateFlagHttp,
} from "./flags.http.ts";

type Deps = Parameters<typeof applyFlagsHttp>[0] & Parameters<typeof publishFlagsHttp>[0];

/** The HTTP entries of feature flags. */
export const flagsFunctions = (deps: Deps): readonly HttpFunction[] => [
  listFlagsHttp(deps),
  createFlagHttp(deps),
  getFlagHttp(deps),
  updateFlagHttp(deps),
  archiveFlagHttp(deps),
  killFlagHttp(deps),
  restoreFlagHttp(deps),
  evaluateFlagHttp(deps),
  flagHistoryHttp(deps),
  flagRolloutHttp(deps),
  publishFlagsHttp(deps),
  applyFlagsHttp(deps),
];
