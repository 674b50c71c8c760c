"""``python -m tiny_migration``: proves that migrations run with the database's address."""

import os
import sys

if __name__ == "__main__":
    sys.exit(0 if os.environ["DATABASE_URL"].startswith("postgresql://") else "no database")
