import { Readable } from "node:stream";
import Dockerode from "dockerode";
import { z } from "zod";
import { makeToolboxArchive, type ToolboxArchive } from "./toolbox-archive.ts";
import { readToolboxPrograms } from "./toolbox-programs.ts";

/** An image a node can be made from, as an engine has it. */
export interface ToolboxImage {
  readonly name: "toolbox";
  /** For people: `kombify/toolbox:1.35.0`. */
  readonly reference: string;
  /** For containers: `sha256:` and 64 hex digits. */
  readonly imageId: string;
}

const loadTimeoutMilliseconds = 60_000;
const askTimeoutMilliseconds = 10_000;

const Inspected = z.object({ Id: z.string(), RootFS: z.object({ Layers: z.array(z.string()) }) });

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && "statusCode" in error && error.statusCode === 404;

const inspect = async (
  docker: Dockerode,
  { reference }: ToolboxArchive,
): Promise<z.infer<typeof Inspected> | undefined> => {
  try {
    // An option that @types/dockerode does not know yet.
    const options: object = { abortSignal: AbortSignal.timeout(askTimeoutMilliseconds) };
    return Inspected.parse(await docker.getImage(reference).inspect(options));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
};

const LoadLine = z.object({ error: z.string().optional() });

/** Docker answers 200 before it has read the archive; what goes wrong then is a line of its answer. */
const load = async (docker: Dockerode, { archive }: ToolboxArchive): Promise<void> => {
  const abortSignal = AbortSignal.timeout(loadTimeoutMilliseconds);
  const answer = await docker.loadImage(Readable.from([archive]), { quiet: true, abortSignal });
  let text = "";
  for await (const chunk of answer) text += chunk.toString();
  for (const line of text.split("\n").filter((each) => each.trim() !== "")) {
    const { error } = LoadLine.parse(JSON.parse(line));
    if (error !== undefined) throw new Error(`Docker could not load the toolbox image: ${error}`);
  }
};

/** As `ensureToolboxImage`, for who knows the engine by its socket only. */
export const ensureToolboxAt = (socketPath: string): Promise<ToolboxImage> =>
  ensureToolboxImage(new Dockerode({ socketPath }));

/**
 * Makes sure that the engine has the toolbox image: busybox, a shell and ping, made on this machine and loaded from memory,
 * so that simulations need no registry. Doing it again, or from several processes at once, gives the same image.
 *
 * In a node without capabilities, as nobody and on a read-only root, these work: ping by name, wget (not with `-T`, which
 * ends Debian's static build by a segmentation fault; `timeout 5 wget` does), httpd on any port, nslookup, nc to connect and
 * to listen on TCP, tar to stdout, and sh, which is bash. What wants a raw socket does not: traceroute, arping, udhcpc. Files can be
 * written in `/tmp` only, and none of them can be run; `/data` belongs to nobody and waits for a volume.
 *
 * @throws Error when there is no static busybox, or when the engine has something else under the name afterwards
 */
export const ensureToolboxImage = async (docker: Dockerode): Promise<ToolboxImage> => {
  const wanted = makeToolboxArchive(await readToolboxPrograms());
  const { reference, imageId, layerId } = wanted;
  const found = await inspect(docker, wanted);
  if (found?.Id === imageId) return { name: "toolbox", reference, imageId };
  await load(docker, wanted);
  const loaded = await inspect(docker, wanted);
  // Engines with containerd's image store name an image by its manifest; then the layer tells that it is ours.
  if (loaded !== undefined && (loaded.Id === imageId || loaded.RootFS.Layers.join() === layerId)) {
    return { name: "toolbox", reference, imageId: loaded.Id };
  }
  throw new Error(`The engine has another image than ours as ${reference}.`);
};
