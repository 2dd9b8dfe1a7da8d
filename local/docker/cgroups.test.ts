import { describe, expect, it } from "vitest";
import { cgroupTrees } from "./cgroups.ts";

describe("trees of control groups", () => {
  it("are one for each controller, or one for all", () => {
    const mountinfo = [
      "30 23 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw",
      "31 30 0:27 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory",
      "32 30 0:28 / /sys/fs/cgroup/unified rw shared:10 - cgroup2 cgroup2 rw",
      "",
    ].join("\n");
    expect(cgroupTrees(mountinfo)).toEqual(["/sys/fs/cgroup/memory", "/sys/fs/cgroup/unified"]);
  });
});
