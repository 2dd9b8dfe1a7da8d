import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { z } from "zod";

const usage = `node scripts/send-zitadel-events.ts --key <signing key> [--url <webhook>] [--fresh] [name ...]

Sends recorded event calls of Zitadel (scripts/recorded/zitadel-events.json), signed now, to a webhook: all, or those named.
The key is webhooks.zitadelSigningKey of npm start -- --json, or zitadelWebhook in .kombify/data/keys.json.
  --url    http://localhost:8000/api/webhooks/zitadel unless given
  --fresh  with sequences of this moment, so that they are no repetitions
  --list   only prints the names`;

const Recorded = z.array(z.object({ name: z.string(), body: z.looseObject({ event_type: z.string() }) }));

const sign = (key: string, body: string): string => {
  const seconds = Math.floor(Date.now() / 1000);
  return `t=${seconds},v1=${createHmac("sha256", key).update(`${seconds}.${body}`).digest("hex")}`;
};

const timeoutMilliseconds = 10_000;

const send = async (url: string, key: string, body: string): Promise<string> => {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "zitadel-signature": sign(key, body) },
    body,
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  return `${answer.status} ${await answer.text()}`;
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    key: { type: "string" },
    url: { type: "string", default: "http://localhost:8000/api/webhooks/zitadel" },
    fresh: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const file = new URL("recorded/zitadel-events.json", import.meta.url);
const recorded = Recorded.parse(JSON.parse(readFileSync(file, "utf8")));
const unknown = positionals.find((name) => !recorded.some((event) => event.name === name));
if (values.list) {
  for (const { name, body } of recorded) console.log(`${name.padEnd(28)} ${body.event_type}`);
} else if (values.help || values.key === undefined || unknown !== undefined) {
  if (unknown !== undefined) console.error(`There is no recorded event ${unknown}; --list names them.\n`);
  console.error(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  for (const { name, body } of recorded) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    const sent = values.fresh ? { ...body, sequence: Date.now() } : body;
    console.log(`${name.padEnd(28)} ${await send(values.url, values.key, JSON.stringify(sent))}`);
  }
}
