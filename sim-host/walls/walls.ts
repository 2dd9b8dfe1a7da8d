import type { Clock } from "../../shared/kernel/clock.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { Firewall, SelfTest, SelfTestReport, WallProbe } from "./ports.ts";

/** What the last round found. */
export interface WallReport extends SelfTestReport {
  /** What somebody had changed in the firewall and was put right before the test. */
  readonly repairs: readonly string[];
  /** Why the walls are down, in sentences for operators; empty when they are up. */
  readonly faults: readonly string[];
}

export interface Walls {
  /** Installs, tests, and goes on by itself. Resolves also when the walls are down: nothing starts until they are up. */
  start(): Promise<void>;
  /** True after a green round that is not too old. */
  isUp(): boolean;
  latest(): WallReport | undefined;
  /** A round now; joins one that is under way. Never rejects. */
  check(): Promise<WallReport>;
  /** Ends the rounds and takes the canaries away. The firewall stays: simulations may run on. */
  stop(): Promise<void>;
}

export interface WallsDeps {
  readonly firewall: Pick<Firewall, "install" | "check">;
  readonly selfTest: SelfTest;
  /** What the firewall is made with, for the log. */
  readonly describeFirewall?: () => Promise<object>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Acts once after that time, unless the answer is called before. */
  readonly after: (milliseconds: number, act: () => void) => () => void;
}

const roundEveryMilliseconds = 60_000;
/** While the walls are down nothing starts, so the next look comes sooner. */
const retryEveryMilliseconds = 10_000;
/** One round, at most: all within is bounded, but not added up. */
const roundMilliseconds = 45_000;
/** A green round is believed for so long, should the rounds ever end. */
const believedMilliseconds = 2 * roundEveryMilliseconds + roundMilliseconds;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const faultOf = ({ name, expected }: WallProbe): string =>
  expected === "blocked"
    ? `A node reaches what it must not: ${name}.`
    : `A node does not reach its neighbour: ${name}.`;

/** Looks at the firewall, puts it right, and tries it. Rejects when one of these cannot be done. */
const makeRound = ({ firewall, selfTest, log }: WallsDeps) => {
  let isFirst = true;
  return async (): Promise<WallReport> => {
    const repairs = await firewall.check();
    if (repairs.length > 0) await firewall.install();
    // The first round finds nothing in place; later ones find what somebody did.
    if (repairs.length > 0 && !isFirst) log.warn("the walls were changed from outside and put right", { repairs });
    isFirst = false;
    const report = await selfTest.run();
    const faults = report.probes.filter(({ expected, seen }) => expected !== seen).map(faultOf);
    return { ...report, repairs, faults };
  };
};

/** Answers with what the act answers, what it failed with, or that it is late: whichever comes first. */
const settledInTime = (
  after: WallsDeps["after"],
  act: Promise<WallReport>,
  downBecause: (fault: string) => WallReport,
) =>
  new Promise<WallReport>((resolve) => {
    const cancel = after(roundMilliseconds, () => resolve(downBecause("The test of the walls did not end in time.")));
    act
      .catch((error: unknown) => downBecause(reasonOf(error)))
      .then((report) => {
        cancel();
        resolve(report);
      })
      .catch(() => undefined);
  });

export const makeWalls = (deps: WallsDeps): Walls => {
  const { selfTest, describeFirewall, clock, log, after } = deps;
  const round = makeRound(deps);
  let latest: WallReport | undefined;
  let underWay: Promise<WallReport> | undefined;
  let isStarted = false;
  let cancelNext = (): void => undefined;

  const downBecause = (fault: string): WallReport => {
    return { isUp: false, at: clock().toISOString(), probes: [], repairs: [], faults: [fault] };
  };
  const keep = (report: WallReport): WallReport => {
    const isNews = report.isUp !== latest?.isUp || report.faults.join() !== latest.faults.join();
    if (isNews && report.isUp) log.info("the walls are up");
    if (isNews && !report.isUp) log.error("the walls are down, so nothing starts", { faults: report.faults });
    latest = report;
    return report;
  };
  const check = (): Promise<WallReport> => {
    if (underWay !== undefined) return underWay;
    const act = round();
    const answer = settledInTime(after, act, downBecause).then(keep);
    underWay = answer;
    // Not before the round itself has ended, be it late: two at once would take each other's canaries away.
    const forget = (): void => (underWay = undefined);
    act.then(forget, forget);
    return answer;
  };
  const describe = async (): Promise<void> => {
    try {
      if (describeFirewall !== undefined) log.info("the walls are made with", { ...(await describeFirewall()) });
    } catch (error) {
      log.warn("what the walls are made with cannot be told", { reason: reasonOf(error) });
    }
  };
  const goOn = async (): Promise<void> => {
    const { isUp } = await check();
    if (isStarted) cancelNext = after(isUp ? roundEveryMilliseconds : retryEveryMilliseconds, () => void goOn());
  };

  return {
    check,
    latest: () => latest,
    isUp: () => latest?.isUp === true && clock().getTime() - Date.parse(latest.at) < believedMilliseconds,
    async start() {
      if (isStarted) return;
      isStarted = true;
      await Promise.all([goOn(), describe()]);
    },
    async stop() {
      isStarted = false;
      cancelNext();
      await underWay;
      await selfTest.stop();
    },
  };
};

/** Called before anything of a tenant is started. @throws DomainError `walls-down` */
export const requireWalls = (walls: Pick<Walls, "isUp">): void => {
  if (walls.isUp()) return;
  throw new DomainError(
    "walls-down",
    "Nothing can be started now: what keeps simulations apart is being checked. Try again soon.",
  );
};
