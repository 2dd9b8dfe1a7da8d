/** Raised whenever a table or a stored body changes its form. */
export const schemaVersion = 1;

/**
 * WAL with NORMAL: an acknowledged step survives a killed process; only a power cut may take the last ones back. The
 * exclusive lock keeps a second host away, which would run every orchestration a second time; it ends with the process.
 */
export const pragmas = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA busy_timeout = 2000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
`;

export const schema = `
  CREATE TABLE IF NOT EXISTS instance (
    instance_id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT NOT NULL,
    input TEXT, status TEXT NOT NULL, output TEXT, custom_status TEXT,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, parent TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS history (
    instance_id TEXT NOT NULL, seq INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (instance_id, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT,
    visible_at INTEGER NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS message_by_instance ON message (instance_id, visible_at);
  CREATE INDEX IF NOT EXISTS message_by_time ON message (visible_at);
  CREATE TABLE IF NOT EXISTS activity (
    id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS activity_by_instance ON activity (instance_id);
  PRAGMA user_version = ${schemaVersion};
`;
