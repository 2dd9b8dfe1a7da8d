import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { makeToolboxArchive } from "./toolbox-archive.ts";
import type { ToolboxPrograms } from "./toolbox-programs.ts";

const programs: ToolboxPrograms = {
  version: "1.35.0",
  applets: ["busybox", "httpd", "ping", "sh", "wget"],
  architecture: "amd64",
  files: [
    { path: "bin/busybox", content: Buffer.from("busybox") },
    { path: "bin/bash", content: Buffer.from("bash") },
    { path: "bin/ping", content: Buffer.from("ping") },
    { path: "lib/x86_64-linux-gnu/libc.so.6", content: Buffer.from("libc") },
    { path: "usr/share/terminfo/x/xterm", content: Buffer.from("xterm") },
  ],
};

interface Entry {
  readonly mode: string;
  readonly owner: number;
  readonly target: string;
  readonly content: Buffer;
}

const read = (archive: Buffer): ReadonlyMap<string, Entry> => {
  const text = (begin: number, length: number): string =>
    archive.toString("latin1", begin, begin + length).replace(/\0.*$/, "");
  const entries = new Map<string, Entry>();
  for (let at = 0; archive[at] !== 0;) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const content = archive.subarray(at + 512, at + 512 + size);
    const owner = Number.parseInt(text(at + 108, 8), 8);
    entries.set(text(at, 100), { mode: text(at + 100, 8).slice(3), owner, target: text(at + 157, 100), content });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return entries;
};

const digest = (content: Buffer): string => createHash("sha256").update(content).digest("hex");
const contentOf = (entries: ReadonlyMap<string, Entry>, name: string): Buffer => {
  const entry = entries.get(name);
  if (entry === undefined) throw new Error(`no ${name} in the archive`);
  return entry.content;
};
const layerOf = (archive: Buffer) => read(contentOf(read(archive), "layer.tar"));

describe("the toolbox archive", () => {
  it("is the same, byte for byte, for the same programs, and has the same id on every machine", () => {
    const [first, second] = [makeToolboxArchive(programs), makeToolboxArchive({ ...programs })];
    expect(first.archive.equals(second.archive)).toBe(true);
    expect(first.imageId).toBe("sha256:c8b44df21bcb8e84d5a3ce5bb7debe881104fba08a6a4f28b022057694bb92d3");
  });

  it("has another id for another busybox", () => {
    const files = programs.files.map((file) => ({ ...file, content: Buffer.concat([file.content, Buffer.from(".")]) }));
    expect(makeToolboxArchive({ ...programs, files }).imageId).not.toBe(makeToolboxArchive(programs).imageId);
  });

  it("is named by digests of what is in it, as docker load checks them", () => {
    const { reference, imageId, layerId, archive } = makeToolboxArchive(programs);
    const entries = read(archive);
    const manifest: unknown = JSON.parse(contentOf(entries, "manifest.json").toString());
    const id = imageId.replace("sha256:", "");
    expect(manifest).toEqual([{ Config: `${id}.json`, RepoTags: [reference], Layers: ["layer.tar"] }]);
    expect(reference).toBe("kombify/toolbox:1.35.0");
    const configuration = contentOf(entries, `${id}.json`);
    expect(digest(configuration)).toBe(id);
    expect(`sha256:${digest(contentOf(entries, "layer.tar"))}`).toBe(layerId);
    expect(JSON.parse(configuration.toString())).toMatchObject({
      os: "linux",
      architecture: "amd64",
      created: "1970-01-01T00:00:00Z",
      config: { User: "65534:65534", Env: ["PATH=/bin", "HOME=/tmp", "ENV=/etc/profile"] },
      rootfs: { type: "layers", diff_ids: [layerId] },
    });
  });

  it("has a link for each command, except where a program of its own has the name", () => {
    const layer = layerOf(makeToolboxArchive(programs).archive);
    const targets = [...layer].filter(([, { target }]) => target !== "").map(([name, { target }]) => [name, target]);
    expect(Object.fromEntries(targets)).toEqual({
      "bin/httpd": "busybox",
      "bin/sh": "bash",
      "bin/wget": "busybox",
      sbin: "bin",
      "usr/bin": "../bin",
      "usr/sbin": "../bin",
    });
    expect(layer.get("bin/ping")).toMatchObject({ mode: "0755", owner: 0, content: Buffer.from("ping") });
  });

  it("has every directory above a file, a place to write for everybody, and one that nobody owns", () => {
    const layer = layerOf(makeToolboxArchive(programs).archive);
    const directories = [...layer].filter(([name]) => name.endsWith("/"));
    expect(directories.map(([name, { mode, owner }]) => `${name} ${mode} ${owner}`)).toEqual([
      "bin/ 0755 0",
      "data/ 0755 65534",
      "dev/ 0755 0",
      "etc/ 0755 0",
      "lib/ 0755 0",
      "lib/x86_64-linux-gnu/ 0755 0",
      "proc/ 0755 0",
      "sys/ 0755 0",
      "tmp/ 1777 0",
      "usr/ 0755 0",
      "usr/share/ 0755 0",
      "usr/share/terminfo/ 0755 0",
      "usr/share/terminfo/x/ 0755 0",
      "www/ 0755 0",
    ]);
    expect(contentOf(layer, "etc/passwd").toString()).toContain("nobody:x:65534:65534:");
    expect(contentOf(layer, "www/index.html").toString()).toContain("<title>kombify</title>");
  });
});
