#!/usr/bin/env bash
# The one entry to building, testing and running: ./build.sh help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
if ! command -v dotnet >/dev/null 2>&1; then
    echo "The .NET 10 SDK is needed and 'dotnet' is not on PATH; see https://dotnet.microsoft.com/download" >&2
    exit 1
fi
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
exec dotnet run --project build/tool -c Release -v q -- "$@"
