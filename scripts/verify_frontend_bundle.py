#!/usr/bin/env python3
"""Verifies the frontend that is really served against the backend that serves.

python scripts/verify_frontend_bundle.py --environment ENV [--digest D] [--url URL] [--json]
"""

import sys

from netra_ops.validate.bundle_command import main

if __name__ == "__main__":
    sys.exit(main())
