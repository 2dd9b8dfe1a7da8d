/** Why the server ended a terminal, by the reason of its close frame. */
const sentences: Readonly<Record<string, string>> = {
  ended: "The program has ended.",
  idle: "Nothing was typed or shown for a quarter of an hour, so the terminal was closed.",
  expired: "A terminal lasts four hours at most, so this one was closed.",
  closing: "The simulation host is being restarted. Open the terminal again in a moment.",
  refused: "You may not use this terminal any more.",
  failed: "The terminal broke down.",
  message: "The terminal broke down.",
  "ticket-invalid": "It took too long to open the terminal.",
  "simulation-state": "The node does not run.",
  "simulation-not-found": "The simulation is gone.",
  "stream-limit-reached": "Too many terminals are open. Close one first.",
};

/** What people read when a terminal is closed; a code of 1006 is all that a browser says of a connection that was refused. */
export const closeWords = ({ code, reason }: { readonly code: number; readonly reason: string }): string => {
  const known = Object.hasOwn(sentences, reason) ? sentences[reason] : undefined;
  if (known !== undefined) return known;
  return code === 1006 ? "The connection was refused or lost." : "The terminal was closed.";
};
