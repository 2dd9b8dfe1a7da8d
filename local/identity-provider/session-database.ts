import { closeSync, openSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

import type { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider";

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 2000;
  CREATE TABLE IF NOT EXISTS records (
    model TEXT NOT NULL,
    id TEXT NOT NULL,
    payload TEXT NOT NULL,
    grant_id TEXT,
    uid TEXT,
    user_code TEXT,
    expires_at INTEGER,
    PRIMARY KEY (model, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS records_by_grant ON records (model, grant_id) WHERE grant_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS records_by_uid ON records (model, uid) WHERE uid IS NOT NULL;
  CREATE INDEX IF NOT EXISTS records_by_expiry ON records (expires_at) WHERE expires_at IS NOT NULL;
`;

const purgeIntervalSeconds = 60;

/** Sessions, grants, codes and interactions in one SQLite file, so that people stay signed in over a restart. */
export interface SessionDatabase {
  readonly adapter: AdapterFactory;
  close(): void;
}

/** The column holds only what `upsert` wrote, which is an `AdapterPayload` as JSON. */
const storedPayload = (row: Record<string, unknown> | undefined): AdapterPayload | undefined =>
  row === undefined ? undefined : (JSON.parse(String(row["payload"])) as AdapterPayload);

const epochSeconds = (date: Date): number => Math.floor(date.getTime() / 1000);

/** Opens `sessions.sqlite` (0600) in an existing directory. Expired records are never found and soon removed. */
export const openSessionDatabase = (dataDirectory: string, now: () => Date): SessionDatabase => {
  const file = path.join(dataDirectory, "sessions.sqlite");
  closeSync(openSync(file, "a", 0o600));
  const database = new DatabaseSync(file);
  database.exec(schema);

  const isAlive = "(expires_at IS NULL OR expires_at > :now)";
  const write = database.prepare(
    "INSERT OR REPLACE INTO records VALUES (:model, :id, :payload, :grantId, :uid, :userCode, :expiresAt)",
  );
  const findById = database.prepare(`SELECT payload FROM records WHERE model = :model AND id = :value AND ${isAlive}`);
  const findByUid = database.prepare(
    `SELECT payload FROM records WHERE model = :model AND uid = :value AND ${isAlive}`,
  );
  const findByUserCode = database.prepare(
    `SELECT payload FROM records WHERE model = :model AND user_code = :value AND ${isAlive}`,
  );
  const consume = database.prepare(
    "UPDATE records SET payload = json_set(payload, '$.consumed', :now) WHERE model = :model AND id = :id",
  );
  const destroy = database.prepare("DELETE FROM records WHERE model = :model AND id = :id");
  const revoke = database.prepare("DELETE FROM records WHERE model = :model AND grant_id = :grantId");
  const purge = database.prepare("DELETE FROM records WHERE expires_at <= :now");

  const seconds = (): number => epochSeconds(now());
  let purgeDueAt = 0;
  const purgeWhenDue = (): void => {
    if (seconds() < purgeDueAt) return;
    purgeDueAt = seconds() + purgeIntervalSeconds;
    purge.run({ now: seconds() });
  };

  const adapter = (model: string): Adapter => ({
    // eslint-disable-next-line @typescript-eslint/require-await -- SQLite answers at once, the interface is asynchronous
    upsert: async (id, payload, expiresInSeconds) => {
      purgeWhenDue();
      write.run({
        model,
        id,
        payload: JSON.stringify(payload),
        grantId: payload.grantId ?? null,
        uid: payload.uid ?? null,
        userCode: payload.userCode ?? null,
        expiresAt: expiresInSeconds === undefined ? null : seconds() + expiresInSeconds,
      });
    },
    find: (value) => Promise.resolve(storedPayload(findById.get({ model, value, now: seconds() }))),
    findByUid: (value) => Promise.resolve(storedPayload(findByUid.get({ model, value, now: seconds() }))),
    findByUserCode: (value) => Promise.resolve(storedPayload(findByUserCode.get({ model, value, now: seconds() }))),
    consume: (id) => Promise.resolve(void consume.run({ model, id, now: seconds() })),
    destroy: (id) => Promise.resolve(void destroy.run({ model, id })),
    revokeByGrantId: (grantId) => Promise.resolve(void revoke.run({ model, grantId })),
  });
  return { adapter, close: () => database.close() };
};
