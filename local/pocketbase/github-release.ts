import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InstallContext, Installed } from "./install.ts";
import { pinnedVersion } from "./pocketbase-version.ts";
import { readZipEntry } from "./zip-entry.ts";

const releases = "https://github.com/pocketbase/pocketbase/releases/download";
const answerTimeoutMilliseconds = 5000;
const downloadTimeoutMilliseconds = 120_000;
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

const download = async (url: string): Promise<Buffer> => {
  const abort = new AbortController();
  const late = (what: string): void => abort.abort(new Error(`${new URL(url).host} ${what}`));
  const total = setTimeout(() => late("did not deliver in time"), downloadTimeoutMilliseconds);
  // No internet often shows as silence: give up on the first answer long before the download's own limit.
  const first = setTimeout(() => late("did not answer in time"), answerTimeoutMilliseconds);
  try {
    const response = await fetch(url, { signal: abort.signal });
    clearTimeout(first);
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } finally {
    clearTimeout(first);
    clearTimeout(total);
  }
};

/**
 * Downloads the pinned release from GitHub. A checksum fetched from the same place proves nothing, so the zip's SHA-256
 * must be given as POCKETBASE_SHA256 by somebody who knows it; without it this way is left out.
 */
export const installFromGitHub = async (context: InstallContext, releasesUrl = releases): Promise<Installed> => {
  const expected = (context.env["POCKETBASE_SHA256"] ?? "").toLowerCase();
  if (expected === "") throw new Error("left out, because POCKETBASE_SHA256 does not say which digest to trust");
  const architecture = architectures[process.arch];
  if (process.platform !== "linux" || architecture === undefined)
    throw new Error(`no release is known for ${process.platform} ${process.arch}`);
  const url = `${releasesUrl}/v${pinnedVersion}/pocketbase_${pinnedVersion}_linux_${architecture}.zip`;
  context.onProgress(`PocketBase: downloading ${url}`);
  const zip = await download(url);
  const digest = createHash("sha256").update(zip).digest("hex");
  if (digest !== expected) throw new Error(`the download's SHA-256 is ${digest}, which is not POCKETBASE_SHA256`);
  const directory = await mkdtemp(join(tmpdir(), "pocketbase-release-"));
  try {
    const executable = join(directory, "pocketbase");
    await writeFile(executable, readZipEntry(zip, "pocketbase"));
    return await context.install(executable, pinnedVersion);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};
