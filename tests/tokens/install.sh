#!/usr/bin/env bash
# install.sh: installs the libraries for comparing tokens, from the Python package index.
#
# awscrt must not be among them: with it, botocore writes parameters in another order.
. "$(dirname "$0")/../support/servers/common.sh"
here=$(cd "$(dirname "$0")" && pwd)
name=tokens
install
