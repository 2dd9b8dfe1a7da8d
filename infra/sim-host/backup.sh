#!/bin/sh
# Everything the host keeps, as one tar, while it runs: backup.sh FILE
# The database is copied as it is at one moment, by SQLite itself; a copy of its file alone would lack what is in the log beside it.
# Files of saves and captures are written once and never changed, so links to them are as good as copies.
set -eu
umask 077

[ "$#" -eq 1 ] || { echo "Usage: $0 FILE" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
data="${SIM_DATA_DIRECTORY:-/var/lib/kombify-sim-host}"
[ -e "$data/simulations.sqlite" ] || { echo "There is no database in $data." >&2; exit 1; }

work=$(mktemp -d "$data/.backup.XXXXXX")
trap 'rm -rf "$work" "$1.new"' EXIT
trap 'exit 1' HUP INT TERM
# shellcheck disable=SC2016
"$here/../bin/node" --disable-warning=ExperimentalWarning --input-type=commonjs --eval '
  const { DatabaseSync } = require("node:sqlite");
  const [file, copy] = process.argv.slice(1);
  new DatabaseSync(file, { readOnly: true, timeout: 10_000 }).prepare("VACUUM INTO ?").run(copy);
' "$data/simulations.sqlite" "$work/simulations.sqlite"
cp -p "$data/host-id" "$work/host-id"
# After the database: what it names is there, unless it was deleted this very moment.
for directory in saves captures; do
  if [ -d "$data/$directory" ]; then cp -al "$data/$directory" "$work/$directory"; fi
done
tar -cf "$1.new" -C "$work" .
mv "$1.new" "$1"
