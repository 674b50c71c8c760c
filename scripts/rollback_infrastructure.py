#!/usr/bin/env python3
"""Plans the commit that was applied before, shows the difference, and applies it after a yes.

python scripts/rollback_infrastructure.py --environment ENV [--to COMMIT] [--var-file FILE]
"""

import sys

from netra_ops.terraform.rollback.command import main

if __name__ == "__main__":
    sys.exit(main())
