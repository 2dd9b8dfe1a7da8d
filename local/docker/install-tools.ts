import { runCommand } from "../process/run-command.ts";
import { withMachineLock } from "./machine-lock.ts";
import { debianPolicyFile, restoreServicePolicy, withoutServiceStarts } from "./service-policy.ts";
import { findMissingTools, packagesOf, type Tool } from "./tools.ts";

export interface InstallOptions {
  /** PATH for apt, and where the tools are looked for. */
  readonly path: string;
  /** One line for people per step that takes time. */
  readonly onProgress: (line: string) => void;
  /** Default Debian's. */
  readonly policyFile?: string;
  /** Default one that all processes of the machine know. */
  readonly lockFile?: string;
}

const updateTimeoutMilliseconds = 2 * 60_000;
const installTimeoutMilliseconds = 5 * 60_000;
const lockTimeoutSeconds = 8 * 60;
const machineLockFile = "/run/kombify-install.lock";

/** Somebody else's apt, an upgrade of the night for example, is waited for. */
const aptOptions = ["-q", "-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::Retries=2"];

const installPackages = async (packages: readonly string[], { path, onProgress }: InstallOptions): Promise<void> => {
  const env = { ...process.env, PATH: path, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
  const apt = (args: readonly string[], timeoutMilliseconds: number): Promise<string> =>
    runCommand("apt-get", [...args, ...aptOptions], { env, timeoutMilliseconds });
  onProgress(`Docker: installing ${packages.join(", ")} from Debian`);
  // Lists of packages that are there already may do; if not, the installation says what is missing.
  await apt(["update"], updateTimeoutMilliseconds).catch((error: unknown) => {
    onProgress(`Docker: ${error instanceof Error ? error.message : String(error)}`);
  });
  await apt(["install", "--yes", "--no-install-recommends", ...packages], installTimeoutMilliseconds);
};

/**
 * Installs the Debian packages of tools that are missing, without starting what they bring as services. For root. Bounded:
 * two minutes for the lists, five for the packages. Several at once install once.
 *
 * @throws Error with apt's reason, or naming what is missing still
 */
export const installTools = async (tools: readonly Tool[], options: InstallOptions): Promise<void> => {
  const policyFile = options.policyFile ?? debianPolicyFile;
  await withMachineLock(options.lockFile ?? machineLockFile, lockTimeoutSeconds, async () => {
    restoreServicePolicy(policyFile);
    const missing = await findMissingTools(tools, options.path);
    if (missing.length === 0) return;
    await withoutServiceStarts(policyFile, () => installPackages(packagesOf(missing), options));
    const still = await findMissingTools(missing, options.path);
    if (still.length > 0) throw new Error(`${still.join(", ")} are missing still`);
  });
};
