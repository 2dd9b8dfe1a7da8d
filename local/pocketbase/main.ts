import { findPocketBase } from "./find-pocketbase.ts";

// The path alone goes to stdout, so that a shell can use it: `POCKETBASE_BIN=$(node local/pocketbase/main.ts)`.
const found = await findPocketBase({ onProgress: (line) => console.error(line) });
console.log(found.path);
