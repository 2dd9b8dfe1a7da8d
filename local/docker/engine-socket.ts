import { request } from "node:http";
import { z } from "zod";

const answerTimeoutMilliseconds = 2000;
const answerBytesMax = 1024 * 1024;

const get = (socketPath: string, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(answerTimeoutMilliseconds);
    const call = request({ socketPath, path, signal, headers: { host: "docker" } }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
        if (body.length > answerBytesMax) call.destroy(new Error(`${path} answers too much`));
      });
      response.on("error", reject).on("end", () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(`${path} answers ${response.statusCode ?? "nothing"}`));
      });
    });
    call.on("error", reject).end();
  });

const Version = z.object({ Version: z.string().min(1), ApiVersion: z.string().min(1) });

/** What `GET /version` of a Docker engine says, for example `20.10.24`; undefined when nothing answers as one in two seconds. */
export const askEngineVersion = async (socketPath: string): Promise<string | undefined> => {
  try {
    return Version.parse(JSON.parse(await get(socketPath, "/version"))).Version;
  } catch {
    // No socket, no permission, nobody behind it, or somebody else: all mean that there is no engine to use here.
    return undefined;
  }
};

/** Whether `GET /_ping` is answered within two seconds. */
export const isEngineAnswering = (socketPath: string): Promise<boolean> =>
  get(socketPath, "/_ping").then(
    (body) => body === "OK",
    () => false,
  );
