import { z } from "zod";

/** Configuration of the part. It listens on 127.0.0.1 only. */
export const StripeConfig = z.strictObject({
  port: z.int().min(0).max(65_535),
  /** Directory of `stripe.sqlite`; made when absent. */
  dataDirectory: z.string().min(1),
  apiKey: z.string().min(16),
  webhook: z.strictObject({ url: z.url({ protocol: /^http$/ }), secret: z.string().min(16) }),
});
export type StripeConfig = z.infer<typeof StripeConfig>;
