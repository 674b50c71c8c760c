#!/bin/sh
# Executes the whole checklist: scripts/run_full_infrastructure_validation.sh [--environment ENV]
exec "$(dirname "$0")/../netra" validate --suite full "$@"
