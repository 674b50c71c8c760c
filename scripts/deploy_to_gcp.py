#!/usr/bin/env python3
"""Deploys to Cloud Run: staged, verified, shifted step by step; shows what serves; rolls back.

python scripts/deploy_to_gcp.py --project P [--build-local] [--service S] [--status|--rollback]
"""

import sys

from netra_ops.deploy.gcp_script import main

if __name__ == "__main__":
    sys.exit(main())
