import { createHash } from "node:crypto";
import type { Busybox } from "./busybox.ts";
import { makeTarArchive, type TarEntry } from "./tar-archive.ts";

/** An image as `docker load` takes it, and the name and id it has then. */
export interface ToolboxArchive {
  /** `kombify/toolbox:<version of busybox>`. */
  readonly reference: string;
  /** `sha256:` and 64 hex digits: the digest of the image's configuration. */
  readonly imageId: string;
  /** `sha256:` and 64 hex digits: the digest of the only layer, uncompressed. */
  readonly layerId: string;
  /** A docker-archive (tar). */
  readonly archive: Buffer;
}

const nobody = 65_534;
const epoch = "1970-01-01T00:00:00Z";

const texts: Readonly<Record<string, string>> = {
  "etc/passwd": `root:x:0:0:root:/:/bin/sh\nnobody:x:${nobody}:${nobody}:nobody:/tmp:/bin/sh\n`,
  "etc/group": `root:x:0:\nnogroup:x:${nobody}:\n`,
  // Docker adds names of its own to hosts, so these come first; everything else is asked at Docker's resolver.
  "etc/nsswitch.conf": "hosts: files dns\n",
  "etc/profile": "export PS1='\\h:\\w\\$ '\n",
  "www/index.html": "<!doctype html>\n<title>kombify</title>\n<p>This is a node of a kombify simulation.</p>\n",
};

const directories: readonly TarEntry[] = [
  ...["bin", "etc", "proc", "sys", "dev", "usr", "www"].map((path) => ({
    kind: "directory" as const,
    path,
    mode: 0o755,
  })),
  { kind: "directory", path: "data", mode: 0o755, owner: nobody },
  { kind: "directory", path: "tmp", mode: 0o1777 },
];

/** Scripts name their interpreters by these paths. */
const otherRooms: readonly TarEntry[] = [
  { kind: "link", path: "sbin", target: "bin" },
  { kind: "link", path: "usr/bin", target: "../bin" },
  { kind: "link", path: "usr/sbin", target: "../bin" },
];

const digestOf = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

const layerOf = ({ content, applets }: Busybox): Buffer =>
  makeTarArchive([
    ...directories,
    ...otherRooms,
    { kind: "file", path: "bin/busybox", mode: 0o755, content },
    ...applets
      .filter((applet) => applet !== "busybox")
      .map((applet) => ({ kind: "link" as const, path: `bin/${applet}`, target: "busybox" })),
    ...Object.entries(texts).map(([path, text]) => {
      return { kind: "file" as const, path, mode: 0o644, content: Buffer.from(text) };
    }),
  ]);

const configurationOf = ({ architecture, version }: Busybox, layerId: string) => ({
  architecture,
  config: {
    Cmd: ["/bin/sh"],
    Env: ["PATH=/bin", "HOME=/tmp", "ENV=/etc/profile"],
    Labels: { "org.opencontainers.image.title": "kombify toolbox", "org.opencontainers.image.version": version },
    User: `${nobody}:${nobody}`,
    WorkingDir: "/",
  },
  created: epoch,
  history: [{ created: epoch, created_by: "kombify", comment: `busybox ${version}` }],
  os: "linux",
  rootfs: { type: "layers", diff_ids: [layerId] },
});

/** Lays out the image. The same busybox gives the same bytes and so the same id, on every machine. */
export const makeToolboxArchive = (busybox: Busybox): ToolboxArchive => {
  const layer = layerOf(busybox);
  const layerId = `sha256:${digestOf(layer)}`;
  const configuration = Buffer.from(JSON.stringify(configurationOf(busybox, layerId)));
  const id = digestOf(configuration);
  const reference = `kombify/toolbox:${busybox.version}`;
  const manifest = [{ Config: `${id}.json`, RepoTags: [reference], Layers: ["layer.tar"] }];
  const file = (path: string, content: Uint8Array) => ({ kind: "file" as const, path, mode: 0o644, content });
  const archive = makeTarArchive([
    file(`${id}.json`, configuration),
    file("layer.tar", layer),
    file("manifest.json", Buffer.from(JSON.stringify(manifest))),
  ]);
  return { reference, imageId: `sha256:${id}`, layerId, archive };
};
