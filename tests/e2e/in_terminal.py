"""Makes stdin the controlling terminal of this (new) session, then becomes the given program.

``getpass`` opens ``/dev/tty`` and Ctrl-C is delivered by the terminal: both need one. The program
starts with SIGINT ignored, as it does below a shell's background job.
"""

import fcntl
import os
import signal
import sys
import termios

if __name__ == "__main__":
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.execv(sys.argv[1], sys.argv[1:])  # noqa: S606  becoming another program is its purpose
