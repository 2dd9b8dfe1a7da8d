import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitUntil } from "../../local/process/wait-until.ts";
import { buildSimHost } from "../../scripts/build-sim-host.ts";
import type { ControlPlane } from "../support/control-plane.ts";
import { startControlPlane } from "../support/control-plane.ts";
import { testEngine } from "../support/docker-engine.ts";
import { readUnit } from "../support/read-unit.ts";
import type { SimHostProcess } from "../support/sim-host-process.ts";
import { simClient, startSimHost } from "../support/sim-host-process.ts";

const engine = await testEngine();

const lab = {
  name: "released",
  nodes: {
    web: { image: "toolbox", command: ["sh", "-c", "echo hello >/tmp/index.html; httpd -f -p 8080 -h /tmp"] },
    client: { image: "toolbox", command: ["sleep", "infinity"] },
  },
  links: { cable: { nodes: ["client", "web"], delay: "40ms" } },
};

interface Seen {
  readonly id: string;
  readonly status: string;
  readonly error?: unknown;
}

/** What systemd takes from the host by its unit, as far as it can be taken without systemd: rights, now and for ever. */
const restrictions = (): readonly string[] => {
  const kept = readUnit("infra/sim-host/kombify-sim-host.service").all("CapabilityBoundingSet").join(" ").split(/\s+/);
  const names = kept.map((name) => `+${name.replace(/^CAP_/, "").toLowerCase()}`);
  return ["setpriv", "--no-new-privs", "--inh-caps=-all", `--bounding-set=-all,${names.join(",")}`, "--"];
};

describe.skipIf(engine === undefined)("the built host, with no more rights than its unit leaves it", () => {
  let directory: string;
  let controlPlane: ControlPlane;
  let host: SimHostProcess;

  beforeAll(async () => {
    if (engine === undefined) return;
    directory = await mkdtemp(join(tmpdir(), "ksim-"));
    await buildSimHost(join(directory, "release"));
    controlPlane = await startControlPlane();
    host = await startSimHost({
      ...{ directory, socketPath: engine.socketPath, toolbox: engine.toolbox, controlPlane },
      entry: join(directory, "release/main.mjs"),
      prefix: restrictions(),
      settings: { SIM_ON_SHUTDOWN: "remove" },
    });
  });
  afterAll(async () => {
    if (engine === undefined) return;
    await host.stop();
    await controlPlane.close();
    await rm(directory, { recursive: true, force: true });
  });

  const client = () => simClient(() => host, controlPlane, "acme");
  const read = async (id: string): Promise<Seen> => (await client().call("GET", `/${id}`)).json() as Promise<Seen>;
  const exec = async (id: string, command: readonly string[]) => {
    const response = await client().call("POST", `/${id}/nodes/client/exec`, { command });
    return (await response.json()) as { readonly exitCode: number; readonly output: string };
  };

  it("starts a simulation whose link is as slow as it was told, and captures on it", async () => {
    const made = await client().call("POST", "?start=true", lab);
    const { simulation } = (await made.json()) as { readonly simulation: Seen };
    await waitUntil(async () => ["running", "failed"].includes((await read(simulation.id)).status), 90_000);
    expect(await read(simulation.id)).toMatchObject({ status: "running" });

    const before = performance.now();
    const answer = await exec(simulation.id, ["wget", "-q", "-O", "-", "http://web:8080/index.html"]);
    expect(answer).toMatchObject({ exitCode: 0, output: expect.stringContaining("hello") as unknown });
    // There and back, for the handshake and for the page.
    expect(performance.now() - before).toBeGreaterThan(160);

    const capturing = client().call("POST", `/${simulation.id}/links/cable/captures`, { node: "client", seconds: 3 });
    await waitUntil(async () => {
      await exec(simulation.id, ["wget", "-q", "-O", "-", "http://web:8080/index.html"]);
      return true;
    }, 30_000);
    const capture = await capturing;
    expect(capture.status).toBe(200);
    expect((await capture.arrayBuffer()).byteLength).toBeGreaterThan(24);
  });

  it("says in the log that its relay is prompt", () => {
    expect(host.log()).not.toContain("inexact");
  });
});
