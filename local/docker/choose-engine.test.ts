import { describe, expect, it, vi } from "vitest";
import { chooseEngine, type EngineMachine } from "./choose-engine.ts";

/** A fresh machine of root's: no engine, nothing missing. */
const machine = (differences: Partial<EngineMachine> = {}): EngineMachine => ({
  isLinux: true,
  isRoot: true,
  dockerHost: "",
  askVersion: () => Promise.resolve(undefined),
  findMissing: () => Promise.resolve([]),
  install: () => Promise.reject(new Error("nothing was to be installed")),
  describeNeighbour: () => undefined,
  ...differences,
});

const engineAt =
  (...sockets: string[]) =>
  (path: string): Promise<string | undefined> =>
    Promise.resolve(sockets.includes(path) ? `version at ${path}` : undefined);

const reasonOf = async (differences: Partial<EngineMachine>): Promise<string> => {
  const choice = await chooseEngine(machine(differences));
  return choice.kind === "absent" ? choice.reason : `not absent but ${choice.kind}`;
};

describe("the choice of an engine", () => {
  it("falls on the one that DOCKER_HOST names, before the machine's", async () => {
    const askVersion = engineAt("/mine.sock", "/var/run/docker.sock");
    expect(await chooseEngine(machine({ dockerHost: "unix:///mine.sock", askVersion }))).toEqual({
      kind: "machine",
      socketPath: "/mine.sock",
      version: "version at /mine.sock",
      missingTools: [],
    });
  });

  it("falls on the machine's, before a private one", async () => {
    const choice = await chooseEngine(machine({ askVersion: engineAt("/var/run/docker.sock") }));
    expect(choice).toMatchObject({ kind: "machine", socketPath: "/var/run/docker.sock" });
  });

  it("falls on a private one where no other answers", async () => {
    expect(await chooseEngine(machine())).toEqual({ kind: "private" });
  });

  it("looks no further than DOCKER_HOST", async () => {
    const askVersion = engineAt("/var/run/docker.sock");
    expect(await reasonOf({ dockerHost: "unix:///gone.sock", askVersion })).toBe(
      "DOCKER_HOST names /gone.sock, where no engine answers this user. Start it, or unset DOCKER_HOST.",
    );
    for (const dockerHost of [
      "tcp://10.0.0.1:2375",
      "ssh://there",
      "unix://relative.sock",
      "npipe:////./pipe/docker",
    ]) {
      expect(await reasonOf({ dockerHost, askVersion })).toBe(
        `DOCKER_HOST is ${dockerHost}, but simulations need an engine on this machine. Set it to unix:///path/to/docker.sock, or unset it.`,
      );
    }
  });

  it("says what to do where no private one can be started", async () => {
    expect(await reasonOf({ isLinux: false, isRoot: false })).toBe(
      "No Docker engine answers at /var/run/docker.sock, and one can be started on Linux only. Start Docker, or set DOCKER_HOST.",
    );
    expect(await reasonOf({ isRoot: false })).toBe(
      "No Docker engine answers at /var/run/docker.sock, and only root can start one. Start Docker and join the group docker, or start this as root.",
    );
    expect(await reasonOf({ describeNeighbour: () => "dockerd runs." })).toBe(
      "No Docker engine answers at /var/run/docker.sock, but dockerd runs.",
    );
  });
});

describe("tools that are missing", () => {
  it("are installed before a private engine is chosen, and nothing else is", async () => {
    const install = vi.fn(() => Promise.resolve());
    const findMissing: EngineMachine["findMissing"] = (tools) =>
      Promise.resolve(tools.filter((tool) => tool === "dockerd" || tool === "tc"));
    expect(await chooseEngine(machine({ findMissing, install }))).toEqual({ kind: "private" });
    expect(install.mock.calls).toEqual([[["dockerd", "tc"]]]);
  });

  it("end the choice where they cannot be installed, with the packages that have them", async () => {
    const findMissing: EngineMachine["findMissing"] = (tools) =>
      Promise.resolve(tools.filter((tool) => ["dockerd", "ip", "tc"].includes(tool)));
    expect(await reasonOf({ findMissing, install: undefined })).toBe(
      "No Docker engine answers at /var/run/docker.sock, and none can be started. " +
        "dockerd, ip, tc: not found, and there is no apt-get here. Install docker.io, iproute2.",
    );
    const install = (): Promise<void> => Promise.reject(new Error("no network"));
    expect(await reasonOf({ findMissing, install })).toBe(
      "No Docker engine answers at /var/run/docker.sock, and none can be started. " +
        "dockerd, ip, tc: not found, and not to be installed (no network). Install docker.io, iproute2.",
    );
  });

  it("do not keep anybody from the machine's engine, but are named, and those of engines are none of them", async () => {
    const askVersion = engineAt("/var/run/docker.sock");
    const findMissing: EngineMachine["findMissing"] = (tools) =>
      Promise.resolve(tools.filter((tool) => ["dockerd", "tcpdump"].includes(tool)));
    const missingTools = ["tcpdump"];
    expect(await chooseEngine(machine({ askVersion, findMissing }))).toMatchObject({ missingTools });
    const install = vi.fn(() => Promise.resolve());
    expect(await chooseEngine(machine({ askVersion, findMissing, install, isRoot: false }))).toMatchObject({
      missingTools,
    });
    expect(install).not.toHaveBeenCalled();
    expect(await chooseEngine(machine({ askVersion, findMissing, install }))).toMatchObject({ missingTools: [] });
    expect(install.mock.calls).toEqual([[["tcpdump"]]]);
  });
});
