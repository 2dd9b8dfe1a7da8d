import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstallContext, Installed } from "./install.ts";
import { pinnedVersion } from "./pocketbase-version.ts";
import { runCommand } from "../process/run-command.ts";

const packagePath = "github.com/pocketbase/pocketbase";
const minimumGoMinor = 27;
const buildTimeoutMilliseconds = 600_000;

const requireGo = async (env: NodeJS.ProcessEnv): Promise<void> => {
  const answer = await runCommand("go", ["env", "GOVERSION"], { env, timeoutMilliseconds: 10_000 });
  const minor = Number(/^go1\.(\d+)/.exec(answer.trim())?.[1] ?? 0);
  if (minor < minimumGoMinor) throw new Error(`${answer.trim()} is installed, but go1.${minimumGoMinor} is needed`);
};

/** Builds the pinned release as its own release process does (PocketBase .goreleaser.yaml); Go's checksum database guards it. */
export const installWithGo = async (context: InstallContext): Promise<Installed> => {
  await requireGo(context.env);
  context.onProgress(`PocketBase: building ${pinnedVersion} with go install (takes minutes)`);
  const directory = await mkdtemp(join(tmpdir(), "pocketbase-go-"));
  try {
    const flags = `-s -w -X ${packagePath}.Version=${pinnedVersion}`;
    await runCommand("go", ["install", "-ldflags", flags, `${packagePath}/examples/base@v${pinnedVersion}`], {
      env: { ...context.env, CGO_ENABLED: "0", GOBIN: directory },
      timeoutMilliseconds: buildTimeoutMilliseconds,
    });
    return await context.install(join(directory, "base"), pinnedVersion);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};
