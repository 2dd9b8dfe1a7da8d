#!/bin/sh
# Installs or renews the simulation host on Debian or Ubuntu. It may run any number of times and be stopped anywhere; what is as it
# should be is left alone. It is part of a release (npm run build:sim-host), and takes the program from there.
#   install.sh              does what is missing, and starts the host when its settings are complete
#   install.sh --check      changes nothing; says what is missing, and fails if something is
#   install.sh --no-packages   without apt: for machines that have everything
# With DESTDIR it writes below that directory and leaves the machine alone: no packages, no modules, no services. For images, and tests.
set -eu
umask 077

here=$(cd "$(dirname "$0")" && pwd)
release=$(dirname "$here")
readonly here release
readonly root="${DESTDIR:-}"
readonly programs="$root/opt/kombify-sim-host" settings="$root/etc/kombify-sim-host" data="$root/var/lib/kombify-sim-host"
readonly unit=kombify-sim-host.service units="$root/etc/systemd/system"
readonly modules="$root/etc/modules-load.d/kombify-sim-host.conf" engine="$root/etc/docker/daemon.json"
readonly releases_kept=3
readonly packages="docker.io iptables iproute2 tcpdump util-linux jq curl"

check=false
with_packages=true
for option in "$@"; do
  case "$option" in
    --check) check=true ;;
    --no-packages) with_packages=false ;;
    *) echo "Usage: $0 [--check] [--no-packages]" >&2; exit 2 ;;
  esac
done

# Root's on a machine; below DESTDIR, whoever runs this.
owner=$(id -u)
group=$(id -g)
here_and_now() { [ -z "$root" ]; }
missing=0
fine() { echo "ok       $1"; }
lacks() { echo "missing  $1"; missing=1; }
stop() { echo "$1" >&2; exit 1; }
# need <what> <test command> <command that makes it so>: commands are names of functions
need() {
  if "$2"; then fine "$1"
  elif $check; then lacks "$1"
  else "$3"; echo "done     $1"; fi
}
# The file is there with the same content; $3 is its mode.
same() { cmp -s "$1" "$2" && [ "$(stat -c %a "$2")" = "$3" ]; }
directory() { [ -d "$1" ] || install -d -m 755 "$1"; }
put() { # whole or not at all
  install -m "$3" "$1" "$2.new"
  mv "$2.new" "$2"
}

# 1. A machine that this release is for.
if here_and_now && [ "$owner" -ne 0 ]; then stop "This takes root."; fi
[ -r "$release/release.json" ] || stop "There is no release around $here: run npm run build:sim-host."
[ -x "$release/bin/node" ] || stop "This release has no Node: it was built without --with-node."
if here_and_now; then
  # shellcheck source=/dev/null
  . /etc/os-release
  case " $ID ${ID_LIKE:-} " in
    *" debian "* | *" ubuntu "*) ;;
    *) stop "This is written for Debian and Ubuntu, not for ${PRETTY_NAME:-$ID}." ;;
  esac
fi
"$release/bin/node" --version > /dev/null 2>&1 || stop "Node of this release does not run here: it was built for another machine."

# 2. Programs of the distribution.
absent() {
  for package in $packages; do
    # Docker may come from elsewhere.
    if [ "$package" = docker.io ] && command -v dockerd > /dev/null; then continue; fi
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2> /dev/null | grep -qx installed || printf '%s ' "$package"
  done
}
have_packages() { [ -z "$(absent)" ]; }
get_packages() {
  apt-get update -qq
  # shellcheck disable=SC2046
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(absent) > /dev/null
}
if here_and_now && $with_packages; then need "packages: $packages" have_packages get_packages; fi

# 3. The kernel: what the host may not load itself.
have_modules() { same "$here/modules.conf" "$modules" 644; }
load_modules() {
  directory "${modules%/*}"
  put "$here/modules.conf" "$modules" 644
  here_and_now || return 0
  # What is built in cannot be loaded; the probe below says whether it is there.
  grep -v '^#' "$here/modules.conf" | while read -r module; do modprobe "$module" 2> /dev/null || true; done
}
need "kernel modules at boot" have_modules load_modules
if here_and_now; then "$here/probe-kernel.sh" || missing=1; fi
[ "$missing" -eq 0 ] || $check || stop "The kernel lacks what simulations are made with."

