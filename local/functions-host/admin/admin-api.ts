import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { hostVersion } from "../core/functions-core-module.ts";
import { describeError } from "../core/log.ts";
import type { HttpHandler } from "../http/http-functions.ts";
import { endJson } from "../http/json-response.ts";
import { readBody } from "../http/request-body.ts";
import { endEmpty } from "../http/response.ts";
import { type DescribedFunction, describeFunction } from "./function-description.ts";

/** Starts a function by hand; resolves when it has ended. */
export type ManualRun = (input: string | undefined) => Promise<unknown>;

export interface AdminApiOptions {
  readonly isAdmin: (request: IncomingMessage, search: string) => boolean;
  readonly hostId: string;
  readonly origin: string;
  readonly functions: readonly DescribedFunction[];
  /** What is wrong with functions that are not started, by name. */
  readonly functionErrors: ReadonlyMap<string, string>;
  /** By function name; functions that cannot be started by hand are absent. */
  readonly manualRuns: ReadonlyMap<string, ManualRun>;
  readonly log: (message: string) => void;
}

const inputLimitBytes = 1024 * 1024;
const RunBody = z.looseObject({ input: z.string().nullish() });

const parseRunBody = (bytes: Buffer): z.infer<typeof RunBody> | undefined => {
  try {
    return RunBody.safeParse(JSON.parse(bytes.toString("utf8"))).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

type Act = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

interface Endpoint {
  readonly methods: readonly string[];
  readonly act: Act;
}

/** The part of the admin API that scripts and tools use. Host state and functions; no key management. */
export class AdminApi {
  readonly #options: AdminApiOptions;
  readonly #byName: ReadonlyMap<string, DescribedFunction>;

  constructor(options: AdminApiOptions) {
    this.#options = options;
    this.#byName = new Map(options.functions.map((each) => [each.registered.name.toLowerCase(), each]));
  }

  /** Takes paths that start with `/admin/`. Everything but the ping needs the master key. */
  readonly handle: HttpHandler = async (request, response, { path, search }) => {
    const parts = path
      .toLowerCase()
      .split("/")
      .filter((part) => part !== "")
      .slice(1);
    const method = request.method ?? "GET";
    if (parts.join("/") === "host/ping" && ["GET", "POST"].includes(method)) {
      endEmpty(response, 200);
    } else if (!this.#options.isAdmin(request, search)) {
      endEmpty(response, 401);
    } else {
      const endpoint = this.#endpoints(parts).find((each) => each.methods.includes(method));
      if (endpoint === undefined) endEmpty(response, 404);
      else await endpoint.act(request, response);
    }
  };

  #endpoints(parts: readonly string[]): readonly Endpoint[] {
    const [area, name, detail, ...rest] = parts;
    if (rest.length > 0) return [];
    if (area === "host" && name === "status" && detail === undefined) {
      return [{ methods: ["GET", "POST"], act: (_request, response) => endJson(response, 200, this.#hostStatus()) }];
    }
    if (area !== "functions") return [];
    if (name === undefined) {
      return [{ methods: ["GET"], act: (_request, response) => endJson(response, 200, this.#list()) }];
    }
    const described = this.#byName.get(name);
    return described === undefined ? [] : this.#functionEndpoints(described, detail);
  }

  #functionEndpoints(described: DescribedFunction, detail: string | undefined): readonly Endpoint[] {
    const { origin } = this.#options;
    if (detail === "status") {
      return [{ methods: ["GET"], act: (_request, response) => endJson(response, 200, this.#status(described)) }];
    }
    if (detail !== undefined) return [];
    return [
      { methods: ["GET"], act: (_request, response) => endJson(response, 200, describeFunction(origin, described)) },
      { methods: ["POST"], act: (request, response) => this.#run(described, request, response) },
    ];
  }

  #list(): unknown {
    return this.#options.functions.map((each) => describeFunction(this.#options.origin, each));
  }

  #hostStatus(): unknown {
    const errors = [...this.#options.functionErrors].map(
      ([name, error]) => `The '${name}' function is in error: ${error}`,
    );
    return {
      id: this.#options.hostId,
      state: "Running",
      version: hostVersion,
      versionDetails: `${hostVersion} (local)`,
      processUptime: Math.round(process.uptime() * 1000),
      ...(errors.length === 0 ? {} : { errors }),
    };
  }

  #status({ registered }: DescribedFunction): unknown {
    const error = this.#options.functionErrors.get(registered.name);
    return error === undefined ? {} : { errors: [error] };
  }

  /** Answers at once; the function runs on, and what becomes of it is only logged. */
  async #run({ registered }: DescribedFunction, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!/^application\/([\w.-]+\+)?json\b/i.test(request.headers["content-type"] ?? "")) {
      endEmpty(response, 415);
      return;
    }
    const body = await readBody(request, inputLimitBytes);
    const parsed = body.kind === "read" ? parseRunBody(body.bytes) : undefined;
    const run = this.#options.manualRuns.get(registered.name);
    if (parsed === undefined) {
      endEmpty(response, 400);
    } else if (run === undefined) {
      endJson(response, 400, { error: "Only timer and queue functions can be started by hand locally." });
    } else {
      run(parsed.input ?? undefined).catch((error: unknown) => {
        this.#options.log(`Executed '${registered.name}' (Failed): ${describeError(error)}`);
      });
      endEmpty(response, 202);
    }
  }
}
