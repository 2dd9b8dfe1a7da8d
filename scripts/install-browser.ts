import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { promisify } from "node:util";

const execute = promisify(execFile);
const browser = "/usr/bin/chromium";
const aptTimeoutMilliseconds = 5 * 60_000;

const isThere = async (): Promise<boolean> =>
  access(browser, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Makes sure that there is a Chromium for the browser tests; says in one line what it found or did. */
export const installBrowser = async (): Promise<string> => {
  if (await isThere()) return `found ${browser}`;
  if (process.getuid?.() !== 0) {
    return `no ${browser}, and only root can install it: the browser tests will say that they are skipped`;
  }
  const options = { timeout: aptTimeoutMilliseconds, env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
  try {
    await execute("apt-get", ["update", "-qq"], options);
    await execute("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], options);
    return `installed ${browser} from Debian`;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
    return `could not install ${browser} (${reason}): the browser tests will say that they are skipped`;
  }
};
