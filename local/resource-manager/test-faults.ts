import { z } from "zod";
import { acceptedToken } from "./test-manager.ts";

const authorization = `Bearer ${acceptedToken}`;
const Rules = z.array(z.object({ fired: z.number() }));

/** Makes the manager show these faults, and no others. @throws Error when it refuses them */
export const setFaults = async (url: string, rules: unknown): Promise<void> => {
  const response = await fetch(`${url}/dev/faults`, {
    method: "PUT",
    headers: { authorization },
    body: JSON.stringify(rules),
  });
  if (!response.ok) throw new Error(`the faults were refused: ${await response.text()}`);
};

/** How often each fault has happened. */
export const firedFaults = async (url: string): Promise<readonly number[]> => {
  const response = await fetch(`${url}/dev/faults`, { headers: { authorization } });
  return Rules.parse(await response.json()).map(({ fired }) => fired);
};

const Refusal = z.object({
  statusCode: z.number().optional(),
  status: z.coerce.number().optional(),
  code: z.string().optional(),
});

/** What a caller of the Azure clients sees: "status code" of the error, as far as it has them, or "no error". */
export const seen = async (call: PromiseLike<unknown>): Promise<string> => {
  try {
    await call;
    return "no error";
  } catch (error) {
    const { statusCode, status, code } = Refusal.parse(error);
    return [statusCode ?? status ?? "-", code ?? "-"].join(" ");
  }
};
