#!/bin/sh
# Writes requirements.txt (both services) and requirements-test.txt (everything) from uv.lock,
# hashes included, for tools that cannot read the lock. --check fails when they are out of date.
set -eu
cd "$(dirname "$0")/.."
# The uv on PATH, or the one that ./netra installed where there was none.
uv=${UV:-$(command -v uv || echo .netra/uv/bin/uv)}

export_groups() {
    "$uv" export --frozen --quiet --no-emit-project --no-default-groups --no-header "$@"
}

runtime=$(export_groups --group auth --group backend)
everything=$(export_groups --all-groups)

if [ "${1:-}" = --check ]; then
    if [ "$runtime" != "$(cat requirements.txt)" ] || [ "$everything" != "$(cat requirements-test.txt)" ]; then
        echo "requirements files differ from uv.lock; run scripts/export_requirements.sh" >&2
        exit 1
    fi
    exit 0
fi
printf '%s\n' "$runtime" >requirements.txt
printf '%s\n' "$everything" >requirements-test.txt
