import type { Duplex } from "node:stream";
import { z } from "zod";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { DockerClient } from "./docker-client.ts";
import { dockerId } from "./docker-id.ts";
import type { SendSignal } from "./executions.ts";
import { endProgram, exitCodeOf } from "./executions.ts";
import type { DockerId } from "./ports.ts";

const lookMilliseconds = 10_000;
/** Of one node at once, its health check among them. What could not be ended counts until its node ends. */
const programsMax = 16;

const Container = z.object({ ExecIDs: z.array(z.string()).nullish() });

/** A program under way in a node. */
export interface Program {
  readonly stream: Duplex;
  resize(size: { readonly columns: number; readonly rows: number }): Promise<void>;
  /** Waits until the engine knows how it ended. @throws DomainError `unavailable` when it does not within 5 seconds */
  exitCode(): Promise<number>;
  /** Ends it with everything it started in its session. */
  end(): Promise<void>;
}

interface ProgramOptions {
  readonly command: readonly string[];
  readonly hasInput: boolean;
  readonly isTerminal: boolean;
}

/** @throws DomainError `conflict` when the node does not run or runs too many of them, `not-found`, `unavailable` */
export type StartProgram = (containerId: DockerId, options: ProgramOptions) => Promise<Program>;

const assertRoom = async ({ call }: DockerClient, containerId: DockerId): Promise<void> => {
  const { ExecIDs } = Container.parse(
    await call("look at a container", lookMilliseconds, (docker, abortSignal) =>
      docker.container(containerId).inspect({ abortSignal }),
    ),
  );
  if ((ExecIDs?.length ?? 0) < programsMax) return;
  throw new DomainError("conflict", `No more than ${programsMax} programs can be run in a node at once.`);
};

/** Starts programs in nodes: as the node's own user, without more rights than the node has. */
export const programStarter = (client: DockerClient, sendSignal: SendSignal): StartProgram => {
  const { call, open } = client;

  const create = async (containerId: DockerId, options: ProgramOptions): Promise<DockerId> => {
    const made = await call("prepare a program", lookMilliseconds, (docker, abortSignal) =>
      docker.container(containerId).exec({
        Cmd: [...options.command],
        AttachStdin: options.hasInput,
        AttachStdout: true,
        AttachStderr: true,
        Tty: options.isTerminal,
        ...(options.isTerminal ? { Env: ["TERM=xterm-256color"] } : {}),
        abortSignal,
      }),
    );
    return dockerId(made.id);
  };

  return async (containerId, options) => {
    await assertRoom(client, containerId);
    const id = await create(containerId, options);
    const { hasInput, isTerminal } = options;
    const stream = await open("run a program", new AbortController().signal, (docker, abortSignal) =>
      docker.exec(id).start({ hijack: true, stdin: hasInput, Detach: false, Tty: isTerminal, abortSignal }),
    );
    return {
      stream,
      async resize({ columns, rows }) {
        await call("resize a terminal", lookMilliseconds, (docker, abortSignal) =>
          docker.exec(id).resize({ w: columns, h: rows, abortSignal }),
        );
      },
      async exitCode() {
        const code = await exitCodeOf(client, id);
        if (code === undefined) throw new DomainError("unavailable", "The engine does not say how the program ended.");
        return code;
      },
      end: () => endProgram(client, containerId, id, sendSignal),
    };
  };
};