# 4. The engine's settings. Others' are never overwritten.
have_engine() { [ -e "$engine" ]; }
set_engine() {
  # Remapping users hides what an engine has already.
  if here_and_now; then
    "$here/probe-engine.sh" || stop "$here/daemon.json remaps users and would hide them. Or write $engine yourself, without that."
  fi
  directory "${engine%/*}"
  put "$here/daemon.json" "$engine" 644
  if here_and_now; then systemctl restart docker.service; fi
}
need "settings of Docker" have_engine set_engine
if have_engine && ! cmp -s "$here/daemon.json" "$engine"; then
  echo "look at  $engine differs from $here/daemon.json; it is left as it is"
fi
if here_and_now && ! docker info --format '{{.SecurityOptions}}' 2> /dev/null | grep -q 'name=userns'; then
  echo "look at  the engine does not remap users: sim-host/README.md, \"The engine\""
fi

# 5. The program: a directory for each release, and a link to the one in use.
version=$(sed -n 's/.*"version": "\([^"]*\)".*/\1/p' "$release/release.json")
digest=$(cd "$release" && find . -type f ! -path ./bin/node | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum | cut -c1-12)
readonly name="$version-$digest"
have_release() { [ "$(readlink "$programs/current" 2> /dev/null)" = "releases/$name" ] && [ -d "$programs/current" ]; }
put_release() {
  install -d -m 755 "$programs" "$programs/releases"
  if [ ! -d "$programs/releases/$name" ]; then
    rm -rf "$programs/releases/.new"
    cp -R "$release" "$programs/releases/.new"
    # Probes read it as somebody without any rights.
    chmod -R u=rwX,go=rX "$programs/releases/.new"
    mv "$programs/releases/.new" "$programs/releases/$name"
  fi
  ln -sfn "releases/$name" "$programs/current.new"
  mv -T "$programs/current.new" "$programs/current"
  changed=true
}
changed=false
need "release $name" have_release put_release
# What a roll-back needs stays. Names are of our own making: no blanks, no dots first.
old_releases() { find "$programs/releases" -mindepth 1 -maxdepth 1 -type d ! -name '.*' -printf '%T@ %f\n' | sort -rn | cut -d' ' -f2 | grep -vx "$name"; }
if ! $check; then
  old_releases | tail -n +"$releases_kept" | while read -r old; do rm -rf "${programs:?}/releases/$old"; done
fi

# 6. Directories and settings.
private() { [ -d "$1" ] && [ "$(stat -c '%a %u' "$1")" = "700 $owner" ]; }
have_data() { private "$data"; }
make_private() { install -d -m 700 -o "$owner" -g "$group" "$1"; }
make_data() { make_private "$data"; }
have_settings() { private "$settings" && [ -e "$settings/settings.env" ]; }
make_settings() {
  make_private "$settings"
  [ -e "$settings/settings.env" ] || put "$here/settings.env.example" "$settings/settings.env" 600
}
need "$data, for its user only" have_data make_data
need "$settings/settings.env" have_settings make_settings

# 7. The unit.
have_unit() { same "$here/$unit" "$units/$unit" 644; }
put_unit() {
  directory "$units"
  put "$here/$unit" "$units/$unit" 644
  if here_and_now; then systemctl daemon-reload; fi
  changed=true
}
enabled() { systemctl is-enabled --quiet "$unit" 2> /dev/null; }
enable() { systemctl enable --quiet "$unit"; }
need "unit $unit" have_unit put_unit
if here_and_now; then need "start at boot" enabled enable; fi

# 8. What only an operator has.
for file in service-key gateway-key images.json; do
  if [ -s "$settings/$file" ]; then fine "$settings/$file"; else lacks "$settings/$file"; fi
done
if [ -e "$settings/settings.env" ]; then
  # A release may ask for more than the one before.
  asked=$(sed -n 's/^\([A-Z_]*\)=.*/\1/p' "$here/settings.env.example")
  open=""
  for setting in $asked; do
    grep -q "^$setting=[^<]" "$settings/settings.env" || open="$open $setting"
  done
  if [ -n "$open" ]; then lacks "values in $settings/settings.env:$open"; fi
fi

if $check; then exit "$missing"; fi
if [ "$missing" -ne 0 ]; then
  echo "Installed. Supply what is missing, then: systemctl start $unit"
elif ! here_and_now; then
  echo "Installed below $root."
elif $changed || ! systemctl is-active --quiet "$unit"; then
  systemctl reset-failed "$unit" 2> /dev/null || true
  systemctl restart "$unit"
  echo "The host is started: journalctl -u $unit"
else
  echo "The host runs, and nothing has changed."
fi
