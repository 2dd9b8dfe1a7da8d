import { describe, expect, it } from "vitest";
import { ImageList, missingImages } from "./image-list.ts";

const toolbox = {
  name: "toolbox",
  reference: "kombify/toolbox:1",
  imageId: `sha256:${"a".repeat(64)}`,
  summary: "Tools.",
};

describe("images that a host allows", () => {
  it("are those of its file, and those that the engine lacks are told", () => {
    const other = { ...toolbox, name: "other", imageId: `sha256:${"b".repeat(64)}` };
    const list = ImageList.parse([toolbox, other]);
    expect(missingImages(list, new Set([toolbox.imageId]))).toStrictEqual([other]);
    expect(missingImages(list, new Set([toolbox.imageId, other.imageId]))).toStrictEqual([]);
  });

  it.each([
    [[toolbox, toolbox]],
    [[{ ...toolbox, imageId: "kombify/toolbox:1" }]],
    [[{ ...toolbox, imageId: `kombify/toolbox@sha256:${"a".repeat(64)}` }]],
    [[{ ...toolbox, name: "registry.example/toolbox" }]],
    [[{ ...toolbox, name: "toolbox:latest" }]],
    [[{ ...toolbox, pull: true }]],
    [{ toolbox }],
  ])("are not %j", (list) => {
    expect(ImageList.safeParse(list).success).toBe(false);
  });
});
