import { z } from "zod";
import type { ApiClient } from "./api-client.ts";
import { expectStatus } from "./api-client.ts";

const Installed = z.object({ name: z.string(), version: z.string(), outcome: z.string() });

/** Installs a kit under a name, or finds it installed. A spec is YAML or JSON; the kit's own values do for the rest. */
export const installKit = async (
  api: ApiClient,
  token: string,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<z.infer<typeof Installed>> => {
  const answer = await api({ method: "POST", path: `/v1/stackkits/${id}/install`, token, body: { name } });
  return Installed.parse(expectStatus(answer, 200, 201));
};
