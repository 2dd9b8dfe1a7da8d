#!/bin/sh
# The images that nodes may be made from.
#   images.sh add NAME REGISTRY/REPOSITORY:TAG@sha256:DIGEST SUMMARY   pulls it, and puts it into the list with its id
#   images.sh pull                                                    pulls what the list names, and compares ids
# Only by digest: a tag is whatever its owner made of it this morning. The id is what nodes are made from; this engine computes
# it, so it is never copied from somewhere else.
set -eu
umask 077
readonly list="${SIM_IMAGES_FILE:-/etc/kombify-sim-host/images.json}"

id_of() { # id_of <reference>: pulls it if it is not there
  case "$1" in
    *@sha256:*) ;;
    *) echo "$1 has no digest (...@sha256:...)." >&2; return 1 ;;
  esac
  # An image with a tag and a digest is kept under its digest only.
  by_digest=$(printf '%s' "$1" | sed -E 's/:[^:@/]+@/@/')
  docker image inspect --format '{{.Id}}' "$by_digest" 2> /dev/null && return
  docker pull --quiet "$by_digest" > /dev/null
  docker image inspect --format '{{.Id}}' "$by_digest"
}

case "${1:-}" in
  add)
    [ "$#" -eq 4 ] || { echo "Usage: $0 add NAME REFERENCE SUMMARY" >&2; exit 2; }
    id=$(id_of "$3")
    [ -s "$list" ] || echo '[]' > "$list"
    jq --arg name "$2" --arg reference "$3" --arg id "$id" --arg summary "$4" \
      'map(select(.name != $name)) + [{name: $name, reference: $reference, imageId: $id, summary: $summary}]' \
      "$list" > "$list.new"
    mv "$list.new" "$list"
    echo "$2 is $id. Restart the host to offer it: systemctl restart kombify-sim-host"
    ;;
  pull)
    jq -r '.[] | "\(.name) \(.reference) \(.imageId)"' "$list" | while read -r name reference wanted; do
      id=$(id_of "$reference")
      [ "$id" = "$wanted" ] || { echo "$name: this engine makes $id of $reference, the list says $wanted." >&2; exit 1; }
      echo "$name is there."
    done
    ;;
  *)
    echo "Usage: $0 add NAME REFERENCE SUMMARY | $0 pull" >&2
    exit 2
    ;;
esac
