#!/bin/sh
# Install the Debian packages of the product when that is allowed, or name what is missing and what is weaker
# without it. Usage: debian.sh run|test. Idempotent; whatever is missing, it exits 0.
set -eu

purpose=${1:-run}
missing=""

need() { # need PACKAGE PROBE WEAKER
    if ! sh -c "$2" >/dev/null 2>&1; then
        missing="$missing $1"
        printf '  missing %-24s %s\n' "$1" "$3"
    fi
}

look() {
    missing=""
    need python3-venv "python3 -c 'import ensurepip, venv'" \
        "pip must be unpacked from its Debian package by hand, which is tried next"
    need tesseract-ocr "command -v tesseract" \
        "no second reader: fewer fields are proven without a person"
    need tesseract-ocr-chi-sim "tesseract --list-langs 2>/dev/null | grep -qx chi_sim" \
        "no fallback reader for Chinese text"
    need libzbar0 "ls /usr/lib/*/libzbar.so.0 /usr/lib/libzbar.so.0 2>/dev/null | grep -q ." \
        "one decoder fewer for damaged QR codes"
    need fonts-wqy-microhei "ls /usr/share/fonts/truetype/wqy/wqy-microhei.ttc" \
        "PDFs without embedded fonts show blanks, and the demo papers cannot be drawn"
    need jbig2dec "command -v jbig2dec" \
        "QR pictures in some OFD files cannot be read"
    if [ "$purpose" = test ]; then
        need chromium "command -v chromium" "the browser tests cannot run"
        need firefox-esr "command -v firefox-esr || command -v firefox" "the pages are not tested in Firefox"
        need libatomic1 "ls /usr/lib/*/libatomic.so.1" "the driver of the browser tests cannot run"
    fi
}

look
[ -z "$missing" ] && exit 0

root=""
if [ "$(id -u)" = 0 ]; then
    root="env"
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    root="sudo -n env"
fi

if [ -n "$root" ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing …"
    log=$(mktemp)
    # An installation that was cut off is finished first; a list that cannot be renewed may still do; another one that
    # runs just now, as on a machine started a minute ago, is waited for.
    $root DEBIAN_FRONTEND=noninteractive dpkg --configure -a >"$log" 2>&1 || true
    $root apt-get update -qq >>"$log" 2>&1 || true
    # shellcheck disable=SC2086 # the list is meant to be split
    if $root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o DPkg::Lock::Timeout=120 $missing >>"$log" 2>&1; then
        rm -f "$log"
        echo "Installed."
        exit 0
    fi
    tail -n 5 "$log"
    rm -f "$log"
    echo "Some packages could not be installed:"
    look
fi

if [ -n "$missing" ]; then
    echo "To have everything, run as root:  apt-get install$missing"
fi
