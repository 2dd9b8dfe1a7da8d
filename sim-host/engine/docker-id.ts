import { DomainError } from "../../shared/kernel/errors.ts";
import type { DockerId } from "./ports.ts";

const isDockerId = (text: unknown): text is DockerId => typeof text === "string" && /^[0-9a-f]{64}$/.test(text);

/**
 * The only maker of ids that may reach the engine. The client puts them into paths as they are: `../networks/bridge`, `x?force=1#`
 * and the empty string all lead elsewhere, and short ids find whatever begins like them.
 * @throws DomainError `invalid-input` for anything but 64 lower-case hexadecimal digits
 */
export const dockerId = (text: unknown): DockerId => {
  if (isDockerId(text)) return text;
  throw new DomainError("invalid-input", "This is not the id of a container or network.");
};
