import { createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { pinnedVersion } from "../../local/pocketbase/pocketbase-version.ts";

const fileOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const textOf = (path: string): string => readFileSync(fileOf(path), "utf8");

/** The instructions of the Dockerfile, continued lines joined. */
const instructions = textOf("infra/stack-instance/Dockerfile")
  .replaceAll(/\\\n\s*/gu, "")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => /^(\S+)\s+(.*)$/u.exec(line)!)
  .map(([, name, rest]) => ({ name: name!, rest: rest! }));

const all = (name: string): readonly string[] =>
  instructions.filter((instruction) => instruction.name === name).map(({ rest }) => rest);

const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));

const copied = all("COPY")
  .filter((rest) => !rest.startsWith("--from="))
  .map((rest) => rest.split(" ")[0]!);

describe("the image of a Stack instance", () => {
  it("holds the PocketBase that the tests run against, and only with a digest somebody gave", () => {
    expect(all("ARG")).toContain(`POCKETBASE_VERSION=${pinnedVersion}`);
    expect(all("ARG")).toContain("POCKETBASE_SHA256");
    const download = all("RUN").find((rest) => rest.includes("wget"))!;
    expect(download.indexOf('test -n "$POCKETBASE_SHA256"')).toBe(0);
    expect(download.indexOf("sha256sum -c")).toBeLessThan(download.indexOf("unzip"));
    expect(download.indexOf("sha256sum -c")).toBeGreaterThan(download.indexOf("wget"));
  });

  it("copies only what exists or is built, and what gets past its ignore file", () => {
    const ignore = textOf("infra/stack-instance/Dockerfile.dockerignore").split("\n");
    expect(ignore).toContain("*");
    expect(copied.length).toBeGreaterThan(0);
    for (const source of copied) {
      expect(ignore).toContain(`!${source}`);
      // `npm run build` makes dist/web/<page> of web/<page>.
      const origin = source.startsWith("dist/web/") ? source.replace("dist/", "") : source;
      expect(existsSync(fileOf(origin)), origin).toBe(true);
    }
    expect(ignore.filter((line) => line.startsWith("!"))).toHaveLength(copied.length);
  });

  it("runs as a numbered user that is not root, and keeps its data in a volume", () => {
    const user = lastStage.findLast(({ name }) => name === "USER")!.rest;
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/u);
    const afterUser = lastStage.slice(lastStage.findIndex(({ name }) => name === "USER"));
    expect(afterUser.filter(({ name }) => ["COPY", "ADD", "RUN"].includes(name))).toEqual([]);
    expect(all("VOLUME")).toEqual(["/pb_data"]);
    expect(all("COPY").some((rest) => rest.includes("--chown"))).toBe(false);
  });

  it("is asked for its health at the port it listens on", () => {
    const command = JSON.parse(all("CMD").at(-1)!) as readonly string[];
    const port = all("EXPOSE")[0]!;
    expect(command).toContain(`--http=0.0.0.0:${port}`);
    expect(all("HEALTHCHECK")[0]).toContain(`http://127.0.0.1:${port}/health`);
    for (const source of ["--hooksDir=/opt/kombify/pb_hooks", "--publicDir=/opt/kombify/pb_public"]) {
      expect(command).toContain(source);
      expect(all("COPY").some((rest) => rest.endsWith(` ${source.split("=")[1]!}`))).toBe(true);
    }
  });
});

describe("the worked example of a report's signature", () => {
  it("is right", () => {
    const readme = textOf("infra/stack-instance/README.md");
    const key = /With the key `([^`]+)`/u.exec(readme)![1]!;
    const body = /```text\n(\{.*\})\n```/u.exec(readme)![1]!;
    const [, seconds, signature] = /X-Kombify-Signature: t=(\d+),v1=([0-9a-f]{64})/u.exec(readme)!;
    expect(signature).toBe(createHmac("sha256", key).update(`${seconds}.${body}`).digest("hex"));
    expect(JSON.parse(body)).toMatchObject({ timestamp: new Date(Number(seconds) * 1000).toISOString() });
  });
});

describe("the environment table", () => {
  it("names exactly what the hooks and the image read", () => {
    const table = textOf("infra/stack-instance/README.md").matchAll(/^\| `([A-Z_]+)`/gmu);
    const hooks = ["health-checks.js", "health.js", "report.js"].map((name) =>
      textOf(`infra/stack-instance/pb_hooks/${name}`),
    );
    const read = hooks.join("\n").matchAll(/(?:getenv|setting)\("([A-Z_]+)"/gu);
    const named = [...read].map(([, name]) => name!);
    expect([...table].map(([, name]) => name).sort()).toEqual([...new Set([...named, "PB_ENCRYPTION_KEY"])].sort());
  });
});
