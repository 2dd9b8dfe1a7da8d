import { attempt } from "./attempt.ts";
import type { ProbeOrder } from "./messages.ts";

/**
 * Runs in the network namespace of a node, as the host's own program: it tries what it is told to, and can do nothing else.
 * Its parent has taken away what it may ever become; its user it changes itself, because nobody's user may not be able to
 * read the host's programs. Ends with its parent.
 */
const nobody = 65_534;
process.setgroups?.([]);
process.setgid?.(nobody);
process.setuid?.(nobody);
if (process.getuid?.() !== nobody || process.getgid?.() !== nobody) process.exit(1);

process.on("disconnect", () => process.exit(0));
process.on("message", (order: ProbeOrder) => {
  void attempt(order).then((result) => {
    // A parent that has just gone is noticed by the line above.
    process.send?.({ id: order.id, ...result }, () => undefined);
  });
});
