// What Linux says about this process and what it may use. Bytes and seconds; null where nothing is said.

const ticksPerSecond = 100; // USER_HZ, the same on every Linux that PocketBase is released for

function textOf(path) {
  try {
    return toString($os.readFile(path)).trim();
  } catch (absent) {
    return ""; // an interface that this kernel or container does not have
  }
}

// The path of this process in the control groups: { unified, memory, cpu }, each "" where it has none.
function groups() {
  const found = { unified: "", memory: "", cpu: "" };
  textOf("/proc/self/cgroup")
    .split("\n")
    .forEach(function (line) {
      const parts = line.split(":");
      const path = parts.slice(2).join(":");
      if (parts[0] === "0" && parts[1] === "") found.unified = path;
      (parts[1] || "").split(",").forEach(function (controller) {
        if (controller === "memory" || controller === "cpu") found[controller] = path;
      });
    });
  return found;
}

// The values of one file of a control group and of all groups around it: the tightest of them counts. In a container the
// path often names a directory of the host, and only the root is there; it is that container's own.
function upwards(base, path, file) {
  const texts = [];
  for (let at = path; ; at = at.slice(0, at.lastIndexOf("/"))) {
    const text = textOf(base + (at === "/" ? "" : at) + "/" + file);
    if (text !== "") texts.push(text);
    if (at === "" || at === "/") return texts;
  }
}

function smallest(numbers) {
  const valid = numbers.filter(function (number) {
    return isFinite(number) && number > 0;
  });
  return valid.length === 0 ? null : Math.min.apply(null, valid);
}

function kibibytes(text, name) {
  const match = new RegExp("^" + name + ":\\s+(\\d+) kB", "m").exec(text);
  return match === null ? null : Number(match[1]) * 1024;
}

// { used: this process's resident bytes, limit: of its control group, else of the machine, hasOwnLimit, machineFree }
function memory() {
  const machine = textOf("/proc/meminfo");
  const total = kibibytes(machine, "MemTotal");
  const path = groups();
  const limit = smallest(
    upwards("/sys/fs/cgroup", path.unified, "memory.max")
      .concat(upwards("/sys/fs/cgroup/memory", path.memory, "memory.limit_in_bytes"))
      .map(Number),
  );
  const used = kibibytes(textOf("/proc/self/status"), "VmRSS");
  if (used === null || total === null) throw new Error("the system does not say how much memory there is");
  // "No limit" is a number larger than any machine in the older interface.
  const hasOwnLimit = limit !== null && limit < total;
  return {
    used: used,
    limit: hasOwnLimit ? limit : total,
    hasOwnLimit: hasOwnLimit,
    total: total,
    machineFree: kibibytes(machine, "MemAvailable"),
  };
}

// Processors this process may use: the control group's quota, else those of the machine.
function processors() {
  const path = groups();
  const quotas = upwards("/sys/fs/cgroup", path.unified, "cpu.max").map(function (text) {
    const parts = text.split(" ");
    return Number(parts[0]) / Number(parts[1]); // "max 100000" is no number, and no limit
  });
  const older = upwards("/sys/fs/cgroup/cpu", path.cpu, "cpu.cfs_quota_us").map(Number);
  const periods = upwards("/sys/fs/cgroup/cpu", path.cpu, "cpu.cfs_period_us").map(Number);
  older.forEach(function (quota, index) {
    quotas.push(quota / periods[index]);
  });
  const all = (textOf("/proc/stat").match(/^cpu\d+ /gm) || []).length;
  return smallest(quotas.concat([all])) || 1;
}

// Processor seconds this process has used, how long it has run, and the machine's clock of the same moment.
function processorTime() {
  // Behind the name, which is in parentheses and may hold spaces: field 3 of proc_pid_stat(5) comes first.
  const fields = textOf("/proc/self/stat").split(") ").pop().split(" ");
  const now = Number(textOf("/proc/uptime").split(" ")[0]);
  const started = Number(fields[19]) / ticksPerSecond;
  return { used: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, at: now, started: started };
}

module.exports = { memory: memory, processors: processors, processorTime: processorTime };
