import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pocketBaseEnvironment, type PocketBaseSettings } from "../process/pocketbase-process.ts";
import { pause } from "./deployment-fault.ts";
import { Keeper } from "./keeper.ts";
import type { InstanceRecord } from "./records.ts";
import { instanceReportKey, type SecretFiles } from "./secret-files.ts";
import type { State } from "./state.ts";

const encryptionVariable = "PB_ENCRYPTION_KEY";
const removalAttempts = 5;

/** How the servers of all instances run. Paths are absolute. */
export interface InstancesOptions {
  readonly dataDirectory: string;
  readonly pocketbasePath: string;
  readonly hooksDirectory?: string | undefined;
  readonly publicDirectory?: string | undefined;
  /** The gateway's address now, without a slash at the end; what deployments brought may be of an earlier start. */
  readonly publicBaseUrl: string;
  /** Added to each server's minimal environment, with `KOMBIFY_INSTANCE_NAME`, `_VERSION`, `_REPORT_URL` and `_REPORT_KEY`. */
  readonly instanceEnvironment: Readonly<Record<string, string>>;
  /** The version of PocketBase that instances run. */
  readonly version: string;
  readonly secrets: SecretFiles;
  readonly log: (line: string) => void;
}

/** What `GET /dev/instances` tells the gateway and the start script. */
export interface InstanceView {
  readonly name: string;
  /** Null until it has run for the first time. */
  readonly internalEndpoint: string | null;
  readonly publicEndpoint: string;
  readonly pid: number | null;
  /** Its `pb_data`. */
  readonly dataDirectory: string;
  readonly state: InstanceRecord["state"];
}

/** The Stack instances of this manager: one record and one keeper each. */
export class Instances {
  readonly #state: State;
  readonly #options: InstancesOptions;
  readonly #keepers = new Map<string, Keeper>();
  readonly #removals = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  #isClosing = false;

  constructor(state: State, options: InstancesOptions) {
    this.#state = state;
    this.#options = options;
  }

  /** Continues what the last run of the manager left: running servers are adopted, removals finished. */
  resume(): void {
    for (const [name, { state }] of this.#state.instances.list()) {
      if (state === "Deleting") this.remove(name);
      else if (state === "Failed") this.giveUp(name);
      // One being created belongs to a deployment, which starts it.
      else if (state !== "Creating") this.keeper(name).keepRunning();
    }
  }

  keeper(name: string): Keeper {
    const known = this.#keepers.get(name);
    if (known !== undefined) return known;
    const keeper = new Keeper({
      settings: () => this.#settings(name),
      rememberedPort: () => this.#state.instances.get(name)?.port,
      reservedPorts: () =>
        this.#state.instances.list().flatMap(([other, { port }]) => (other === name ? [] : (port ?? []))),
      onRunning: (port) => this.#change(name, (record) => ({ ...record, port, state: "Running" })),
      onDown: () => this.#change(name, (record) => ({ ...record, state: "Restarting" })),
      log: (line) => this.#options.log(`${name}: ${line}`),
    });
    this.#keepers.set(name, keeper);
    return keeper;
  }

  view(name: string): InstanceView | undefined {
    const record = this.#state.instances.get(name);
    if (record === undefined) return undefined;
    return {
      name,
      internalEndpoint: record.port === undefined ? null : `http://127.0.0.1:${record.port}`,
      publicEndpoint: `${this.#options.publicBaseUrl}/stacks/${name}`,
      pid: this.#keepers.get(name)?.pid ?? null,
      dataDirectory: this.#dataDirectory(name),
      state: record.state,
    };
  }

  list(): readonly InstanceView[] {
    return this.#state.instances.list().flatMap(([name]) => this.view(name) ?? []);
  }

  /** Marks the instance as going; its server and its data go in the background, after this while. */
  remove(name: string, milliseconds = 0): void {
    const record = this.#state.instances.get(name);
    const removeAfter = record?.removeAfter ?? new Date(Date.now() + milliseconds).toISOString();
    if (record !== undefined) this.#state.instances.put(name, { ...record, state: "Deleting", removeAfter });
    this.#inBackground(name, this.#removeNow(name, Date.parse(removeAfter)));
  }

  /** Ends the server of an instance whose deployment came to nothing; its data stay until it is deleted. */
  giveUp(name: string): void {
    this.#change(name, (record) => ({ ...record, state: "Failed" }));
    this.#inBackground(name, this.keeper(name).stop());
  }

  /** Stops every server; records stay as they are, so that the next start runs them again. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#closing.abort();
    await Promise.all([...this.#removals, ...[...this.#keepers.values()].map((keeper) => keeper.stop())]);
  }

  #change(name: string, change: (record: InstanceRecord) => InstanceRecord): void {
    const record = this.#state.instances.get(name);
    // One that is being deleted or was given up stays so, whatever its dying server does.
    if (record !== undefined && record.state !== "Deleting" && record.state !== "Failed")
      this.#state.instances.put(name, change(record));
  }

  #inBackground(name: string, work: Promise<void>): void {
    const removal = work.catch((error: unknown) => this.#options.log(`${name}: ${String(error)}`));
    this.#removals.add(removal);
    void removal.then(() => this.#removals.delete(removal));
  }

  async #removeNow(name: string, notBefore: number): Promise<void> {
    await pause(Math.max(0, notBefore - Date.now()), this.#closing.signal);
    for (let attempt = 1; !this.#isClosing; attempt += 1) {
      try {
        await this.keeper(name).stop();
        await rm(this.#directory(name), { recursive: true, force: true });
        this.#keepers.delete(name);
        this.#options.secrets.remove(instanceReportKey(name));
        this.#state.instances.delete(name);
        return;
      } catch (error) {
        if (attempt === removalAttempts) throw error;
        await delay(500);
      }
    }
  }

  #directory(name: string): string {
    return join(this.#options.dataDirectory, "instances", name);
  }

  #dataDirectory(name: string): string {
    return join(this.#directory(name), "pb_data");
  }

  /** One below the deployment's public base moves with the gateway: reports are signed with a key that others must not see. */
  #reportUrl(name: string): string | undefined {
    const { publicBaseUrl, reportUrl } = this.#state.instances.get(name)?.parameters ?? {};
    if (publicBaseUrl === undefined || reportUrl?.startsWith(`${publicBaseUrl}/`) !== true) return reportUrl;
    return `${this.#options.publicBaseUrl}${reportUrl.slice(publicBaseUrl.length)}`;
  }

  #settings(name: string): Omit<PocketBaseSettings, "port"> {
    const { pocketbasePath, hooksDirectory, publicDirectory, instanceEnvironment, version, secrets } = this.#options;
    const reportUrl = this.#reportUrl(name);
    const reportKey = secrets.read(instanceReportKey(name));
    const root = this.#directory(name);
    return {
      executable: pocketbasePath,
      dataDirectory: this.#dataDirectory(name),
      logPath: join(root, "pocketbase.log"),
      hooksDirectory,
      publicDirectory,
      env: pocketBaseEnvironment({
        ...instanceEnvironment,
        KOMBIFY_INSTANCE_NAME: name,
        KOMBIFY_VERSION: version,
        ...(reportUrl === undefined ? {} : { KOMBIFY_REPORT_URL: reportUrl }),
        ...(reportKey === undefined ? {} : { KOMBIFY_REPORT_KEY: reportKey }),
      }),
      encryptionEnv: encryptionVariable in instanceEnvironment ? encryptionVariable : undefined,
    };
  }
}
