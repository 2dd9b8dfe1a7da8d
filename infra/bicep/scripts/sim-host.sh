#!/bin/bash
# Brings the simulation host of this VM to the release, the settings and the keys of a deployment, and waits until it is ready.
# Run by the VM extension when one of them changes; running it again is harmless. The words in double underscores are base64,
# put in by modules/sim-host.bicep. DESTDIR is for tests: another root.
set -euo pipefail
umask 077

readonly root="${DESTDIR:-}"
readonly programs="$root/opt/kombify-sim-host" settings="$root/etc/kombify-sim-host" data=/var/lib/kombify-sim-host

text() { printf '%s' "$1" | base64 --decode; }
fail() { echo "$1" >&2; exit 1; }
try() { # try <times> <seconds between> <command...>
  local left=$1 pause=$2
  shift 2
  until "$@"; do
    left=$((left - 1))
    if [ "$left" -le 0 ]; then return 1; fi
    sleep "$pause"
  done
}
write() { # write <file>: from standard input, whole or not at all
  cat > "$1.new"
  mv "$1.new" "$1"
}

release_url=$(text '__releaseUrl__')
release_sha256=$(text '__releaseSha256__')
image=$(text '__image__')
gateway_key=$(text '__gatewayKey__')
service_key=$(text '__serviceKey__')
for key in "$gateway_key" "$service_key"; do
  [ -n "$key" ] || fail "The deployment gave no key of the gateway, or none for contract C1."
done

# 1. First boot is over and the data disk is there: saves must never be written to the system disk instead.
if [ -z "$root" ]; then
  timeout 600 cloud-init status --wait > /dev/null || true
  try 30 2 mountpoint --quiet "$data" || fail "The data disk is not mounted."
  try 60 5 docker info > /dev/null 2>&1 || fail "Docker does not run."
fi

# 2. The release, unless it is here. Its address ends after a day, so it is asked for only when it is needed. `installed` says
# what became of the archive that was fetched last, and nothing of what is in use: somebody may have gone back by hand since, or an
# upgrade may have been killed. The installer of that very directory puts it in use again.
mkdir -p "$programs"
chmod 755 "$programs"
here_sha256="" here=""
if [ -e "$programs/installed" ]; then read -r here_sha256 here < "$programs/installed" || true; fi
if [ "$here_sha256" = "$release_sha256" ] && [ -n "$here" ] && [ -x "$programs/$here/install/install.sh" ]; then
  release="$programs/$here"
else
  release="$programs/incoming"
  rm -rf "$release"
  mkdir "$release"
  # The address is a secret for a day: not on a command line.
  printf 'url = "%s"\n' "$release_url" \
    | curl --silent --show-error --fail --retry 5 --max-time 300 --output "$release.tar.gz" --config -
  echo "$release_sha256  $release.tar.gz" | sha256sum --check --quiet || fail "The release is not the one that was named."
  tar --extract --gzip --no-same-owner --file "$release.tar.gz" --directory "$release"
  rm "$release.tar.gz"
fi

# 3. Settings and keys, for root only. What is measured here: three quarters of the memory, and processors eight times over.
mkdir -p "$settings"
memory=$(awk '/^MemTotal:/ { print int($2 / 1024 * 3 / 4) }' /proc/meminfo)
write "$settings/settings.env" << END
# Written by the deployment (infra/bicep/modules/sim-host.bicep), and anew by each.
$(text '__settings__')
SIM_DATA_DIRECTORY=$data
SIM_IMAGES_FILE=/etc/kombify-sim-host/images.json
SIM_MEMORY_MEGABYTES=$memory
SIM_CPUS=$(($(nproc) * 8))
SERVICE_KEY_FILE=/etc/kombify-sim-host/service-key
GATEWAY_KEY_FILE=/etc/kombify-sim-host/gateway-key
END
printf '%s\n' "$gateway_key" | write "$settings/gateway-key"
printf '%s\n' "$service_key" | write "$settings/service-key"

# 4. The first image. Others are an operator's: images.sh add.
toolbox() { jq -r '.[] | select(.name == "toolbox") | .reference' "$settings/images.json" 2> /dev/null; }
if [ "$(toolbox)" != "$image" ]; then
  SIM_IMAGES_FILE="$settings/images.json" "$release/install/images.sh" add toolbox "$image" \
    'BusyBox: a shell, a web server, and what tries networks'
fi

# 5. Program and unit. A changed setting is not a change of the release, so the host is started anew either way.
"$release/install/install.sh"
echo "$release_sha256 $(readlink "$programs/current")" | write "$programs/installed"
rm -rf "$programs/incoming"
if [ -z "$root" ]; then
  systemctl restart kombify-sim-host.service
  address=$(sed -n 's/^SIM_LISTEN_ADDRESS=//p' "$settings/settings.env")
  port=$(sed -n 's/^SIM_PORT=//p' "$settings/settings.env")
  try 60 2 curl --silent --fail --max-time 5 --output /dev/null "http://$address:$port/ready" || {
    journalctl --unit kombify-sim-host.service --lines 20 --no-pager --output cat >&2
    fail "The host did not become ready within two minutes."
  }
fi
