import Dockerode from "dockerode";
import { findDockerEngine } from "../../local/docker/find-engine.ts";
import { keepTestEngine, testEngineDirectory } from "../../local/docker/test-engine.ts";
import { packagesOf, type Tool } from "../../local/docker/tools.ts";
import { ensureToolboxImage, type ToolboxImage } from "../../local/docker/toolbox-image.ts";

/** A real engine for tests. Others use it too: label what you make, and remove it. */
export interface TestEngine {
  readonly socketPath: string;
  /** For `nsenter --net=`: where the engine's bridges and firewall rules are. */
  readonly networkNamespace: string;
  readonly toolbox: ToolboxImage;
}

/** Seen whatever a reporter makes of a test's console. */
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const describeMissing = (tools: readonly Tool[]): string =>
  tools.length === 0 ? "" : `Install ${packagesOf(tools).join(", ")}.`;

/**
 * The engine of this run of tests: the machine's, or a private one that the first to ask starts and that all runs share.
 * Where there is none it says why and answers undefined; a test then skips itself with `describe.skipIf`.
 */
export const testEngine = async (): Promise<TestEngine | undefined> => {
  const found = await findDockerEngine({ dataDirectory: testEngineDirectory, onProgress: say });
  const reason = found.kind === "absent" ? found.reason : describeMissing(found.missingTools);
  if (found.kind === "absent" || reason !== "") {
    say(`Tests that need Docker are skipped. ${reason}`);
    return undefined;
  }
  const { socketPath, networkNamespace } = found;
  return { socketPath, networkNamespace, toolbox: await ensureToolboxImage(new Dockerode({ socketPath })) };
};

/** Vitest's global set-up of the end-to-end tests: what is started lives as long as the run. */
export const setup = keepTestEngine;
