#!/bin/sh
# A hub and private zones with servers, coordinators and agents of their own, all on this machine, until Ctrl-C:
# deploy/hub-and-zones.sh [DIR [ZONE...]]   (default: mesh-demo eu us). What is in DIR already is used again.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
dir=${1:-mesh-demo}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- eu us
MESH=$(command -v "${MESH:-mesh}") || {
  echo "there is no mesh in PATH: npm install -g loadmesh, or name it in MESH" >&2
  exit 1
}
case $MESH in /*) ;; *) MESH=$PWD/$MESH ;; esac
export MESH

[ -d "$dir/hub" ] || "$here/nats/leaf.sh" "$dir" "$@" >/dev/null
mkdir -p "$dir/log"
servers='' roles='' pids=''

# start NAME FOLDER COMMAND...: its pid is $! and stands in $pids, what it says goes to log/NAME.log
start() {
  name=$1 folder=$2
  shift 2
  (cd "$dir/$folder" && exec "$MESH" "$@") >"$dir/log/$name.log" 2>&1 &
  pids="$pids $name=$!"
}

# pid NAME
pid() {
  for each in $pids; do
    case $each in "$1="*) echo "${each#*=}" ;; esac
  done
}

# says NAME WORDS: waits until it does, for at most a minute; a wait of more than 5 s is told
says() {
  tries=600 watched=$(pid "$1")
  until grep -q "$2" "$dir/log/$1.log"; do
    tries=$((tries - 1))
    [ $tries -ne 550 ] || echo "waits for $1 (until its log says: $2)   (log: $dir/log/$1.log)" >&2
    if [ $tries -eq 0 ] || ! kill -0 "$watched" 2>/dev/null; then
      echo "$1 is not at work: it does not say '$2'; its log, $dir/log/$1.log:" >&2
      cat "$dir/log/$1.log" >&2
      exit 1
    fi
    sleep 0.1
  done
}

# Servers last: the roles still have something to say.
finish() {
  code=$?
  trap '' INT TERM
  trap - EXIT
  for group in "$roles" "$servers"; do
    [ -z "$group" ] && continue
    # shellcheck disable=SC2086
    kill $group 2>/dev/null || true
    # shellcheck disable=SC2086
    wait $group 2>/dev/null || true
  done
  exit "$code"
}
trap finish EXIT
trap 'exit 0' INT TERM

start hub hub server .
servers=$!
for zone in "$@"; do
  start "$zone-server" "zone-$zone" server .
  servers="$servers $!"
done
says hub 'listens on .* commands'
for zone in "$@"; do says "$zone-server" 'linked to the parent'; done

start root hub root
roles=$!
for zone in "$@"; do
  start "$zone" "zone-$zone" zone "$zone"
  roles="$roles $!"
  start "$zone-agent" "zone-$zone" agent
  roles="$roles $!"
done
says root leading
for zone in "$@"; do
  says "$zone" incarnation
  says "$zone-agent" 'joined zone'
done

zones=$(printf '%s,' "$@")
echo "ready: cd $dir/hub && mesh run SCRIPT --zones ${zones%,}   (logs: $dir/log; Ctrl-C ends everything)"
wait
