import { eventsGroup } from "./events.ts";
import { openPlatformClient } from "./platform-client.ts";
import { runCommandLine } from "./run.ts";

const { KOMBIFY_URL: url, KOMBIFY_TOKEN: token } = process.env;

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

process.exitCode = await runCommandLine([eventsGroup], process.argv.slice(2), {
  platform: openPlatformClient({ url: url === "" ? undefined : url, token: token === "" ? undefined : token }),
  print: (line) => process.stdout.write(`${line}\n`),
  note: (line) => process.stderr.write(`${line}\n`),
});
