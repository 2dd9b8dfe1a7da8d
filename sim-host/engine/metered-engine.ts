import type { Engine } from "./ports.ts";

/** Told of every call that has ended; `seconds` it took. */
export type NoteCall = (call: string, outcome: "ok" | "failed", seconds: number) => void;

/** The calls that are answered once; logs, changes and terminals last as long as somebody wants. */
const metered = [
  ...(["ping", "list", "createNetwork", "createContainer", "inspect", "start", "stop", "pause", "resume"] as const),
  ...(["kill", "removeContainer", "removeNetwork", "stats", "run"] as const),
] as const satisfies readonly (keyof Engine)[];

const isMetered = (name: string | symbol): boolean => metered.some((call) => call === name);

/** The same engine, of whose calls somebody keeps count. `nowMilliseconds` only ever grows. */
export const meteredEngine = <T extends Engine>(engine: T, note: NoteCall, nowMilliseconds: () => number): T =>
  new Proxy(engine, {
    get(target, name, receiver): unknown {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function" || !isMetered(name)) return member;
      return async (...given: readonly unknown[]): Promise<unknown> => {
        const begunAt = nowMilliseconds();
        const end = (outcome: "ok" | "failed"): void =>
          note(String(name), outcome, (nowMilliseconds() - begunAt) / 1000);
        try {
          const answer: unknown = await Reflect.apply(member, target, given);
          end("ok");
          return answer;
        } catch (error) {
          end("failed");
          throw error;
        }
      };
    },
  });
