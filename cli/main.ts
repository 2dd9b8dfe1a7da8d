import { setTimeout as sleep } from "node:timers/promises";
import { makeCatalogGroup } from "./catalog.ts";
import { ociImageDigests } from "../shared/adapters/oci/image-digests.ts";
import { blobKitStorage } from "../shared/adapters/blob/kit-storage.ts";
import { eventsGroup } from "./events.ts";
import { makeKitsGroup } from "./kits.ts";
import { openPlatformClient } from "./platform-client.ts";
import { runCommandLine } from "./run.ts";

const { KOMBIFY_URL: url, KOMBIFY_TOKEN: token } = process.env;
const { KOMBIFY_SOURCE_EMAIL: email, KOMBIFY_SOURCE_PASSWORD: password } = process.env;
const catalogGroup = makeCatalogGroup({ email, password }, (milliseconds) => sleep(milliseconds));
const {
  KOMBIFY_KITS_KEY_FILE: keyFile,
  KOMBIFY_KITS_KEY_ID: keyId = "kombify",
  KOMBIFY_KITS_STORAGE: storage,
} = process.env;
const kitsGroup = makeKitsGroup({
  keyFile,
  keyId,
  openStorage: () =>
    storage === undefined
      ? undefined
      : blobKitStorage({ account: { connectionString: storage }, container: "stackkits", isContainerMade: true }),
  resolveDigest: ociImageDigests,
  now: () => new Date(),
});

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await runCommandLine([eventsGroup, catalogGroup, kitsGroup], process.argv.slice(2), {
  platform: openPlatformClient({ url: url === "" ? undefined : url, token: token === "" ? undefined : token }),
  print: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
});
