"""Runs one command and writes its wall time, CPU time and peak memory to a file.

A child's peak memory starts from that of the process that spawns it, so the spawning is left to this: an interpreter
without site-packages, some 9 MB, which is the smallest figure it can read.
"""

import os
import sys
import time

out, *command = sys.argv[1:]
began = time.perf_counter()
child = os.posix_spawnp(command[0], command, os.environ)
_, status, used = os.wait4(child, 0)
wall = time.perf_counter() - began
with open(out, "w", encoding="ascii") as fh:  # noqa: PTH123  pathlib alone is as large as all the rest
    fh.write(f"{wall} {used.ru_utime + used.ru_stime} {used.ru_maxrss} {os.waitstatus_to_exitcode(status)}")
