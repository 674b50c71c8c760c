#!/bin/sh
# Executes the golden-path suite: scripts/run_golden_path_validation.sh [--environment ENV]
exec "$(dirname "$0")/../netra" validate --suite golden-path "$@"
