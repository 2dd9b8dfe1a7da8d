#!/bin/sh
# Everything the host keeps, as one tar, while it runs: backup.sh FILE
# The database is copied as it is at one moment, by SQLite itself; a copy of its file alone would lack what is in the log beside it.
# A save is renamed when it is whole and never changed again, so links to files are as good as copies. A capture grows while its run
# does: it is here as far as it was written when tar came to it.
set -eu
umask 077

[ "$#" -eq 1 ] || { echo "Usage: $0 FILE" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
readonly file="$1"
data="${SIM_DATA_DIRECTORY:-/var/lib/kombify-sim-host}"
[ -e "$data/simulations.sqlite" ] || { echo "There is no database in $data." >&2; exit 1; }

work=$(mktemp -d "$data/.backup.XXXXXX")
trap 'rm -rf "$work" "$file.new"' EXIT
trap 'exit 1' HUP INT TERM
# shellcheck disable=SC2016
"$here/../bin/node" --disable-warning=ExperimentalWarning --input-type=commonjs --eval '
  const { DatabaseSync } = require("node:sqlite");
  const [file, copy] = process.argv.slice(1);
  new DatabaseSync(file, { readOnly: true, timeout: 10_000 }).prepare("VACUUM INTO ?").run(copy);
' "$data/simulations.sqlite" "$work/simulations.sqlite"
cp -p "$data/host-id" "$work/host-id"
# After the database: what it names is there, unless it was deleted this very moment.
gather() { # gather <directory>: what goes away meanwhile makes cp fail, so then once more
  for _ in 1 2 3; do
    if reason=$(cp -al "$data/$1" "$work/$1" 2>&1); then return; fi
    rm -rf "${work:?}/$1"
  done
  echo "$reason" >&2
  return 1
}
for directory in saves captures; do
  if [ -d "$data/$directory" ]; then gather "$directory"; fi
done
# Status 1 says of what was read that it changed meanwhile, and nothing worse.
tar --warning=no-file-changed --exclude='*.part' -cf "$file.new" -C "$work" . || [ "$?" -eq 1 ]
mv "$file.new" "$file"
