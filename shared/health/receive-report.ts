import type { Clock } from "../kernel/clock.ts";
import { DomainError } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { reportKeySecretName } from "../secrets/secret-store.ts";
import { healthThresholds } from "./health-thresholds.ts";
import type { WatchedInstances } from "./ports.ts";
import type { RefusalLog } from "./refusals.ts";
import { HealthReport, refuseAbsurd } from "./report.ts";
import { signedAt } from "./report-signature.ts";
import { afterReport } from "./watch.ts";
import type { WatchStore } from "./watch-store.ts";

export interface ReceiveReportDeps {
  readonly instances: Pick<WatchedInstances, "find">;
  readonly secrets: Pick<SecretStore, "read">;
  readonly watches: Pick<WatchStore, "change">;
  readonly refusals: Pick<RefusalLog, "note">;
  readonly clock: Clock;
  readonly log: Logger;
}

/** @throws DomainError `report-signature-invalid`, `forbidden`, `invalid-input` */
export type ReceiveReport = (request: {
  readonly instanceId: string;
  readonly signature: string | null;
  /** The bytes as they came, as text. */
  readonly body: string;
}) => Promise<void>;

interface Reporter {
  readonly id: string;
  readonly capacity: number;
  readonly key: string | undefined;
  readonly until: number;
}

const cacheMilliseconds = 30_000;
const cacheMax = 1_000;
const idForm = /^[a-z0-9][a-z0-9-]{0,99}$/;

/** Instances that report, with their keys, for half a minute: a report costs no look into the vault. */
const makeFindReporter = ({ instances, secrets, clock }: ReceiveReportDeps) => {
  const known = new Map<string, Reporter>();
  return async (id: string): Promise<Reporter | undefined> => {
    const now = clock().getTime();
    const cached = known.get(id);
    if (cached !== undefined && cached.until > now) return cached;
    known.delete(id);
    const instance = idForm.test(id) ? await instances.find(id) : undefined;
    if (instance === undefined) return undefined;
    const key = await secrets.read(reportKeySecretName(id));
    const reporter = { id, capacity: instance.capacity, key, until: now + cacheMilliseconds };
    // Ids that do not exist never get here, so strangers cannot push the others out.
    if (known.size >= cacheMax) known.clear();
    if (key !== undefined) known.set(id, reporter);
    return reporter;
  };
};

const isTimely = (milliseconds: number, now: Date): boolean => {
  const age = now.getTime() - milliseconds;
  return age <= healthThresholds.reportAgeMaxMilliseconds && -age <= healthThresholds.aheadMilliseconds;
};

const parseReport = (body: string): HealthReport => {
  const invalid = (detail: string, cause: unknown): DomainError => new DomainError("invalid-input", detail, { cause });
  let raw: unknown;
  try {
    raw = JSON.parse(body);
  } catch (cause) {
    throw invalid("The body is not valid JSON.", cause);
  }
  const parsed = HealthReport.safeParse(raw);
  if (parsed.success) return parsed.data;
  const findings = parsed.error.issues.map(({ path, message }) => `${path.map(String).join("/")}: ${message}`);
  throw invalid(findings.join("; ").slice(0, 500), parsed.error);
};

/**
 * Takes in a signed report (C8). Nothing of the body is read before its signature is known to be the instance's own; a
 * report that came before changes nothing. What is refused is counted with the instance.
 */
export const makeReceiveReport = (deps: ReceiveReportDeps): ReceiveReport => {
  const { watches, refusals, clock, log } = deps;
  const findReporter = makeFindReporter(deps);

  const check = (reporter: Reporter | undefined, signature: string | null, body: string): HealthReport => {
    const now = clock();
    const at = signedAt(reporter?.key, signature, body);
    if (reporter === undefined || at === undefined) {
      throw new DomainError("report-signature-invalid", "The report is not signed with this instance's key.");
    }
    if (!isTimely(at, now)) {
      throw new DomainError("report-signature-invalid", "The signature is too old, or from the future.");
    }
    const report = parseReport(body);
    refuseAbsurd(report, reporter, now);
    return report;
  };

  return async ({ instanceId, signature, body }) => {
    const reporter = await findReporter(instanceId);
    let report: HealthReport;
    try {
      report = check(reporter, signature, body);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      log.warn("a health report was refused", { instanceId: instanceId.slice(0, 100), reason: error.message });
      if (reporter !== undefined) await refusals.note(reporter.id, error.message);
      throw error;
    }
    const now = clock().toISOString();
    await watches.change(instanceId, now, (watch) => afterReport(watch, report, now));
  };
};
