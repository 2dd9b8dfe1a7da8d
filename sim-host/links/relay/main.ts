import { z } from "zod";
import { makeRequestAnswerer } from "./answer-requests.ts";
import { makePortTable } from "./port-table.ts";
import { takePriority } from "./real-time.ts";
import { serve } from "./serve.ts";

// The relay: a process of its own, so that the time of a frame does not depend on what else the host has to do. Its parent
// says what to do on standard input; when that ends, so does the relay, and its taps with it.
const TapPrefix = z.string().regex(/^kt[0-9a-f]{6}_$/);
const table = makePortTable(TapPrefix.parse(process.argv[2]), takePriority());
await serve(table, makeRequestAnswerer(table));
process.exit(0);
