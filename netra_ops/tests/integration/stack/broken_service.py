"""``python -m broken_service``: dies at start, saying why."""

import sys

if __name__ == "__main__":
    sys.exit("cannot find the flux capacitor")
