import { z } from "zod";

const Coded = z.object({ code: z.string() });

/**
 * What a stream of the engine brings, until it ends. Being given up is an end like any other, and so is the loss of the engine: who
 * reads is told by the next call. The stream is destroyed with the iteration.
 */
export async function* chunksOf(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  } catch (error) {
    if (!Coded.safeParse(error).success) throw error;
  }
}
