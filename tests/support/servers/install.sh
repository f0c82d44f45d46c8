#!/usr/bin/env bash
# install.sh: installs Swift and moto from the Python package index, for the tests that use them.
. "$(dirname "$0")/common.sh"
for name in swift moto; do install; done
