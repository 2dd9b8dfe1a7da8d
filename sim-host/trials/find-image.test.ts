import { describe, expect, it } from "vitest";
import { findImages } from "./find-image.ts";

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const image = (name: string, reference: string) => ({ name, reference, imageId: digest("1"), summary: "." });
const allowed = [
  image("cloud", `docker.io/library/nextcloud:29.0.4-apache@${digest("a")}`),
  image("watch", "louislam/uptime-kuma:1.23.13"),
  image("photos", `ghcr.io/immich-app/server:1.2.3@${digest("b")}`),
  image("own", "localhost:5000/own:1.0"),
];

describe("images of kits", () => {
  it.each([
    ["nextcloud:29.0.4-apache", "cloud"],
    [`nextcloud:29.0.4-apache@${digest("a")}`, "cloud"],
    ["docker.io/louislam/uptime-kuma:1.23.13", "watch"],
    ["ghcr.io/immich-app/server:1.2.3", "photos"],
    ["localhost:5000/own:1.0", "own"],
  ])("%s is what the host calls %s", (wanted, name) => {
    expect(findImages([wanted], allowed)).toMatchObject([{ name, imageId: digest("1") }]);
  });

  it.each([
    "nextcloud:29.0.5-apache",
    "nextcloud",
    `nextcloud:29.0.4-apache@${digest("b")}`,
    `louislam/uptime-kuma:1.23.13@${digest("a")}`,
    "evil/nextcloud:29.0.4-apache",
    "own:1.0",
  ])("%s is none of them", (wanted) => {
    expect(() => findImages(["nextcloud:29.0.4-apache", wanted], allowed)).toThrow(`can add: ${wanted}.`);
  });
});
