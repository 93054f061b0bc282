"""Python runs this first in every child process of the tests, whose PYTHONPATH names this folder."""

import loopback_only

loopback_only.install()
