import { describe, expect, it } from "vitest";
import { daemonConfiguration, privateEngineFiles } from "./private-engine-files.ts";

const longest = ({ execRoot }: { execRoot: string }): number =>
  Buffer.byteLength(`${execRoot}/containerd/containerd-debug.sock`);

describe("the files of a private engine", () => {
  it("are below its data directory", () => {
    expect(privateEngineFiles("/data/docker")).toMatchObject({
      dataRoot: "/data/docker/data",
      configFile: "/data/docker/daemon.json",
      socketPath: "/data/docker/run/docker.sock",
      namespaceFile: "/data/docker/run/net",
    });
  });

  it("have their sockets elsewhere where a socket's path would be too long, each directory's in a place of its own", () => {
    const fitting = `/${"d".repeat(107 - "//run/exec/containerd/containerd-debug.sock".length)}`;
    expect(privateEngineFiles(fitting).socketPath).toBe(`${fitting}/run/docker.sock`);
    expect(longest(privateEngineFiles(fitting))).toBe(107);
    const [first, second] = [privateEngineFiles(`${fitting}d`, "/tmp"), privateEngineFiles(`${fitting}e`, "/tmp")];
    expect(first.socketPath).toMatch(/^\/tmp\/kombify-docker-[0-9a-f]{16}\/docker\.sock$/);
    expect(first.dataRoot).toBe(`${fitting}d/data`);
    expect(first.runDirectory).not.toBe(second.runDirectory);
    expect(longest(first)).toBeLessThanOrEqual(107);
  });

  it("count bytes, not characters", () => {
    expect(privateEngineFiles(`/${"ä".repeat(40)}`, "/tmp").socketPath).toMatch(/^\/tmp\//);
  });

  it("are refused where even the temporary directory is too deep", () => {
    expect(() => privateEngineFiles(`/${"d".repeat(90)}`, `/${"t".repeat(90)}`)).toThrow(
      "Set TMPDIR to a shorter directory",
    );
  });
});

describe("the configuration of a private engine", () => {
  const configuration: unknown = JSON.parse(daemonConfiguration(privateEngineFiles("/data/docker"), "overlay2"));

  it("has no bridge but those somebody makes, keeps the firewall, and has room for thousands of networks", () => {
    expect(configuration).toMatchObject({
      bridge: "none",
      iptables: true,
      "default-address-pools": [{ base: "10.209.0.0/16", size: 28 }],
    });
  });

  it("lets nobody but root in", () => {
    expect(configuration).toMatchObject({ hosts: ["unix:///data/docker/run/docker.sock"], group: "root" });
  });

  it("shares no containers with other engines of the same containerd", () => {
    const { containerdNamespace } = privateEngineFiles("/data/docker");
    expect(configuration).toMatchObject({ "containerd-namespace": containerdNamespace });
    expect(privateEngineFiles("/data/other").containerdNamespace).not.toBe(containerdNamespace);
  });
});
