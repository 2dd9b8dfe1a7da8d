import { buildFunctions } from "./build-functions.ts";
import { buildWeb } from "./build-web.ts";

await Promise.all([buildFunctions(), buildWeb()]);
