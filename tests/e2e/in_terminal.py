"""Makes stdin the controlling terminal of this (new) session, then becomes the given program.

``getpass`` opens ``/dev/tty`` and Ctrl-C is delivered by the terminal: both need one.
"""

import fcntl
import os
import sys
import termios

if __name__ == "__main__":
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606  becoming another program is its purpose
