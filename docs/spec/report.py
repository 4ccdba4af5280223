"""Runs a model's variants over many schedules, and says which rules each has broken."""
import collections
import datetime
import sys
import time


def report_variants(arguments, run, put_in_force, mutations, harmless, caught_by=()):
    """-> the exit code. `run(seed, statistics)` gives the rules that a schedule broke; `caught_by` is a seed to begin
    with, of mutations that few schedules catch."""
    which, schedules, first_seed = (list(arguments) + ["0"])[:3]
    seeds = seeds_from(first_seed, int(schedules))

    def broken_rules(variant, seed, statistics):
        """Code that a mutation has broken altogether is caught as well; in the protocol as it stands it is a bug."""
        try:
            return run(seed, statistics)
        except (KeyError, AttributeError, IndexError) as error:
            if variant == "final":
                raise
            return {"broke: " + type(error).__name__: 1}

    def report(variant):
        put_in_force(variant)
        statistics, started_at = collections.Counter(), time.time()
        broken = [(seed, broken_rules(variant, seed, statistics)) for seed in seeds]
        print_report(variant, seeds, broken, time.time() - started_at)
        if variant == "final":
            print("    " + ", ".join("%s %d" % counted for counted in sorted(statistics.items())), flush=True)
        return any(rules for _, rules in broken)

    def report_first(variant):
        put_in_force(variant)
        tried = seeds_from(dict(caught_by)[variant], len(seeds)) if variant in dict(caught_by) else seeds
        seed = next((seed for seed in tried if broken_rules(variant, seed, collections.Counter())), None)
        print("%-24s %s" % (variant, "NOT CAUGHT" if seed is None else "caught by seed %d" % seed), flush=True)
        return seed is None

    if which == "each":
        return int(any([report_first(variant) for variant in mutations]))
    if which == "all":
        for variant in mutations:
            report(variant)
        return int(any([report(variant) for variant in harmless]))
    return int(report(which) and which not in mutations)


def seeds_from(first_seed, schedules):
    """`today`: other ones each day, and the same all day."""
    first = int(datetime.date.today().strftime("%Y%m%d")) * 1_000_000 if first_seed == "today" else int(first_seed)
    return range(first, first + schedules)


def print_report(variant, seeds, broken, seconds):
    rules = collections.Counter(rule for _, rules in broken for rule in rules)
    caught = [seed for seed, rules in broken if rules]
    by_verify = sum(any(rule.startswith("verify") for rule in rules) for _, rules in broken)
    by_verify = ", by verify in %d" % by_verify if by_verify else ""
    first = ", first by seed %d" % caught[0] if caught else ""
    print("%-24s caught in %d of %d%s%s, %.0f s" % (variant, len(caught), len(seeds), by_verify, first, seconds))
    for rule, count in rules.most_common(6):
        print("    %s: %d, first by seed %d" % (rule, count, next(seed for seed, rules in broken if rule in rules)))
    sys.stdout.flush()
