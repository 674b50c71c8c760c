#!/usr/bin/env python3
"""Checks the Terraform of the staging stack, with or without a terraform binary.

    python scripts/check_terraform.py [PATH]

The rules always run; where `terraform` is installed, so do `terraform fmt -check` and the native
`terraform validate` against the provider stand-in. Exit: 0 fine, 1 findings, 3 no Terraform there.
"""

import sys

from netra_ops.edge.check import main

if __name__ == "__main__":
    sys.exit(main())
