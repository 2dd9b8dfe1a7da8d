import { createHash, generateKeyPairSync } from "node:crypto";
import { exportJWK } from "jose";
import { stringify } from "yaml";
import { blobsOf, indexBlob } from "../../shared/stackkits/kit-index.ts";
import { Kit } from "../../shared/stackkits/kit.ts";
import type { KitStorage } from "../../shared/stackkits/ports.ts";
import { sha256Of, signArchive } from "../../shared/stackkits/sign-archive.ts";
import { writeKitArchive } from "../../shared/stackkits/write-archive.ts";
import type { Plan } from "../../shared/tenants/plan.ts";

const aKit = (id: string, version: string, minPlan: Plan, services: readonly string[]): Kit =>
  Kit.parse({
    ...{ id, version, minPlan, name: `The ${id}`, summary: "Something useful.", categories: ["media"], licence: "MIT" },
    maintainers: [{ name: "kombify" }],
    architectures: ["amd64"],
    requirements: { memoryMegabytes: 100, diskMegabytes: 100 },
    parameters: [
      { name: "TITLE", type: "string", label: "Title", required: true, default: "Films" },
      { name: "PASSWORD", type: "secret", label: "Password" },
    ],
    services: services.map((name) => ({ name, image: "nginx:1.27.0", summary: "Serves." })),
    ports: [{ name: "web", service: services[0], number: 8080, container: 80 }],
    changelog: [
      { version, date: "2026-01-02", added: ["More."] },
      { version: "0.9.0", date: "2026-01-01", added: ["Much."] },
    ],
  });

const versions = [
  { kit: aKit("media", "1.1.0", "free", ["web"]), yankedAt: null },
  { kit: aKit("media", "1.0.0", "free", ["web", "worker"]), yankedAt: null },
  { kit: aKit("media", "0.9.0", "free", ["web"]), yankedAt: "2026-01-03T00:00:00.000Z" },
  { kit: aKit("photos", "1.0.0", "pro", ["web"]), yankedAt: null },
];

/** Does not get smaller by compression: archives are a few thousand bytes long. */
const noise = Array.from({ length: 70 }, (_, n) => createHash("sha512").update(`${n}`).digest("base64")).join("\n");

const archiveOf = (kit: Kit): Uint8Array =>
  writeKitArchive(
    new Map(
      Object.entries({
        "kit.yaml": stringify(kit),
        "docker-compose.yaml": "services: {}\n",
        "README.md": "# Read",
        "icon.svg": "<svg/>",
        "files/noise": noise,
      }).map(([path, text]) => [path, Buffer.from(text)]),
    ),
  );

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

const publishedBlobs = async (): Promise<Map<string, Uint8Array>> => {
  const blobs = new Map<string, Uint8Array>();
  const listed = [];
  for (const { kit, yankedAt } of versions) {
    const { id, version, name, summary, minPlan, categories } = kit;
    const archive = archiveOf(kit);
    const names = blobsOf(id, version);
    blobs.set(names.archive, archive);
    const signature = await signArchive({ id, version, archive }, await exportJWK(privateKey), "test");
    blobs.set(names.signature, Buffer.from(signature));
    const publishedAt = "2026-01-02T00:00:00.000Z";
    const own = { version, yankedAt, publishedAt, sizeBytes: archive.length, sha256: sha256Of(archive), ...names };
    const before = listed.find((each) => each.id === id);
    if (before === undefined) listed.push({ id, name, summary, minPlan, categories, versions: [own] });
    else before.versions.push(own);
  }
  blobs.set(indexBlob, Buffer.from(JSON.stringify({ revision: 1, kits: listed })));
  return blobs;
};

const etagOf = (bytes: Uint8Array): string => `"${sha256Of(bytes)}"`;

/** Really packed and signed kits: `media` 1.1.0, 1.0.0 and 0.9.0 (yanked) for everybody, `photos` 1.0.0 for pro. */
export const publishedKits = async () => {
  const blobs = await publishedBlobs();
  const storage: KitStorage = {
    read: (name) => {
      const bytes = blobs.get(name);
      return Promise.resolve(bytes === undefined ? undefined : { bytes, etag: etagOf(bytes) });
    },
    stream: (name, { range, etag } = {}) => {
      const bytes = Buffer.from(blobs.get(name) ?? []);
      if (etag !== undefined && etag !== etagOf(bytes)) return Promise.resolve(undefined);
      const body = new Blob([range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)]).stream();
      return Promise.resolve({ body, sizeBytes: bytes.length });
    },
    create: () => Promise.resolve("exists"),
    replaceIndex: () => Promise.resolve(undefined),
  };
  return { blobs, storage, keys: [{ ...(await exportJWK(publicKey)), kid: "test" }] };
};
