import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exportJWK, generateKeyPair } from "jose";
import { afterAll, expect, test } from "vitest";
import { startAzurite } from "../../../local/azurite/azurite.ts";
import { KitIndex } from "../../stackkits/kit-index.ts";
import { listKits } from "../../stackkits/list-kits.ts";
import { packKit } from "../../stackkits/pack-kit.ts";
import type { KitStorage } from "../../stackkits/ports.ts";
import { makeKitPublisher } from "../../stackkits/publish-kit.ts";
import { readKitFolder } from "../../stackkits/read-folder.ts";
import { isSignedBy, signArchive } from "../../stackkits/sign-archive.ts";
import { blobKitStorage } from "./kit-storage.ts";

const dataDirectory = await mkdtemp(join(tmpdir(), "kombify-kits-"));
const azurite = await startAzurite({ blobPort: 0, queuePort: 0, dataDirectory });
afterAll(async () => {
  await azurite.stop();
  await rm(dataDirectory, { recursive: true, force: true });
});
const { connectionString } = azurite;
const open = (container: string) => blobKitStorage({ account: { connectionString }, container, isContainerMade: true });
const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
const key = await exportJWK(privateKey);
const publicJwk = await exportJWK(publicKey);
const publisherOf = (storage: KitStorage) =>
  makeKitPublisher({ storage, sign: (signed) => signArchive(signed, key, "test"), now: () => new Date() });

const packedOf = async (id: string) => {
  const { files } = await readKitFolder(fileURLToPath(new URL(`../../../kits/${id}`, import.meta.url)));
  const result = packKit(files, id);
  if ("findings" in result) throw new Error("It is not packed.");
  return result.packed;
};
const indexOf = async (storage: KitStorage) =>
  KitIndex.parse(JSON.parse(Buffer.from((await storage.read("index.json", 1e6))?.bytes ?? []).toString("utf8")));

test("what is published is read back whole and in ranges, and one changed byte fails verification", async () => {
  const storage = open("whole");
  const packed = await packedOf("gitea");
  expect(await publisherOf(storage).publish(packed)).toBe("published");
  expect(await publisherOf(storage).publish(packed)).toBe("unchanged");
  const part = await storage.stream("kits/gitea/1.0.0.tar.gz", { range: { start: 10, end: 19 } });
  const bytes = new Uint8Array(await new Response(part?.body).arrayBuffer());
  expect(Buffer.from(bytes).equals(packed.archive.slice(10, 20))).toBe(true);
  expect(await storage.stream("kits/gitea/9.9.9.tar.gz")).toBeUndefined();
  const { etag = "" } = (await storage.read("kits/gitea/1.0.0.tar.gz", 1e6)) ?? {};
  const same = await storage.stream("kits/gitea/1.0.0.tar.gz", { etag });
  expect(await new Response(same?.body).arrayBuffer()).toHaveProperty("byteLength", packed.archive.length);
  expect(await storage.stream("kits/gitea/1.0.0.tar.gz", { etag: '"0x1"' })).toBeUndefined();
  const signature = Buffer.from((await storage.read("kits/gitea/1.0.0.jws", 10_000))?.bytes ?? []).toString("utf8");
  const signed = { id: "gitea", version: "1.0.0", archive: packed.archive };
  expect(await isSignedBy(signed, signature, [publicJwk])).toBe(true);
  const changed = packed.archive.map((byte, index) => (index === 100 ? byte ^ 1 : byte));
  expect(await isSignedBy({ ...signed, archive: changed }, signature, [publicJwk])).toBe(false);
  expect(await isSignedBy({ ...signed, version: "1.0.1" }, signature, [publicJwk])).toBe(false);
  await expect(publisherOf(storage).publish({ ...packed, archive: changed })).rejects.toMatchObject({
    code: "conflict",
  });
});

test("publishers at once lose nothing, and a version is yanked once", async () => {
  const storage = open("at-once");
  const ids = ["gitea", "homepage", "jellyfin", "loki", "metrics", "nextcloud"];
  await Promise.all(ids.map(async (id) => publisherOf(open("at-once")).publish(await packedOf(id))));
  expect((await indexOf(storage)).kits.map(({ id }) => id)).toEqual(ids);
  expect(await publisherOf(storage).yank("loki", "1.0.0")).toBe("yanked");
  expect(await publisherOf(storage).yank("loki", "1.0.0")).toBe("unchanged");
  await expect(publisherOf(storage).yank("loki", "2.0.0")).rejects.toMatchObject({ code: "not-found" });
});

test("a withdrawn version takes its name and plan with it", async () => {
  const storage = open("withdrawn");
  const packed = await packedOf("gitea");
  await publisherOf(storage).publish(packed);
  const newer = { ...packed.manifest.kit, version: "2.0.0", name: "Gitea for firms", minPlan: "enterprise" as const };
  await publisherOf(storage).publish({ ...packed, manifest: { ...packed.manifest, kit: newer } });
  const listed = async () =>
    listKits((await indexOf(storage)).kits, { text: "gitea", sort: "name", limit: 9 }, "free").kits;
  expect(await listed()).toMatchObject([{ name: "Gitea for firms", version: "2.0.0", requiredPlan: "enterprise" }]);
  await publisherOf(storage).yank("gitea", "2.0.0");
  expect(await listed()).toMatchObject([{ name: "Gitea", version: "1.0.0", minPlan: "free", requiredPlan: null }]);
});

test("a publisher that dies at any write is run again and ends the same", async () => {
  const packed = await packedOf("gitea");
  for (let writesLeft = 0; writesLeft < 3; writesLeft += 1) {
    const storage = open(`killed-${writesLeft}`);
    let left = writesLeft;
    const guard = () => {
      if (left === 0) throw new Error("killed");
      left -= 1;
    };
    const dying: KitStorage = {
      ...storage,
      create: async (...args) => (guard(), storage.create(...args)),
      replaceIndex: async (...args) => (guard(), storage.replaceIndex(...args)),
    };
    await expect(publisherOf(dying).publish(packed)).rejects.toThrow("killed");
    expect(await storage.read("index.json", 1e6)).toBeUndefined();
    expect(await publisherOf(storage).publish(packed)).toBe("published");
    expect((await indexOf(storage)).kits).toHaveLength(1);
  }
});
