import { readdirSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { KitFiles } from "./kit-files.ts";
import { kitFactsOf } from "./kit.ts";
import { fixKit, lintKit, repairKit } from "./lint-kit.ts";
import { packKit } from "./pack-kit.ts";
import { readKitArchive } from "./read-archive.ts";
import { readKitFolder } from "./read-folder.ts";
import { validateSpec } from "./validate-spec.ts";
import { writeKitArchive } from "./write-archive.ts";

const root = fileURLToPath(new URL("../../kits/", import.meta.url));
const ids = readdirSync(root);
const nextcloud = await readKitFolder(`${root}nextcloud`);

const textOf = (files: KitFiles, file: string): string => Buffer.from(files.get(file) ?? []).toString("utf8");
const changed = (file: string, change: (text: string) => string): KitFiles =>
  new Map(nextcloud.files).set(file, Buffer.from(change(textOf(nextcloud.files, file))));
const rulesOf = (files: KitFiles) =>
  lintKit(files, "nextcloud")
    .findings.filter(({ severity }) => severity !== "info")
    .map(({ rule }) => rule);

test("at least ten kits are shipped, for every plan, and none has an error or a warning", async () => {
  expect(ids.length).toBeGreaterThanOrEqual(10);
  const plans = new Set<unknown>();
  for (const id of ids) {
    const { files, findings } = await readKitFolder(root + id);
    const linted = lintKit(files, id);
    expect([...findings, ...linted.findings].filter(({ severity }) => severity !== "info")).toEqual([]);
    plans.add(linted.kit?.minPlan);
  }
  expect([...plans].toSorted()).toEqual(["enterprise", "free", "pro"]);
});

test("every shipped kit can be installed with its own values and the passwords it asks for", async () => {
  const empty = { serviceCount: 0, deploymentNames: [], takenPorts: [], nodes: [], installed: [] };
  for (const id of ids) {
    const { kit } = lintKit((await readKitFolder(root + id)).files, id);
    if (kit === undefined) throw new Error(`${id} cannot be read.`);
    const asked = kit.parameters.filter((each) => each.required && each.default === undefined);
    const parameters = Object.fromEntries(asked.map(({ name, min = 1 }) => [name, "x".repeat(Math.max(min, 12))]));
    const installed = kit.dependencies.map((needed) => ({ id: needed.id, version: "1.0.0" }));
    const stack = { ...empty, plan: "enterprise" as const, installed };
    const { findings } = validateSpec(JSON.stringify({ name: id, parameters }), kitFactsOf(kit), stack);
    expect(findings, id).toEqual([]);
  }
});

test.each([
  ["kit.yaml", "minPlan: pro", "", "kit/schema"],
  ["kit.yaml", "id: nextcloud", "id: other", "kit/folder-differs"],
  ["kit.yaml", "nextcloud:29.0.4-apache", "nextcloud:latest", "kit/image-not-pinned"],
  ["kit.yaml", "id: nextcloud", "id: nextcloud\nid: nextcloud", "kit/syntax"],
  ["kit.yaml", "id: nextcloud", "id: nextcloud\n\tname: x", "kit/syntax"],
  ["kit.yaml", "id: nextcloud", "id: nextcloud\n__proto__: { a: 1 }", "kit/key-forbidden"],
  ["kit.yaml", "id: nextcloud", "id: &a nextcloud\nb: [*a, *a]", "kit/alias"],
  ["kit.yaml", "id: nextcloud", "id: next\0cloud", "kit/encoding"],
  ["kit.yaml", "id: nextcloud", "\uFEFFid: nextcloud", "kit/encoding"],
  ["kit.yaml", "version: 1.0.0", "version: 1.1.0", "kit/changelog-version"],
  ["kit.yaml", "service: database", "service: nobody", "kit/service-unknown"],
  ["docker-compose.yaml", "image: redis:7.2.5", "image: redis:7.2.4", "compose/image-differs"],
  ["docker-compose.yaml", "${TRUSTED_DOMAIN:-localhost}", "${SOMETHING}", "compose/variable-unknown"],
  ["docker-compose.yaml", "}:80", "}:81", "compose/ports-differ"],
  ["docker-compose.yaml", "  cache:", "  cash:", "compose/service-missing"],
  ["icon.svg", "<rect", "<script/><rect", "kit/icon"],
])("%s with %j turned into %j: %s %s", (file, from, to, rule) => {
  const files = changed(file, (text) => {
    const result = file === "kit.yaml" && to.startsWith("\uFEFF") ? `\uFEFF${text}` : text.replace(from, () => to);
    expect(result).not.toBe(text);
    return result;
  });
  expect(rulesOf(files)).toContain(rule);
});

test.each([
  '<a href="java&#115;cript:alert(1)">x</a>',
  '<a href="https://example.com">x</a>',
  '<image href="http://example.com/x.png"/>',
  '<use xlink:href="http://example.com/x.svg#a"/>',
  "<use href=//example.com/x.svg#a />",
  "<style>@import url(http://example.com)</style>",
  '<rect fill="url(http://example.com/x.svg#a)"/>',
  '<rect/onload="alert(1)"/>',
  '<set attributeName="href" to="javascript:alert(1)"/>',
  "<foreignObject><iframe/></foreignObject>",
  '<!DOCTYPE svg [<!ENTITY x "y">]>',
  '<?xml-stylesheet href="http://example.com"?>',
  "<SCRIPT>alert(1)</SCRIPT>",
  "<x:script>alert(1)</x:script>",
])("an icon with %s is refused", (text) => {
  expect(rulesOf(changed("icon.svg", (icon) => icon.replace("<rect", () => `${text}<rect`)))).toContain("kit/icon");
});

test("an icon of shapes, gradients and text is fine", () => {
  const icon = `<?xml version="1.0"?><!-- by <me> --><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
    <defs><linearGradient id="g"><stop offset="0"/></linearGradient><filter id="f"><feGaussianBlur stdDeviation="2"/></filter></defs>
    <g filter="url(#f)"><path d="M0 0" fill="url('#g')"/><use xlink:href="#g"/></g><text>A &amp; B</text></svg>`;
  expect(rulesOf(changed("icon.svg", () => icon))).toEqual([]);
});

test("an archive is refused by any name", () => {
  const gzip = gzipSync("x");
  const tar = gunzipSync(writeKitArchive(new Map([["a", Buffer.from("x")]])));
  const zip = Buffer.from("PK\u0003\u0004rest");
  for (const bytes of [gzip, tar, zip]) {
    expect(rulesOf(new Map(nextcloud.files).set("files/data.bin", bytes))).toEqual(["kit/path"]);
  }
  expect(rulesOf(new Map(nextcloud.files).set("files/data.bin", Buffer.from("PK is no archive")))).toEqual([]);
});

test("a bomb of YAML anchors and deep nesting end as findings", () => {
  const bomb = ["a: &a [x, x]", ..."b c d e f g h i j".split(" ")].map((name, index, all) =>
    index === 0 ? name : `${name}: &${name} [${`*${(all[index - 1] ?? "a")[0] ?? "a"},`.repeat(9)}]`,
  );
  expect(rulesOf(changed("kit.yaml", () => bomb.join("\n")))).toContain("kit/alias");
  expect(rulesOf(changed("kit.yaml", () => `a: ${"[".repeat(50_000)}`))).toContain("kit/syntax");
});

test("many keys, deep nesting and no end of signs are refused soon", () => {
  const keys = Array.from({ length: 30_000 }, (_, n) => `k${n}: 1\n`).join("");
  for (const text of [`id: x\n${keys}`, `a: ${'"'.repeat(900_000)}`, keys.slice(0, 60_000)]) {
    const began = performance.now();
    expect(rulesOf(changed("kit.yaml", () => text))).toContain("kit/too-large");
    // A minute without a bound.
    expect(performance.now() - began).toBeLessThan(3_000);
  }
});

test("an unknown member is shown at its key", () => {
  const files = changed("kit.yaml", (text) => text.replace("id: nextcloud\n", "id: nextcloud\nhue:\n  a: 1\n"));
  const [finding] = lintKit(files, "nextcloud").findings.filter(({ rule }) => rule === "kit/member-unknown");
  expect(finding).toMatchObject({ column: 1, pointer: "/hue" });
  expect(textOf(files, "kit.yaml").split("\n")[(finding?.line ?? 0) - 1]).toBe("hue:");
});

test("a finding says where: line, column and pointer", () => {
  const files = changed("docker-compose.yaml", (text) => text.replace("image: redis:7.2.5", "image: redis:7.2.4"));
  const [finding] = lintKit(files).findings.filter(({ severity }) => severity === "error");
  const line = textOf(files, "docker-compose.yaml").split("\n")[(finding?.line ?? 0) - 1] ?? "";
  expect(line.slice((finding?.column ?? 0) - 1)).toBe("redis:7.2.4");
  expect(finding?.pointer).toBe("/services/cache/image");
});

const breakages = [
  ["kit.yaml", "minPlan: pro\n", ""],
  ["kit.yaml", "id: nextcloud\n", "id: nextcloud\nhue: red # kept\n"],
  ["kit.yaml", "id: nextcloud\n", "id: other\n"],
  ["docker-compose.yaml", "image: redis:7.2.5", "image: redis"],
  ["docker-compose.yaml", "  nextcloud:\n", "  next:\n"],
  ["docker-compose.yaml", "image: mariadb:10.11.8", "image: mariadb"],
  ["docker-compose.yaml", "}:80", "}:81"],
  ["docker-compose.yaml", "html:/var/www/html", "html:/srv"],
  ["docker-compose.yaml", "volumes:\n  html: {}", "volumes:\n  more: {}"],
] as const;

test("every repair leads to fewer findings, and fixing ends without errors", () => {
  fc.assert(
    fc.property(fc.subarray([...breakages], { minLength: 1 }), (chosen) => {
      let files: KitFiles = nextcloud.files;
      for (const [file, from, to] of chosen) {
        files = new Map(files).set(file, Buffer.from(textOf(files, file).replace(from, () => to)));
      }
      const before = lintKit(files, "nextcloud").findings;
      for (const finding of before.filter(({ repair }) => repair !== undefined)) {
        const after = lintKit(repairKit(files, finding), "nextcloud").findings;
        expect(after.length).toBeLessThan(before.length);
      }
      const fixed = fixKit(files, "nextcloud");
      // What a service is that kit.yaml does not know, only its author can say.
      const left = fixed.findings.filter(
        ({ severity, rule }) => severity === "error" && rule !== "compose/service-unknown",
      );
      expect(left).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test("the same files make the same bytes, and the archive reads back as it was", () => {
  const packed = packKit(nextcloud.files, "nextcloud");
  const again = packKit(new Map([...nextcloud.files].reverse()), "nextcloud");
  if (!("packed" in packed) || !("packed" in again)) throw new Error("It is not packed.");
  expect(again.packed.sha256).toBe(packed.packed.sha256);
  const read = readKitArchive(packed.packed.archive);
  expect(read.findings).toEqual([]);
  expect([...read.files.keys()]).toEqual([...nextcloud.files.keys()].toSorted());
  for (const [path, bytes] of read.files) expect(Buffer.from(bytes).equals(nextcloud.files.get(path)!)).toBe(true);
});
