#!/bin/sh
# Compile the locked lists from pyproject.toml (`make lock`; `make lock UPGRADE=--upgrade` moves to newest versions).
set -eu
cd "$(dirname "$0")/.."
compile() {
    out="requirements/$1.txt"
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" ${UPGRADE:-} --output-file "$out" "$@"
}
compile run pyproject.toml --extra insight
compile build --group pyproject.toml:build
compile dev pyproject.toml --extra dev --extra insight --group pyproject.toml:build --constraint requirements/run.txt
if grep -nE 'https?://|file:|index-url|find-links' requirements/*.txt; then
    echo "A locked list names an index or a path of this machine." >&2
    exit 1
fi
