import { z } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { ContainerWish } from "./ports.ts";

/** The engine takes 0, null and a missing member for "no limit": only numbers that limit may pass. */
const Limits = z.object({
  memoryMegabytes: z.number().min(6).max(1_048_576),
  cpus: z.number().min(0.01).max(1024),
  pidsMax: z.number().int().min(1).max(100_000),
});
const Seconds = z.number().min(1).max(86_400);
const Word = z.string().refine((text) => !text.includes("\0"));
const Label = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);

const Wish = Limits.extend({
  imageId: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  command: z.array(Word).min(1).optional(),
  environment: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), Word),
  hostname: Label,
  healthcheck: z
    .object({
      command: z.array(Word).min(1),
      intervalSeconds: Seconds,
      timeoutSeconds: Seconds,
      retries: z.number().int().min(1).max(100),
    })
    .optional(),
  attachments: z.array(
    z.object({
      networkId: z.string().regex(/^[0-9a-f]{64}$/),
      ipAddress: z.ipv4(),
      aliases: z.array(Label),
    }),
  ),
});

/** @throws DomainError `invalid-input` naming the member that the engine would read as something else */
export const checkContainerWish = (wish: ContainerWish): void => {
  const checked = Wish.safeParse(wish);
  if (checked.success) return;
  const members = checked.error.issues.map(({ path }) => path.join("."));
  throw new DomainError("invalid-input", `A container cannot be made so: ${members.join(", ")}.`);
};
