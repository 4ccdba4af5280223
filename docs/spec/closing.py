"""Closing a period on several partitions, as an executable model (README.md).

    python3 closing.py final|all|MUTATION SCHEDULES [FIRST_SEED]
    python3 closing.py each SCHEDULES [FIRST_SEED]   every mutation until it is caught, in that many schedules at most

The same seed gives the same schedule; FIRST_SEED is 0 where none is named, and `today` gives other ones each day.
Exit code 1 when `final` or a harmless variant broke a rule, or when a mutation of `each` was not caught.
"""
import sys

sys.dont_write_bytecode = True

from closing_rules import CAUGHT_BY, HARMLESS, MUTATIONS, put_in_force  # noqa: E402
from closing_world import run  # noqa: E402
from report import report_variants  # noqa: E402

if __name__ == "__main__":
    sys.exit(report_variants(sys.argv[1:], run, put_in_force, MUTATIONS, HARMLESS, CAUGHT_BY))
