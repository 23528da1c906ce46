#!/bin/sh
# approve.sh [BUILD_DIR]: takes what the renderers write today as the expected output. Read the diff afterwards.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${1:-$here/../../build/dev}
mkdir -p "$here/expected"
VTLAB_APPROVE=1 "$build/bin/suite-golden" "[approve]" >/dev/null
git -C "$here" --no-pager diff --stat -- expected
