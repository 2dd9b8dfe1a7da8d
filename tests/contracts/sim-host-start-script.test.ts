import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { readSettings } from "../../sim-host/config.ts";
import { makeRelease } from "../support/sim-host-release.ts";

// The script that Azure's VM extension runs, below a directory and with an engine that has every image.
const lacking = ["jq", "curl", "tar"].filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
if (lacking.length > 0) process.stderr.write(`The start script is not run: there is no ${lacking.join(", ")} here.\n`);

const reference = `registry.example/toolbox:1@sha256:${"a".repeat(64)}`;
const settings = [
  "SIM_LISTEN_ADDRESS=10.10.5.4",
  "SIM_PORT=7080",
  "PUBLIC_BASE_URL=https://kombify.example",
  "CONTROL_PLANE_URL=https://kombify-abc.azurewebsites.net",
  "OIDC_ISSUER=https://id.kombify.example",
  "OIDC_JWKS_URI=https://id.kombify.example/oauth/v2/keys",
  "OIDC_PROJECT_ID=project$(id)",
  "OPERATOR_ORG_ID=operators",
].join("\n");

interface Wish {
  readonly version: string;
  readonly gatewayKey?: string;
  readonly sha256?: string;
}

const open = () => {
  const place = mkdtempSync(join(tmpdir(), "kombify-start-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const root = join(place, "root");
  const programs = join(place, "programs");
  mkdirSync(programs);
  writeFileSync(join(programs, "docker"), `#!/bin/sh\necho sha256:${"b".repeat(64)}\n`, { mode: 0o755 });
  const archiveOf = (version: string, unit?: string): string => {
    const file = join(place, `${version}.tar.gz`);
    if (existsSync(file)) return file;
    const release = makeRelease(place, version);
    if (unit !== undefined) writeFileSync(join(release, "install/kombify-sim-host.service"), unit);
    execFileSync("tar", ["-czf", file, "-C", release, "."]);
    return file;
  };
  const start = ({ version, gatewayKey = "gateway's key", sha256 }: Wish) => {
    const archive = archiveOf(version);
    const words: Readonly<Record<string, string>> = {
      __settings__: settings,
      __image__: reference,
      __releaseUrl__: `file://${archive}`,
      __releaseSha256__: sha256 ?? createHash("sha256").update(readFileSync(archive)).digest("hex"),
      __gatewayKey__: gatewayKey,
      __serviceKey__: "service key",
    };
    const script = readFileSync("infra/bicep/scripts/sim-host.sh", "utf8").replace(/__\w+?__/g, (word) =>
      Buffer.from(words[word] ?? "").toString("base64"),
    );
    return spawnSync("bash", ["-s"], {
      input: script,
      encoding: "utf8",
      timeout: 15_000,
      env: { PATH: `${programs}:${process.env["PATH"] ?? ""}`, DESTDIR: root },
    });
  };
  const read = (path: string): string => readFileSync(join(root, path), "utf8");
  const versionInUse = (): unknown =>
    (JSON.parse(read("opt/kombify-sim-host/current/release.json")) as { version: unknown }).version;
  return { root, start, read, archiveOf, versionInUse };
};

describe.skipIf(lacking.length > 0)("the start script on Azure", () => {
  it("brings release, settings, keys and the first image, which only root reads", () => {
    const { root, start, read } = open();
    const { status, stderr, stdout } = start({ version: "1.0.0" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).not.toContain("missing");
    const lines = read("etc/kombify-sim-host/settings.env").matchAll(/^(\w+)=(.*)$/gm);
    const environment = new Map([...lines].map(([, name = "", value = ""]) => [name, value]));
    // What is in a setting stays what it is.
    expect(environment.get("OIDC_PROJECT_ID")).toBe("project$(id)");
    environment.set("OIDC_PROJECT_ID", "project");
    expect(readSettings(Object.fromEntries(environment))).toMatchObject({ SIM_PORT: 7080 });
    expect(read("etc/kombify-sim-host/gateway-key")).toBe("gateway's key\n");
    expect(read("etc/kombify-sim-host/service-key")).toBe("service key\n");
    expect(JSON.parse(read("etc/kombify-sim-host/images.json"))).toMatchObject([{ name: "toolbox", reference }]);
    for (const file of ["settings.env", "gateway-key", "service-key", "images.json"]) {
      expect(statSync(join(root, "etc/kombify-sim-host", file)).mode & 0o777, file).toBe(0o600);
    }
    expect(JSON.parse(read("opt/kombify-sim-host/current/release.json"))).toMatchObject({ version: "1.0.0" });
  });

  it("asks for a release that is here not again, but takes a new key up", () => {
    const { start, read, archiveOf } = open();
    const sha256 = createHash("sha256")
      .update(readFileSync(archiveOf("1.0.0")))
      .digest("hex");
    expect(start({ version: "1.0.0" }).status).toBe(0);
    rmSync(archiveOf("1.0.0"));
    writeFileSync(archiveOf("1.1.0"), "its address is over");
    expect(start({ version: "1.1.0", sha256, gatewayKey: "another" })).toMatchObject({ status: 0, stderr: "" });
    expect(read("etc/kombify-sim-host/gateway-key")).toBe("another\n");
  });

  it("moves to another release, and leaves none behind on the way", () => {
    const { root, start, read } = open();
    for (const version of ["1.0.0", "1.1.0"]) expect(start({ version }).status).toBe(0);
    expect(JSON.parse(read("opt/kombify-sim-host/current/release.json"))).toMatchObject({ version: "1.1.0" });
    expect(existsSync(join(root, "opt/kombify-sim-host/incoming"))).toBe(false);
  });

  it("brings the release that was named again after somebody went back by hand, though its address is over", () => {
    const { root, start, archiveOf, versionInUse } = open();
    const programs = join(root, "opt/kombify-sim-host");
    expect(start({ version: "1.0.0" }).status).toBe(0);
    const earlier = readlinkSync(join(programs, "current"));
    expect(start({ version: "1.1.0" }).status).toBe(0);
    const sha256 = createHash("sha256")
      .update(readFileSync(archiveOf("1.1.0")))
      .digest("hex");
    const goBack = join(programs, earlier, "install/install.sh");
    execFileSync(goBack, { env: { PATH: process.env["PATH"], DESTDIR: root } });
    expect(versionInUse()).toBe("1.0.0");

    writeFileSync(archiveOf("1.1.0"), "its address is over");
    expect(start({ version: "1.1.0", sha256 })).toMatchObject({ status: 0, stderr: "" });
    expect(versionInUse()).toBe("1.1.0");
  });

  it("brings the release that was named after an upgrade that was interrupted when the new one was in use already", () => {
    const { root, start, archiveOf, versionInUse } = open();
    expect(start({ version: "1.0.0" }).status).toBe(0);
    archiveOf("1.1.0", "[Unit]\n");
    // Its unit cannot be written, which comes after the program.
    const obstacle = join(root, "etc/systemd/system/kombify-sim-host.service.new");
    mkdirSync(obstacle, { recursive: true });
    expect(start({ version: "1.1.0" }).status).not.toBe(0);
    expect(versionInUse()).toBe("1.1.0");
    rmSync(obstacle, { recursive: true });

    expect(start({ version: "1.0.0" }).status).toBe(0);
    expect(versionInUse()).toBe("1.0.0");
    expect(start({ version: "1.1.0" }).status).toBe(0);
    expect(versionInUse()).toBe("1.1.0");
  });

  it.each([
    ["nothing is in use", (programs: string) => rmSync(join(programs, "current"))],
    ["what is in use is gone", (programs: string) => rmSync(join(programs, "releases"), { recursive: true })],
    [
      "an earlier script noted the release",
      (programs: string) => {
        const [sha256 = ""] = readFileSync(join(programs, "installed"), "utf8").split(" ");
        writeFileSync(join(programs, "installed"), `${sha256}\n`);
        rmSync(join(programs, "current"));
      },
    ],
  ])("installs a release that was installed once, when %s", (_, harm) => {
    const { root, start, versionInUse } = open();
    expect(start({ version: "1.0.0" }).status).toBe(0);
    harm(join(root, "opt/kombify-sim-host"));
    expect(start({ version: "1.0.0" })).toMatchObject({ status: 0, stderr: "" });
    expect(versionInUse()).toBe("1.0.0");
  });

  it("installs nothing that is not what was named, and nothing without keys", () => {
    const { root, start } = open();
    const other = start({ version: "1.0.0", sha256: "0".repeat(64) });
    expect(other.status).toBe(1);
    expect(other.stderr).toContain("The release is not the one that was named.");
    const keyless = start({ version: "1.0.0", gatewayKey: "" });
    expect(keyless.status).toBe(1);
    expect(keyless.stderr).toContain("no key of the gateway");
    expect(existsSync(join(root, "opt/kombify-sim-host/current"))).toBe(false);
  });
});
