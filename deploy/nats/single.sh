#!/bin/sh
# One server for everything, in one trusted network: deploy/nats/single.sh DIR [more flags of mesh hub init]
set -eu
dir=${1:?usage: single.sh DIR}
shift
exec "${MESH:-mesh}" hub init "$dir" --shared "$@"
