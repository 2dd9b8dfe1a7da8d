import { fileURLToPath } from "node:url";
import { startTestPocketBase, type TestPocketBase } from "../../../local/pocketbase/test-pocketbase.ts";
import { waitUntil } from "../../../local/process/wait-until.ts";

export const hooksDirectory = fileURLToPath(new URL("../../../infra/stack-instance/pb_hooks", import.meta.url));

/** A bare instance, not prepared by the control plane, with this environment. */
export const startInstance = (env: Readonly<Record<string, string>> = {}): Promise<TestPocketBase> =>
  startTestPocketBase({ hooksDirectory, env });

export interface HealthAnswer {
  readonly httpStatus: number;
  readonly text: string;
  readonly milliseconds: number;
  readonly body: {
    readonly status: string;
    readonly version: string;
    readonly timestamp: string;
    readonly checks: Readonly<Record<string, string>>;
  };
}

export const ask = async (server: TestPocketBase, path: "/health" | "/ready"): Promise<HealthAnswer> => {
  const start = performance.now();
  const response = await fetch(`${server.url}${path}`);
  const text = await response.text();
  return {
    httpStatus: response.status,
    text,
    milliseconds: performance.now() - start,
    body: JSON.parse(text) as HealthAnswer["body"],
  };
};

/** Asks until the answer is as wanted: what was found a moment ago is kept for some seconds. */
export const askUntil = async (
  server: TestPocketBase,
  path: "/health" | "/ready",
  isWanted: (answer: HealthAnswer) => boolean,
): Promise<HealthAnswer> => {
  let answer = await ask(server, path);
  await waitUntil(async () => {
    answer = await ask(server, path);
    return isWanted(answer);
  }, 15_000);
  return answer;
};
