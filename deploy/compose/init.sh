#!/bin/sh
# Makes the keys of compose.yaml's mesh: a hub, the zones eu and us, and one folder of credentials per role, so that nobody
# sees another's. Done once; started again, it only lays out credentials anew (after mesh hub rotate, mesh zone rotate).
set -eu
umask 077

[ -e /srv/hub/mesh ] || mesh hub init /srv/hub/mesh --listen 0.0.0.0:4222 --leaf 0.0.0.0:7422
[ -e /srv/eu/mesh ] || mesh zone init eu --hub /srv/hub/mesh --dir /srv/eu/mesh --url nats://hub:7422 --listen 10.231.1.2:4222
[ -e /srv/us/mesh ] || mesh zone init us --hub /srv/hub/mesh --dir /srv/us/mesh --url nats://hub:7422 --listen 10.231.2.2:4222

# login FILE FOLDER
login() {
  mkdir -p "$2"
  cp "$1" "$2/"
}
login /srv/hub/mesh/creds/root.creds /srv/logins/root
login /srv/hub/mesh/creds/door.creds /srv/logins/door
login /srv/eu/mesh/creds/zone.creds /srv/logins/eu
login /srv/eu/mesh/agents/eu-1.creds /srv/logins/eu-1
login /srv/us/mesh/creds/zone.creds /srv/logins/us
login /srv/us/mesh/agents/us-1.creds /srv/logins/us-1
