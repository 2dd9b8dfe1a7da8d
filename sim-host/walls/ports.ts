/** What keeps nodes from everything but their own links. All calls are safe to repeat, also from two processes at once. */
export interface Firewall {
  /** Makes the rules exactly ours and reached first; changes nothing when they are. @throws DomainError `unavailable` with the reason */
  install(): Promise<void>;
  /** What is missing, changed or no longer reached first, in sentences; empty when the walls stand. @throws as `install` */
  check(): Promise<readonly string[]>;
  /** Takes every trace away. Simulations that still run stand open then. @throws as `install` */
  remove(): Promise<void>;
}

export interface WallProbe {
  readonly name: string;
  readonly expected: "blocked" | "reached";
  readonly seen: "blocked" | "reached";
  readonly milliseconds: number;
}

/** One round of the self-test. */
export interface SelfTestReport {
  /** Every probe saw what it had to see. */
  readonly isUp: boolean;
  readonly probes: readonly WallProbe[];
  /** ISO 8601 UTC. */
  readonly at: string;
}

export interface SelfTest {
  /** Tries the walls from inside real containers. @throws DomainError `unavailable` when it could not be carried out */
  run(): Promise<SelfTestReport>;
  /** Takes the canaries away. */
  stop(): Promise<void>;
}

export interface HostAddress {
  /** IPv4 or IPv6, without prefix length. */
  readonly address: string;
  readonly interfaceName: string;
}

/** Where the host itself is. */
export interface HostNetworks {
  /** All but loopback. */
  readonly addresses: readonly HostAddress[];
  /**
   * IPv4 networks that the host has or routes to, as in `172.17.0.0/16`, of any size and some of them twice over, bridges of
   * simulations among them (another host may share the engine); without the default route.
   */
  readonly foreign: readonly string[];
}

export type ReadHostNetworks = () => Promise<HostNetworks>;

/** TCP and UDP on every address of the host, on ports of the system's choice. */
export interface HostListeners {
  readonly tcpPort: number;
  readonly udpPort: number;
  /** Numbers of the probes whose words arrived. */
  heard(): ReadonlySet<number>;
  close(): Promise<void>;
}

/** Opens listeners that have heard themselves, so that silence means something. @throws Error when they cannot be opened */
export type OpenHostListeners = () => Promise<HostListeners>;
