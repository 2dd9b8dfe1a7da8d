import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { readSettings, Settings } from "../../sim-host/config.ts";
import { readUnit } from "../support/read-unit.ts";

// What lies on the machine of the simulation host, each file against the others and against what the program reads.
const directory = "infra/sim-host";
const read = (name: string): string => readFileSync(join(directory, name), "utf8");

const settingLine = /^(# )?([A-Z][A-Z_]*)=(.*)$/;
const example = read("settings.env.example")
  .split("\n")
  .flatMap((line) => {
    const [, mark, name = "", value = ""] = settingLine.exec(line) ?? [];
    return name === "" ? [] : [{ name, value, isDefault: mark !== undefined }];
  });

test("the example has every setting of the program, in its order, and no other", () => {
  expect(example.map(({ name }) => name)).toEqual(Object.keys(Settings.shape));
});

/** It has no default, so the example shows what it could be. */
const optional = ["SIM_RUNTIME"];
/** Its default is for this machine alone. */
const ofEachMachine = ["SIM_LISTEN_ADDRESS"];

test.each(Object.entries(Settings.shape))("%s is commented out exactly when it may be left out", (name, schema) => {
  const { value, isDefault } = example.find((line) => line.name === name)!;
  const parsed = schema.safeParse(undefined);
  expect(isDefault).toBe(parsed.success && !ofEachMachine.includes(name));
  if (isDefault && !optional.includes(name)) expect(String(parsed.data)).toBe(value);
  // What only an operator knows cannot be taken for a value.
  if (value.startsWith("<")) expect(schema.safeParse(value).success).toBe(false);
});

test("the host starts with the example once its gaps are filled", () => {
  const filled: Readonly<Record<string, string>> = {
    SIM_LISTEN_ADDRESS: "10.10.5.4",
    SIM_MEMORY_MEGABYTES: "24000",
    SIM_CPUS: "64",
    PUBLIC_BASE_URL: "https://kombify.example",
    CONTROL_PLANE_URL: "https://app.kombify.example",
    OIDC_ISSUER: "https://id.kombify.example",
    OIDC_JWKS_URI: "https://id.kombify.example/keys",
    OIDC_PROJECT_ID: "project",
    OPERATOR_ORG_ID: "operators",
  };
  const gaps = example.filter(({ value }) => value.startsWith("<")).map(({ name }) => name);
  expect(gaps.sort()).toEqual(Object.keys(filled).sort());
  const lines = example.filter(({ isDefault }) => !isDefault);
  const environment = Object.fromEntries(lines.map(({ name, value }) => [name, filled[name] ?? value]));
  expect(readSettings(environment)).toMatchObject({ SIM_DATA_DIRECTORY: "/var/lib/kombify-sim-host" });
});

const CloudInit = z.strictObject({
  disk_setup: z.record(z.string(), z.object({ overwrite: z.literal(false) }).loose()),
  fs_setup: z.tuple([z.object({ label: z.string(), overwrite: z.literal(false) }).loose()]),
  mounts: z.tuple([z.tuple([z.string(), z.string(), z.string(), z.string(), z.string(), z.string()])]),
  package_update: z.literal(true),
  packages: z.array(z.string()),
  write_files: z.array(z.strictObject({ path: z.string(), permissions: z.literal("0644"), content: z.string() })),
  runcmd: z.array(z.array(z.string())),
});
const cloudInit = CloudInit.parse(parseYaml(read("cloud-init.yaml")));
const installer = read("install.sh");
const shellValue = (name: string): string =>
  new RegExp(`\\b${name}=(?:"([^"]*)"|(\\S+))`).exec(installer)?.slice(1).find(Boolean)?.replace("$root", "") ?? "";

test("the first boot takes no more from the distribution than the installer, which finds everything there", () => {
  expect(read("cloud-init.yaml")).toMatch(/^#cloud-config\n/);
  expect(cloudInit.packages).toEqual(shellValue("packages").split(" "));
});

test("the first boot writes the files that the installer would, to the letter", () => {
  expect(Object.fromEntries(cloudInit.write_files.map(({ path, content }) => [path, content]))).toEqual({
    [shellValue("engine")]: read("daemon.json"),
    [shellValue("modules")]: read("modules.conf"),
  });
});

test("the first boot keeps a disk that has data, and mounts it where the host keeps its own", () => {
  const [[device, point, , options]] = cloudInit.mounts;
  expect(device).toBe(`LABEL=${cloudInit.fs_setup[0].label}`);
  expect(point).toBe(shellValue("data"));
  // A machine without its disk comes up, so that somebody can look.
  expect(options).toContain("nofail");
});

test("the first boot may run again, and has nothing that is secret or of one installation", () => {
  const programs = cloudInit.runcmd.map(([program]) => program);
  expect(programs).toEqual(["systemctl", "install"]);
  expect(read("cloud-init.yaml")).not.toMatch(/__\w+__|_KEY|-key|password|token|https?:/i);
});

const unit = readUnit(join(directory, "kombify-sim-host.service"));
const one = (key: string): string => {
  const values = unit.all(key);
  expect(values, key).toHaveLength(1);
  return values[0]!;
};

test("the unit reads the settings and runs the program where the installer puts them", () => {
  expect(one("EnvironmentFile")).toBe(`${shellValue("settings")}/settings.env`);
  const current = `${shellValue("programs")}/current`;
  expect(one("ExecStart").split(" ")).toEqual([
    `${current}/bin/node`,
    "--disable-warning=ExperimentalWarning",
    `${current}/main.mjs`,
  ]);
  const data = shellValue("data");
  expect([one("WorkingDirectory"), one("RequiresMountsFor")]).toEqual([data, data]);
  expect(one("ReadWritePaths").split(" ")[0]).toBe(data);
  expect(example).toContainEqual({ name: "SIM_DATA_DIRECTORY", value: data, isDefault: false });
});

test("the unit leaves the host the rights it needs, and no others", () => {
  const rights = ["NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_NICE", "SETUID", "SETGID", "SETPCAP", "KILL"];
  expect(one("CapabilityBoundingSet").split(" ")).toEqual(rights.map((right) => `CAP_${right}`));
  expect(one("NoNewPrivileges")).toBe("yes");
  expect(one("DeviceAllow")).toBe("/dev/net/tun rw");
  // The relay is scheduled as a real-time program; nodes' processes are found in /proc; taps get no address of IPv6.
  const keys = unit.keys.map((key) => key.slice("Service.".length));
  expect(keys.filter((key) => ["RestrictRealtime", "ProtectProc", "ProcSubset"].includes(key))).toEqual([]);
  expect(one("ProtectKernelTunables")).toBe("yes");
  expect(one("ReadWritePaths")).toContain("-/proc/sys/net/ipv6/conf");
  // Links run in network namespaces of nodes and speak every protocol there.
  for (const family of ["AF_UNIX", "AF_INET", "AF_NETLINK", "AF_PACKET"]) {
    expect(one("RestrictAddressFamilies").split(" ")).toContain(family);
  }
  expect(one("RestrictNamespaces")).toBe("net");
});

test("systemd gives the host longer to end than the host gives itself", () => {
  const [, own = ""] = /stopTimeoutMilliseconds = ([\d_]+)/.exec(readFileSync("sim-host/main.ts", "utf8")) ?? [];
  expect(Number(own.replaceAll("_", ""))).toBeGreaterThan(1_000);
  expect(Number(one("TimeoutStopSec")) * 1_000).toBeGreaterThan(Number(own.replaceAll("_", "")));
  expect(one("KillMode")).toBe("mixed");
});

test("systemd knows every word of the unit", ({ skip }) => {
  if (spawnSync("systemd-analyze", ["--version"]).status !== 0) {
    process.stderr.write("The unit is not checked by systemd: there is no systemd-analyze here.\n");
    skip();
  }
  const place = mkdtempSync(join(tmpdir(), "kombify-unit-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const file = join(place, "kombify-sim-host.service");
  // The program is not on this machine; everything else is as it will be.
  writeFileSync(file, read("kombify-sim-host.service").replace(/^(ExecStart=)\S+/m, "$1/bin/true"));
  const { stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8", timeout: 15_000 });
  expect(stderr.split("\n").filter((line) => line.includes("kombify-sim-host"))).toEqual([]);
});

test("the engine keeps networks apart from the links' range, gives nodes no way up, and keeps little of what they print", () => {
  const Daemon = z.object({
    icc: z.literal(false),
    "no-new-privileges": z.literal(true),
    "userns-remap": z.literal("default"),
    "live-restore": z.literal(true),
    "userland-proxy": z.literal(false),
    iptables: z.literal(true),
    "default-address-pools": z.tuple([z.object({ base: z.cidrv4() })]),
    "log-opts": z.object({ "max-size": z.literal("1m"), "max-file": z.string() }),
  });
  const daemon = Daemon.parse(JSON.parse(read("daemon.json")));
  const [pool] = daemon["default-address-pools"];
  const firstTwo = (network: string): string => network.split(".").slice(0, 2).join(".");
  expect(firstTwo(pool.base)).not.toBe(firstTwo(Settings.shape.SIM_SUBNETS.parse(undefined)));
});

test("the example of the list of images has the form the host reads", () => {
  const Example = z.array(
    z.strictObject({ name: z.string(), reference: z.string(), imageId: z.string(), summary: z.string() }),
  );
  const images = Example.parse(JSON.parse(read("images.example.json")));
  expect(images.map(({ name }) => name)).toContain(Settings.shape.SIM_CANARY_IMAGE.parse(undefined));
});

test.each(readdirSync(directory).filter((name) => name.endsWith(".sh")))(
  "%s is plain shell, and may be executed",
  (name) => {
    execFileSync("sh", ["-n", join(directory, name)]);
    expect(read(name)).toMatch(/^#!\/bin\/sh\n/);
    expect(statSync(join(directory, name)).mode & 0o111).toBe(0o111);
  },
);
