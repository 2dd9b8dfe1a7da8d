import { describe, expect, it } from "vitest";
import { readEngineFacts, weaknessesOf } from "./engine-facts.ts";

/** As Debian's engine 20.10.24 answers. */
const info = {
  ServerVersion: "20.10.24+dfsg1",
  Runtimes: { "io.containerd.runc.v2": { path: "runc" }, runc: { path: "runc" } },
  DefaultRuntime: "runc",
  InitBinary: "docker-init",
  InitCommit: { ID: "", Expected: "" },
  SecurityOptions: ["name=seccomp,profile=default"],
  CgroupVersion: "1",
};

describe("what an engine can do", () => {
  it("is read from its own words", () => {
    expect(readEngineFacts(info)).toStrictEqual({
      version: "20.10.24+dfsg1",
      runtimes: ["io.containerd.runc.v2", "runc"],
      defaultRuntime: "runc",
      hasInit: true,
      hasSeccomp: true,
      remapsUsers: false,
      canIsolateGateway: false,
      miscountsEndpoints: true,
      cgroupVersion: 1,
    });
  });

  it.each([
    ["20.10.24+dfsg1", false, true],
    ["27.5.1", false, true],
    ["28.0.0", true, true],
    ["28.0.0-rc.1", true, true],
    ["v29.1.3", true, false],
    ["dev", false, true],
    ["128", false, true],
  ])("depends on its release: %s", (ServerVersion, canIsolateGateway, miscountsEndpoints) => {
    expect(readEngineFacts({ ...info, ServerVersion })).toMatchObject({ canIsolateGateway, miscountsEndpoints });
  });

  it.each([
    [["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"], true],
    [["name=seccomp,profile=/etc/docker/seccomp.json"], true],
    [["name=seccomp,profile=unconfined"], false],
    [["name=apparmor"], false],
    [null, false],
  ])("filters system calls with %j: %s", (SecurityOptions, hasSeccomp) => {
    expect(readEngineFacts({ ...info, SecurityOptions })).toMatchObject({ hasSeccomp });
  });

  it.each([
    [["name=seccomp,profile=builtin", "name=userns"], true],
    [["name=rootless"], true],
    [["name=cgroupns"], false],
    [null, false],
  ])("keeps users of nodes apart from the host's with %j: %s", (SecurityOptions, remapsUsers) => {
    expect(readEngineFacts({ ...info, SecurityOptions })).toMatchObject({ remapsUsers });
  });

  it("names what an operator should know", () => {
    const weaknesses = (...SecurityOptions: string[]) =>
      weaknessesOf(readEngineFacts({ ...info, SecurityOptions })).map(
        (sentence) => /seccomp|userns/.exec(sentence)?.[0],
      );
    expect(weaknesses()).toEqual(["seccomp", "userns"]);
    expect(weaknesses("name=seccomp,profile=default")).toEqual(["userns"]);
    expect(weaknesses("name=seccomp,profile=default", "name=userns")).toEqual([]);
  });

  it("notices that the init program is missing", () => {
    expect(readEngineFacts({ ...info, InitCommit: { ID: "N/A" } })).toMatchObject({ hasInit: false });
    expect(readEngineFacts({ ...info, InitBinary: "" })).toMatchObject({ hasInit: false });
  });

  it("is nothing that another server says", () => {
    expect(() => readEngineFacts({ ok: true })).toThrow("ServerVersion");
  });
});
