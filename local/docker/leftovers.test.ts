import { describe, expect, it } from "vitest";
import { mountsBelow } from "./leftovers.ts";

const mountinfo = [
  "22 28 0:21 / /proc rw,nosuid shared:12 - proc proc rw",
  "90 28 254:0 /k/data /k/data rw,relatime shared:1 - ext4 /dev/vda rw",
  "91 90 0:50 / /k/data/overlay2/ab/merged rw,relatime - overlay overlay rw",
  "92 28 0:4 net:[4026532] /k/run\\040dir/net rw shared:9 - nsfs nsfs rw",
  "93 28 0:4 / /k/database rw - tmpfs tmpfs rw",
  "",
].join("\n");

describe("mounts of an engine", () => {
  it("are those at or below its directories, the last one first", () => {
    expect(mountsBelow(mountinfo, ["/k/data", "/k/run dir"])).toEqual([
      "/k/run dir/net",
      "/k/data/overlay2/ab/merged",
      "/k/data",
    ]);
  });

  it("are not those of a neighbour whose name begins alike", () => {
    expect(mountsBelow(mountinfo, ["/k/dat"])).toEqual([]);
  });
});
