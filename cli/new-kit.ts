import { readFileSync } from "node:fs";

const example = (file: string): string => readFileSync(new URL(`../kits/uptime-kuma/${file}`, import.meta.url), "utf8");

/** The files of a new kit: a shipped one under another id, which runs as it is and is changed from there. */
export const newKitFiles = (id: string, now: Date): readonly (readonly [path: string, text: string])[] => [
  [
    "kit.yaml",
    example("kit.yaml")
      .replace(/^id: .*$/m, `id: ${id}`)
      .replace(/date: .*$/m, `date: ${now.toISOString().slice(0, 10)}`),
  ],
  ...["docker-compose.yaml", "README.md", "icon.svg"].map((file) => [file, example(file)] as const),
];
