import { randomUUID } from "node:crypto";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import Dockerode from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testEngine } from "../../tests/support/docker-engine.ts";
import { ensureToolboxImage } from "./toolbox-image.ts";

const engine = await testEngine();
const label = `kombify-toolbox-test-${randomUUID()}`;

/** As nodes of simulations run, which belong to people whom nobody knows. */
const hardened: Dockerode.HostConfig = {
  CapDrop: ["ALL"],
  SecurityOpt: ["no-new-privileges:true"],
  ReadonlyRootfs: true,
  Tmpfs: { "/tmp": "rw,noexec,nosuid,nodev,size=16m,mode=1777" },
  PidsLimit: 64,
  Memory: 64 * 1024 * 1024,
  MemorySwap: 64 * 1024 * 1024,
  NanoCpus: 5e8,
  Init: true,
  IpcMode: "private",
  RestartPolicy: { Name: "no" },
};

describe.skipIf(engine === undefined)("the toolbox image", () => {
  const docker = new Dockerode({ socketPath: engine?.socketPath ?? "" });
  const nodes: Dockerode.Container[] = [];
  let network: Dockerode.Network;
  let client: Dockerode.Container;

  const startNode = async (Hostname: string, ...Cmd: string[]): Promise<Dockerode.Container> => {
    const node = await docker.createContainer({
      Image: engine?.toolbox.imageId ?? "",
      User: "65534:65534",
      Hostname,
      Cmd,
      Labels: { [label]: "1" },
      HostConfig: { ...hardened, NetworkMode: network.id },
      NetworkingConfig: { EndpointsConfig: { [network.id]: { Aliases: [Hostname] } } },
    });
    nodes.push(node);
    await node.start();
    return node;
  };

  beforeAll(async () => {
    network = await docker.createNetwork({ Name: label, Internal: true, Labels: { [label]: "1" } });
    client = await startNode("client", "sleep", "1000");
    await startNode("web", "httpd", "-f", "-p", "80", "-h", "/www");
    await startNode("web8080", "httpd", "-f", "-p", "8080", "-h", "/www");
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.remove({ force: true })));
    await network.remove();
  });

  /** What a command in the client node writes to either stream, and its exit code. */
  const run = async (...Cmd: string[]): Promise<{ readonly code: number | null; readonly output: string }> => {
    const exec = await client.exec({ Cmd, AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({ hijack: true, stdin: false });
    const output = new PassThrough();
    docker.modem.demuxStream(stream, output, output);
    stream.once("end", () => output.end());
    const written = await text(output);
    return { code: (await exec.inspect()).ExitCode, output: written };
  };
  const page = "<title>kombify</title>";

  it("is the same for several that load it at once, and for the next", async () => {
    const images = await Promise.all([ensureToolboxImage(docker), ensureToolboxImage(docker)]);
    expect([...images, await ensureToolboxImage(docker)]).toEqual([engine?.toolbox, engine?.toolbox, engine?.toolbox]);
    expect(engine?.toolbox.imageId).toMatch(/^sha256:[0-9a-f]{64}$/);
    const { Id, Config, RepoTags } = await docker.getImage(engine?.toolbox.reference ?? "").inspect();
    expect(Id).toBe(engine?.toolbox.imageId);
    expect(Config.User).toBe("65534:65534");
    expect(RepoTags).toContain(engine?.toolbox.reference);
  });

  it("pings a node by its name, straight and from a shell", async () => {
    for (const command of [
      ["ping", "-c", "1", "-W", "5", "web"],
      ["sh", "-c", "ping -c 1 -W 5 web8080"],
    ]) {
      const { code, output } = await run(...command);
      expect(output).toContain(" 0% packet loss");
      expect(code).toBe(0);
    }
  });

  it("serves pages on any port, and gets them", async () => {
    expect((await run("wget", "-q", "-O", "-", "http://web/")).output).toContain(page);
    expect((await run("wget", "-q", "-O", "-", "http://web8080:8080/")).output).toContain(page);
    const missing = await run("wget", "-q", "-O", "-", "http://web/none");
    expect(missing.output).toContain("404 Not Found");
    expect(missing.code).toBe(1);
  });

  it("looks names up, and tries ports", async () => {
    const { output } = await run("nslookup", "web");
    expect(output).toMatch(/Name:\s+web\nAddress: \d+\./);
    expect(await run("sh", "-c", "nc -w 5 web 80 < /dev/null")).toMatchObject({ code: 0 });
    expect(await run("sh", "-c", "nc -w 5 web 81 < /dev/null")).toMatchObject({ code: 1 });
  });

  it("packs files into a stream, which is all that a read-only node lets out", async () => {
    expect(await run("sh", "-c", "tar -c -C /www . | tar -t")).toEqual({ code: 0, output: "./\n./index.html\n" });
    expect(await run("touch", "/data/x")).toMatchObject({ code: 1 });
    expect(await run("sh", "-c", "echo a > /tmp/a && cat /tmp/a")).toEqual({ code: 0, output: "a\n" });
  });

  it("does nothing that wants a raw socket", async () => {
    for (const command of [
      ["traceroute", "web"],
      ["arping", "-c", "1", "web"],
    ]) {
      const { code, output } = await run(...command);
      expect(output).toContain("Operation not permitted");
      expect(code).toBe(1);
    }
  });

  it("has a shell that knows where it is, for people", async () => {
    const exec = await client.exec({ Cmd: ["sh"], AttachStdin: true, AttachStdout: true, Tty: true });
    const stream = await exec.start({ hijack: true, stdin: true, Tty: true });
    stream.write("exit\n");
    expect(await text(stream)).toMatch(/client:\/\$ /);
  });
});
