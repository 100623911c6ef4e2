#!/bin/sh
# Make sure that Debian packages are there: `requirements/debian.sh python3-venv postgresql chromium fonts-noto-cjk`.
# Installs what is missing when run as root on a Debian-like system, otherwise says what to install and fails.
set -eu

# present PACKAGE: true when what we need of it works, however it came to the machine.
present() {
    case "$1" in
    python3-venv) "${PYTHON:-python3}" -c 'import venv, ensurepip' 2>/dev/null ;;
    libgomp1) [ "$(uname)" != Linux ] || PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q 'libgomp\.so\.1' ;;
    postgresql) command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ;;
    chromium) [ -n "${ZHIKE_CHROMIUM:-}" ] || command -v chromium >/dev/null || command -v google-chrome >/dev/null ;;
    fonts-noto-cjk) command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn family)" ] ;;
    *) dpkg -s "$1" >/dev/null 2>&1 ;;
    esac
}

missing=""
for package in "$@"; do
    present "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Missing on this machine:$missing" >&2
    echo "Please have them installed, for example: sudo apt-get install$missing" >&2
    exit 1
fi
echo "Installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
# The tests start a cluster of their own: Debian need not set one up.
case "$missing" in *postgresql*)
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        mkdir -p /etc/postgresql-common
        echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    fi
    ;;
esac
log=$(mktemp)
# shellcheck disable=SC2086
if ! { apt-get update && apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold $missing; } \
    </dev/null >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    echo "apt-get could not install:$missing" >&2
    exit 1
fi
rm -f "$log"
