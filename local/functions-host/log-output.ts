import type { LogEntry, LogLevel, LogSink } from "./core/log.ts";

const levelOrder = ["trace", "debug", "information", "warning", "error", "critical", "none"];

const categoryOf = ({ category, functionName }: LogEntry): string => {
  if (functionName === undefined) return "Host";
  return category === "user" ? `Function.${functionName}.User` : `Function.${functionName}`;
};

/** The level set for the longest beginning of the category, then `default`, then Information. */
const lowestLevel = (category: string, levels: Readonly<Record<string, string>>): number => {
  let best = levels["default"] ?? "Information";
  let bestLength = 0;
  for (const [prefix, level] of Object.entries(levels)) {
    const isBeginning = category === prefix || category.startsWith(`${prefix}.`);
    if (isBeginning && prefix.length > bestLength) [best, bestLength] = [level, prefix.length];
  }
  const order = levelOrder.indexOf(best.toLowerCase());
  if (order === -1) throw new Error(`host.json knows no log level "${best}".`);
  return order;
};

/** Turns log entries into lines, leaving out what `logging.logLevel` of host.json does not want. */
export const lineLog = (levels: Readonly<Record<string, string>>, write: (line: string) => void): LogSink => {
  const lowestByCategory = new Map<string, number>();
  return (entry) => {
    const category = categoryOf(entry);
    const lowest = lowestByCategory.get(category) ?? lowestLevel(category, levels);
    lowestByCategory.set(category, lowest);
    if (levelOrder.indexOf(entry.level) < lowest) return;
    write(`${new Date().toISOString()} ${entry.level} ${category}: ${entry.message}`);
  };
};

/** A plain text log for the host's own messages of one level. */
export const hostLog = (sink: LogSink, level: LogLevel): ((message: string) => void) => {
  return (message) => sink({ level, category: "system", message });
};
