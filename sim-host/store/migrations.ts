/**
 * The schema, one step per release that changed it; a step is never edited. Every row names its tenant. `document` holds
 * the whole record, the other columns what is searched for.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE simulations (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    queued_at TEXT,
    is_active INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
  ) STRICT;
  CREATE INDEX simulations_newest ON simulations (tenant_id, created_at DESC, id DESC);
  CREATE INDEX simulations_active ON simulations (is_active) WHERE is_active = 1;
  CREATE INDEX simulations_queued ON simulations (queued_at) WHERE queued_at IS NOT NULL;

  CREATE TABLE operations (
    tenant_id TEXT NOT NULL,
    simulation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    is_running INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, simulation_id, id)
  ) STRICT;
  CREATE INDEX operations_ended ON operations (created_at) WHERE is_running = 0;

  CREATE TABLE events (
    tenant_id TEXT NOT NULL,
    simulation_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, simulation_id, sequence),
    FOREIGN KEY (tenant_id, simulation_id) REFERENCES simulations (tenant_id, id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE subnets (
    subnet TEXT NOT NULL PRIMARY KEY,
    tenant_id TEXT NOT NULL,
    simulation_id TEXT NOT NULL,
    link TEXT NOT NULL,
    UNIQUE (tenant_id, simulation_id, link)
  ) STRICT;

  CREATE TABLE answers (
    tenant_id TEXT NOT NULL,
    key TEXT NOT NULL,
    kept_at TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, key)
  ) STRICT;
  CREATE INDEX answers_oldest ON answers (kept_at);

  CREATE TABLE leases (
    engine TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    fence INTEGER NOT NULL,
    until_milliseconds INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE runs (
    tenant_id TEXT NOT NULL,
    simulation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    is_running INTEGER NOT NULL,
    summary TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, simulation_id, id),
    FOREIGN KEY (tenant_id, simulation_id) REFERENCES simulations (tenant_id, id) ON DELETE CASCADE
  ) STRICT;
  CREATE UNIQUE INDEX runs_running ON runs (tenant_id, simulation_id) WHERE is_running = 1;
  `,
  `
  CREATE TABLE saves (
    tenant_id TEXT NOT NULL,
    simulation_id TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, simulation_id, id),
    FOREIGN KEY (tenant_id, simulation_id) REFERENCES simulations (tenant_id, id) ON DELETE CASCADE
  ) STRICT;
  CREATE INDEX saves_id ON saves (id);
  `,
  `
  CREATE TABLE trials (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kit_id TEXT NOT NULL,
    version TEXT NOT NULL,
    simulation_id TEXT NOT NULL,
    status TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, simulation_id)
  ) STRICT;
  CREATE UNIQUE INDEX trials_running ON trials (tenant_id, kit_id, version) WHERE status = 'running';
  CREATE INDEX trials_status ON trials (status);
  `,
];
