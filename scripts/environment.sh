#!/bin/sh
# Make the Python environment FOLDER with pip in it, unless it is whole already. Usage: environment.sh FOLDER.
set -eu

folder=$1

if "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
    exit 0 # an interrupted attempt has no working pip and is made anew
fi

if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed; $(command -v python3) is $(python3 -V 2>&1)." >&2
    exit 1
fi

if python3 -c 'import ensurepip' 2>/dev/null; then
    exec python3 -m venv --clear "$folder"
fi

# Debian keeps pip for new environments in packages of their own. One that may not be installed can still be
# downloaded and unpacked, which needs no rights.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
if (cd "$work" && apt-get download -qq python3-pip-whl && dpkg-deb -x ./python3-pip-whl_*.deb .) >/dev/null 2>&1; then
    python3 -m venv --clear --without-pip "$folder"
    for wheel in "$work"/usr/share/python-wheels/pip-*.whl; do
        "$folder/bin/python" "$wheel/pip" --disable-pip-version-check --quiet install --no-index "$wheel"
    done
    exit 0
fi
echo "The Python environment cannot be made: run as root  apt-get install python3-venv  and try again." >&2
exit 1
