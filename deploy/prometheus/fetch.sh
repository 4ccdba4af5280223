#!/bin/sh
# Puts Prometheus, Alertmanager, promtool and amtool into .cache/prometheus, from the packages of Debian or Ubuntu. No package
# is installed and nothing started by it. Debian's Alertmanager reads its templates from one place alone, where only root
# can put them; all else needs no root where the package lists are there.
set -eu
cd "$(dirname "$0")/../.."
folder=.cache/prometheus
templates=/usr/share/prometheus/alertmanager

put_templates() {
  [ ! -e "$templates/default.tmpl" ] || return 0
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$templates"
    cp "$folder"/prometheus/alertmanager/*.tmpl "$templates/"
  else
    echo "Alertmanager reads $templates/default.tmpl: run this once more as root, or apt-get install prometheus-alertmanager" >&2
    return 1
  fi
}

if [ -x "$folder/bin/promtool" ]; then
  put_templates
  exit
fi
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
cd ../..
put_templates
