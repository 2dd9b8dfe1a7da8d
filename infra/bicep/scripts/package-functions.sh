#!/bin/sh
# Puts together what the Functions app is deployed from: the bundle brings every package with it.
set -eu
cd "$(dirname "$0")/../../.."
npm ci
npm run build
target=dist/azure
rm -rf "$target"
mkdir -p "$target"
cp host.json package.json "$target/"
(cd dist && tar --create --exclude=./azure .) | (mkdir -p "$target/dist" && cd "$target/dist" && tar --extract)
# The packages are in the bundle; a list of dependencies would only make the deployment install them again.
(cd "$target" && npm pkg delete dependencies devDependencies optionalDependencies scripts allowScripts overrides)
