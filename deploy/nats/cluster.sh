#!/bin/sh
# Three servers that are one: any of them may die in mid-run. deploy/nats/cluster.sh DIR [more flags of mesh hub init]
set -eu
dir=${1:?usage: cluster.sh DIR}
shift
exec "${MESH:-mesh}" hub init "$dir" --shared --cluster 3 "$@"
