import { chooseDockerEngine } from "../local/docker/find-engine.ts";
import { testEngineDirectory } from "../local/docker/test-engine.ts";
import { packagesOf } from "../local/docker/tools.ts";

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
      const packages = packagesOf(choice.missingTools).join(", ");
      const advice = packages === "" ? "" : `; install ${packages}, or its tests will say that they are skipped`;
      return `${done}found Docker ${choice.version} at ${choice.socketPath}${advice}`;
    }
    case "private":
      return `${done}the tests start an engine of their own`;
    case "absent":
      return `${done}${choice.reason} Its tests will say that they are skipped.`;
  }
};
