@echo off
rem The one entry to building, testing and running: build.cmd help
setlocal
cd /d "%~dp0"
where dotnet >nul 2>nul
if errorlevel 1 (
    echo The .NET 10 SDK is needed and 'dotnet' is not on PATH; see https://dotnet.microsoft.com/download 1>&2
    exit /b 1
)
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set DOTNET_NOLOGO=1
dotnet run --project build\tool -c Release -v q -- %*
exit /b %errorlevel%
