"""A child process for the tests of those who start children: does what its kind says."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path


def say(line):
    """Write a progress line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main():
    """Read the request, then behave."""
    request = json.loads(sys.stdin.readline())
    kind = sys.argv[1]
    say("0.25 begun")
    if kind == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if kind == "fail":
        sys.exit("no such thing")
    if kind == "hang":
        grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        Path(request["pids"]).write_text(f"{os.getpid()} {grandchild.pid}")
        time.sleep(600)
    say("0.75 nearly there")
    time.sleep(0.6)


if __name__ == "__main__":
    main()
