import { createHash } from "node:crypto";
import { dirname } from "node:path";
import { makeTarArchive, type TarEntry } from "./tar-archive.ts";
import type { ToolboxPrograms } from "./toolbox-programs.ts";

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
  "etc/nsswitch.conf": "hosts: files dns\n",
  "etc/protocols": "ip\t0\tIP\nicmp\t1\tICMP\ntcp\t6\tTCP\nudp\t17\tUDP\nipv6-icmp\t58\tIPv6-ICMP\n",
  // ENV names it: what a shell reads that somebody types into.
  "etc/profile": "PS1='\\h:\\w\\$ '\n",
  "www/index.html": "<!doctype html>\n<title>kombify</title>\n<p>This is a node of a kombify simulation.</p>\n",
};

const mountPoints = ["dev", "proc", "sys", "usr"];

const directory = (path: string): TarEntry => ({ kind: "directory", path, mode: 0o755 });
const file = (path: string, content: Uint8Array, mode = 0o644): TarEntry => ({ kind: "file", path, mode, content });
const link = (path: string, target: string): TarEntry => ({ kind: "link", path, target });

/** Every directory above a path, for example `lib` and `lib/x86_64-linux-gnu`. */
const above = (path: string): readonly string[] => {
  const parent = dirname(path);
  return parent === "." ? [] : [...above(parent), parent];
};

const layerOf = ({ applets, files }: ToolboxPrograms): Buffer => {
  const paths = files.map(({ path }) => path);
  const directories = new Set([...mountPoints, ...[...paths, ...Object.keys(texts)].flatMap(above)]);
  return makeTarArchive([
    ...[...directories].map(directory),
    { kind: "directory", path: "data", mode: 0o755, owner: nobody },
    { kind: "directory", path: "tmp", mode: 0o1777 },
    // Scripts name their interpreters by these paths.
    link("sbin", "bin"),
    link("usr/bin", "../bin"),
    link("usr/sbin", "../bin"),
    link("bin/sh", "bash"),
    ...applets
      .filter((name) => name !== "sh" && !paths.includes(`bin/${name}`))
      .map((name) => link(`bin/${name}`, "busybox")),
    ...files.map(({ path, content }) => file(path, content, 0o755)),
    ...Object.entries(texts).map(([path, text]) => file(path, Buffer.from(text))),
  ]);
};

const configurationOf = ({ architecture, version }: ToolboxPrograms, layerId: string) => ({
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

const digestOf = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** Lays out the image. The same programs give the same bytes and so the same id, on every machine. */
export const makeToolboxArchive = (programs: ToolboxPrograms): ToolboxArchive => {
  const layer = layerOf(programs);
  const layerId = `sha256:${digestOf(layer)}`;
  const configuration = Buffer.from(JSON.stringify(configurationOf(programs, layerId)));
  const id = digestOf(configuration);
  const reference = `kombify/toolbox:${programs.version}`;
  const manifest = [{ Config: `${id}.json`, RepoTags: [reference], Layers: ["layer.tar"] }];
  const archive = makeTarArchive([
    file(`${id}.json`, configuration),
    file("layer.tar", layer),
    file("manifest.json", Buffer.from(JSON.stringify(manifest))),
  ]);
  return { reference, imageId: `sha256:${id}`, layerId, archive };
};
