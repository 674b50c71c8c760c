#!/usr/bin/env python3
"""Compares what arrives behind the edge with the header contract; a table of evidence.

python scripts/check_header_contract.py --environment ENV [--url URL] [--json] [--failures]
"""

import sys

from netra_ops.edge.contract.command import main

if __name__ == "__main__":
    sys.exit(main())
