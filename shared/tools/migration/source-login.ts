import { z } from "zod";

/** A superuser of the source. Only ever in a request's body and in the secret store. */
export const SourceLogin = z.strictObject({ email: z.string().min(1).max(320), password: z.string().min(1).max(200) });
export type SourceLogin = z.infer<typeof SourceLogin>;
