import { chooseDockerEngine } from "../local/docker/find-engine.ts";
import { testEngineDirectory } from "../local/docker/test-engine.ts";

/** Makes sure that there is a Docker engine for the tests, or what one is started with; says in one line what it found or did. */
export const installDocker = async (): Promise<string> => {
  const lines: string[] = [];
  const choice = await chooseDockerEngine({
    dataDirectory: testEngineDirectory,
    onProgress: (line) => lines.push(line),
  });
  const done = lines.map((line) => `${line}; `).join("");
  switch (choice.kind) {
    case "machine": {
      const missing = choice.missingTools.length === 0 ? "" : `, without ${choice.missingTools.join(", ")}`;
      return `${done}found Docker ${choice.version} at ${choice.socketPath}${missing}`;
    }
    case "private":
      return `${done}the tests start an engine of their own`;
    case "absent":
      return `${done}${choice.reason} Its tests will say that they are skipped.`;
  }
};
