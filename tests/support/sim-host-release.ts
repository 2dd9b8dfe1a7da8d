import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A release as `npm run build:sim-host` lays it out, with another program in the host's place: it prints its version. */
export const makeRelease = (place: string, version: string): string => {
  const release = join(place, `release-${version}`);
  mkdirSync(join(release, "bin"), { recursive: true });
  cpSync("infra/sim-host", join(release, "install"), { recursive: true });
  symlinkSync(process.execPath, join(release, "bin/node"));
  writeFileSync(join(release, "main.mjs"), `console.log(${JSON.stringify(version)});\n`);
  writeFileSync(join(release, "release.json"), `${JSON.stringify({ version, platform: "linux" }, undefined, 2)}\n`);
  return release;
};
