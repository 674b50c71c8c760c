#!/usr/bin/env python3
"""Shows each step of the socket's handshake and judges it by docs/protocol.md.

python scripts/test_websocket_protocol.py --environment ENV [--protocol OFFER] [--url URL] [--json]
"""

import sys

from netra_ops.validate.protocol_command import main

if __name__ == "__main__":
    sys.exit(main())
