#!/bin/sh
# Puts Prometheus, Alertmanager, promtool and amtool into .cache/prometheus, from the packages of Debian or Ubuntu. Nothing
# is installed or started by it, and it needs no root where the package lists are there.
set -eu
cd "$(dirname "$0")/../.."
folder=.cache/prometheus
[ ! -x "$folder/bin/promtool" ] || exit 0
mkdir -p .cache
partial=$(mktemp -d "$PWD/.cache/prometheus-XXXXXX")
trap 'rm -rf "$partial"' EXIT
cd "$partial"
# As whoever asks: apt's own user may not write here.
apt-get download -qq -o APT::Sandbox::User="$(id -un)" prometheus prometheus-alertmanager
for package in *.deb; do dpkg -x "$package" root; done
mkdir whole
mv root/usr/bin root/usr/share/prometheus whole/
rm -rf "../prometheus"
mv whole ../prometheus
