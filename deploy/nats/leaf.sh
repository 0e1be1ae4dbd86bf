#!/bin/sh
# A hub, and private zones whose servers dial it: deploy/nats/leaf.sh DIR [ZONE...]  (default: eu us)
# All on this machine, on ports from PORT (4222) on: hub PORT, its leaf port PORT + 1, zones PORT + 2 and so on.
set -eu
dir=${1:?usage: leaf.sh DIR [ZONE...]}
shift
[ $# -gt 0 ] || set -- eu us
mesh=${MESH:-mesh}
port=${PORT:-4222}

"$mesh" hub init "$dir/hub" --listen "127.0.0.1:$port" --leaf "127.0.0.1:$((port + 1))"
port=$((port + 2))
for zone in "$@"; do
  "$mesh" zone init "$zone" --hub "$dir/hub" --dir "$dir/zone-$zone" --listen "127.0.0.1:$port"
  port=$((port + 1))
done
