#!/bin/sh
# Fails when the engine has containers, or may have: probe-engine.sh [DIRECTORY], where the engine keeps what it has.
# An engine that does not answer is not an engine that has nothing; one that was never started has no directory.
set -u
readonly kept="${1:-/var/lib/docker}/containers"

if containers=$(timeout 30 docker ps --all --quiet 2> /dev/null); then
  [ -z "$containers" ] && exit 0
  echo "The engine has containers already. Remove them." >&2
elif [ -z "$(ls -A "$kept" 2> /dev/null)" ]; then
  exit 0
else
  echo "The engine does not answer, and there are containers in $kept. Start it (systemctl start docker), and run this again." >&2
fi
exit 1
