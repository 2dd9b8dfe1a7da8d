import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frameReader } from "./frames.ts";
import { logReader } from "./log-lines.ts";

const frame = (stream: "stdout" | "stderr", bytes: Uint8Array): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream === "stdout" ? 1 : 2, 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
};
/** Cuts into chunks at these places, as a socket may. */
const cutAt = (whole: Buffer, places: readonly number[]): readonly Buffer[] => {
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length].sort((a, b) => a - b);
  return ends.map((end, at) => whole.subarray(ends[at - 1] ?? 0, end));
};
const at = "2026-12-01T09:31:28.474276956Z";
const logFrame = (text: string, stream: "stdout" | "stderr" = "stdout") => frame(stream, Buffer.from(`${at} ${text}`));
const streams = fc.constantFrom("stdout" as const, "stderr" as const);
const places = fc.array(fc.nat(), { maxLength: 8 });

describe("frames of both outputs", () => {
  it("are told apart however they arrive", () => {
    const writes = fc.array(fc.tuple(streams, fc.uint8Array({ minLength: 1, maxLength: 40 })), { maxLength: 8 });
    fc.assert(
      fc.property(writes, places, (all, cuts) => {
        const read = frameReader();
        const whole = Buffer.concat(all.map(([stream, bytes]) => frame(stream, bytes)));
        const pieces = cutAt(whole, cuts).flatMap((chunk) => read(chunk));
        for (const stream of ["stdout", "stderr"] as const) {
          const expected = Buffer.concat(all.filter(([one]) => one === stream).map(([, bytes]) => bytes));
          expect(Buffer.concat(pieces.filter((one) => one.stream === stream).map(({ bytes }) => bytes))).toStrictEqual(
            expected,
          );
        }
        expect(pieces.filter(({ isLast }) => isLast)).toHaveLength(all.length);
      }),
    );
  });
});

describe("lines of a log", () => {
  it("are what was printed, however they arrive", () => {
    const line = fc.tuple(streams, fc.stringMatching(/^[a-z é\t]{0,20}$/));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), places, (all, cuts) => {
        const { read } = logReader();
        const whole = Buffer.concat(all.map(([stream, text]) => logFrame(`${text}\n`, stream)));
        expect(cutAt(whole, cuts).flatMap((chunk) => read(chunk))).toStrictEqual(
          all.map(([stream, text]) => ({ stream, at, line: text })),
        );
      }),
    );
  });

  it("are put together where the engine has cut them, each output for itself", () => {
    const { read, end } = logReader();
    const lines = [
      logFrame("a".repeat(4000)),
      logFrame("other\n", "stderr"),
      logFrame("b".repeat(100)),
      logFrame("c\r\n"),
      logFrame("next\n"),
    ].flatMap((one) => read(one));
    expect(lines).toStrictEqual([
      { stream: "stderr", at, line: "other" },
      { stream: "stdout", at, line: `${"a".repeat(4000)}${"b".repeat(100)}c` },
      { stream: "stdout", at, line: "next" },
    ]);
    expect(end()).toStrictEqual([]);
    expect(read(logFrame("last"))).toStrictEqual([]);
    expect(end()).toStrictEqual([{ stream: "stdout", at, line: "last" }]);
  });

  it("hold 8,192 characters at most, in one frame or many, and the next one is whole again", () => {
    const { read } = logReader();
    const many = [...Array.from({ length: 100 }, () => logFrame("x".repeat(16_384))), logFrame("end\n")];
    const lines = [logFrame(`${"y".repeat(100_000)}\n`), ...many, logFrame("short\n")].flatMap((one) => read(one));
    expect(lines.map(({ line }) => line)).toStrictEqual(["y".repeat(8192), "x".repeat(8192), "short"]);
  });
});
