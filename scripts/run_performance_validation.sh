#!/bin/sh
# Executes the performance suite: scripts/run_performance_validation.sh [--environment ENV]
exec "$(dirname "$0")/../netra" validate --suite performance "$@"
