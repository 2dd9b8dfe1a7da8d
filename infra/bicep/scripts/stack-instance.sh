#!/bin/bash
# Starts (or renews) the Stack instance of this VM and waits until it is healthy (ready it is only when the control plane
# has made its collections). Run by the VM extension with each deployment; running it again is harmless. The words in
# double underscores are base64, put in by stack-instance.bicep.
set -euo pipefail
umask 077

readonly data=/var/lib/stack/pb_data
readonly settings=/etc/kombify

text() { printf '%s' "$1" | base64 --decode; }

try() { # try <times> <seconds between> <command...>
  local left=$1 pause=$2
  shift 2
  until "$@"; do
    left=$((left - 1))
    if [ "$left" -le 0 ]; then return 1; fi
    sleep "$pause"
  done
}

# 1. First boot is over and the data disk is there: PocketBase must never write to the system disk instead.
timeout 600 cloud-init status --wait > /dev/null || true
try 30 2 mountpoint --quiet /var/lib/stack || { echo "The data disk is not mounted." >&2; exit 1; }
try 60 5 docker info > /dev/null 2>&1 || { echo "Docker does not run." >&2; exit 1; }

# 2. Settings, readable by root only.
mkdir -p "$settings" "$data"
text '__environment__' > "$settings/instance.env"
text '__superuser__' > "$settings/superuser.env"
image=$(text '__image__')
registry=$(text '__registry__')
client_id=$(text '__clientId__')

# 3. The image, pulled as the VM's identity, which may do nothing else. Neither token is on a command line.
sign_in() {
  local entra
  entra=$(curl --silent --show-error --fail --max-time 20 --header 'Metadata: true' --get \
    --data-urlencode 'api-version=2018-02-01' --data-urlencode 'resource=https://management.azure.com/' \
    --data-urlencode "client_id=$client_id" http://169.254.169.254/metadata/identity/oauth2/token | jq -er .access_token) || return 1
  printf 'grant_type=access_token&service=%s&access_token=%s' "$registry" "$entra" \
    | curl --silent --show-error --fail --max-time 20 --data @- "https://$registry/oauth2/exchange" \
    | jq -er .refresh_token \
    | docker login --username 00000000-0000-0000-0000-000000000000 --password-stdin "$registry" > /dev/null 2>&1
}
case "$image" in
  "$registry"/*) try 10 15 sign_in || { echo "Signing in to the registry failed." >&2; exit 1; } ;;
esac
try 5 15 docker pull --quiet "$image" > /dev/null
docker logout "$registry" > /dev/null

# 4. Containers cannot ask the machine's metadata service for that identity.
cat > /etc/systemd/system/stack-firewall.service <<'UNIT'
[Unit]
After=docker.service
Requires=docker.service
PartOf=docker.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'iptables -C DOCKER-USER -d 169.254.169.254 -j DROP || iptables -I DOCKER-USER -d 169.254.169.254 -j DROP'
[Install]
WantedBy=multi-user.target docker.service
UNIT
systemctl daemon-reload
systemctl enable --now stack-firewall.service

# 5. The superuser, while nobody else writes: one process per data directory.
docker rm --force stack > /dev/null 2>&1 || true
owner=$(docker image inspect --format '{{.Config.User}}' "$image")
case "$owner" in
  '' | root) ;;
  *[!0-9:]*) echo "The image must name its user by number." >&2; exit 1 ;;
  *) chown --recursive "$owner" "$data" ;;
esac
hardened=(--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges --volume "$data:/pb_data")
docker run --rm "${hardened[@]}" --env-file "$settings/superuser.env" --entrypoint /bin/sh "$image" \
  -c 'exec pocketbase superuser upsert "$KOMBIFY_SUPERUSER_EMAIL" "$KOMBIFY_SUPERUSER_PASSWORD" --dir=/pb_data' > /dev/null
rm -f "$settings/superuser.env"

# 6. The instance. Docker starts it again after a crash and after a reboot.
docker run --detach --name stack --restart unless-stopped "${hardened[@]}" --pids-limit 512 --publish 8090:8090 \
  --env-file "$settings/instance.env" "$image" > /dev/null
if ! try 60 2 curl --silent --fail --max-time 5 --output /dev/null http://127.0.0.1:8090/health; then
  echo "The instance did not become healthy within two minutes." >&2
  docker logs --tail 20 stack >&2
  exit 1
fi
docker image prune --force > /dev/null
