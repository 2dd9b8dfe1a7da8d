import { z } from "zod";
import { partConfigVariable } from "../process/part.ts";

/** The host's own settings: it reads them from its environment here as on its VM. */
const Config = z.object({ settings: z.record(z.string(), z.string()) });

const { settings } = Config.parse(JSON.parse(process.env[partConfigVariable] ?? "{}"));
Object.assign(process.env, settings, { [partConfigVariable]: "" });
await import("../../sim-host/main.ts");
