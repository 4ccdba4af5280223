"""What a partition keeps of periods and payments, and what it commits on each input.

Partition 0 is the home of periods: it begins a closing, and ends it. The others take over what it has decided, in
order. Money is a number for each partition; `date` is an instant of the same clock that partitions decide by, and a
closing is about all dates before its own. A commit is a dict with `type`; its place in the log, from 1 on, is its seq.
"""

MUTATIONS = {
    "seal_at_once": "a partition says that it is sealed while it has promises",
    "own_payments_do_not_wait": "a coordinator seals while its own payments are not decided",
    "settled_later": "what this partition has asked another one to decide is not waited for",
    "prepare_unchecked": "legs are promised into days that are being closed",
    "recheck_at_commit": "what was promised is refused once its days are being closed",
    "figures_unchecked": "home closes whatever was booked since the figures were read",
    "home_does_not_wait": "home does not wait for its own payments",
    "any_seal_counts": "a partition's word about an earlier closing counts for this one",
    "count_seals": "words are counted, not kept by partition",
    "unlocked_by_time": "a partition takes bookings again at the deadline, without having been told",
    "called_off_when_closed": "home calls off what it has closed",
    "restart_unlocks": "a new owner does not know that days are being closed",
    "not_told_again": "what home has decided is said once",
    "not_asked_again": "home does not ask again whether a partition is sealed",
    "no_order": "a decision of home is taken over behind a later one",
    "day_not_over": "a partition takes a closing over before the days are over by its own clock",
    "ends_by_name": "a decision of home ends the closing that it names alone",
    "no_deadline": "a closing ends by the word of all partitions alone",
}
HARMLESS = {
    "home_is_open": "home takes what is dated into the days that it closes, and then calls the closing off",
    "open_until_sealed": "new bookings are taken until the partition says that it is sealed",
    "sealed_twice": "a partition writes a seal for each time that it is asked",
    "seals_survive": "words heard under an earlier claim of home are kept",
}
#: Seeds that catch those which few schedules do. A change of the schedules needs others: `python3 closing.py NAME 3000`.
CAUGHT_BY = {"home_does_not_wait": 1022, "unlocked_by_time": 2036}

_in_force = frozenset()


def put_in_force(names):
    """`a+b` are two at once; `final` is the protocol as it stands."""
    global _in_force
    _in_force = frozenset() if names == "final" else frozenset(names.split("+"))


def mutated(name):
    return name in _in_force


HOME = 0
#: Of facts, what each is about: a later one of the same name stands in its place.
SLOTS = {"closing": lambda fact: "closing", "called_off": lambda fact: "closing",
         "closed": lambda fact: "period %s" % fact["period"], "reopened": lambda fact: "period %s" % fact["period"]}


class State:
    """A fold of one partition's commits."""

    def __init__(self, partition):
        self.partition = partition
        self.seq = 0
        self.closed = []       # { period, before }, in their order
        self.closing = None    # the one that is under way, and how far it is here: `sealed` is the seq that says so
        self.known = 0         # elsewhere: the seq at home of the last fact that was taken
        self.facts = {}        # at home: by slot, in the order of their commits
        self.sagas = {}        # payments of this coordinator that are open
        self.steps = {}        # what was done of those of others
        self.touched = []      # (date, seq) of all that was posted here
        self.balance = []      # (date, amount, seq)

    def fold(self, commit):
        self.seq += 1
        kind = commit["type"]
        if kind in SLOTS:
            self.fold_fact(kind, commit)
        elif kind == "sealed":
            self.closing = dict(self.closing, sealed=self.seq, touched=commit["touched"])
        elif kind == "posted":
            self.post(commit)
        elif kind == "begun":
            self.sagas[commit["payment"]] = dict(commit, state="asked" if commit["settles"] else "preparing")
        elif kind in ("completed", "failed"):
            saga = self.sagas[commit["payment"]]
            # A coordinator need not have legs of its own.
            if kind == "completed" and self.partition in saga["amounts"]:
                self.post(dict(saga, amount=saga["amounts"][self.partition]))
            self.sagas[commit["payment"]] = dict(saga, state=kind)
        elif kind == "cancelling":
            self.sagas[commit["payment"]] = dict(self.sagas[commit["payment"]], state="cancelling")
        elif kind in ("promised", "settled", "refused", "released", "kept"):
            before = self.steps.get(commit["payment"], {})
            self.steps[commit["payment"]] = dict(before, **commit)
            if kind in ("settled", "kept"):
                self.post(self.steps[commit["payment"]])

    def post(self, commit):
        self.touched.append((commit["date"], self.seq))
        self.balance.append((commit["date"], commit["amount"], self.seq))

    def fold_fact(self, kind, commit):
        if self.partition == HOME:
            fact = {name: value for name, value in commit.items() if name != "seq"}
            slot = SLOTS[kind](commit)
            for gone in [slot] + (["closing"] if kind == "closed" else []):
                self.facts.pop(gone, None)
            self.facts[slot] = dict(fact, seq=self.seq)
        else:
            self.known = commit["seq"]
        closing = self.closing
        if kind == "closing":
            self.closing = dict(commit, sealed=None, touched=None)
        elif not mutated("ends_by_name") or (closing and closing["period"] == commit["period"]):
            # One is under way at a time: what home decides behind it says that it is over, whoever missed what between.
            self.closing = None
        if kind == "closed":
            self.closed = self.closed + [{"period": commit["period"], "before": commit["before"]}]
        if kind == "reopened":
            self.closed = [each for each in self.closed if each["period"] != commit["period"]]

    def closed_before(self, now):
        """No new booking is dated before it."""
        before = max([each["before"] for each in self.closed], default=0)
        closing = self.closing
        if not closing or (self.partition == HOME and mutated("home_is_open")):
            return before
        if mutated("unlocked_by_time") and now >= closing["until"]:
            return before
        if mutated("open_until_sealed") and self.partition != HOME and closing["sealed"] is None:
            return before
        return max(before, closing["before"])

    def last_touched(self, before):
        return max([seq for date, seq in self.touched if date < before], default=0)

    def waits_for(self, before):
        """Payments whose money may still be posted here, with a date before that instant."""
        own = () if mutated("own_payments_do_not_wait") or (mutated("home_does_not_wait") and self.partition == HOME) \
            else ("preparing",) if mutated("settled_later") else ("preparing", "asked", "cancelling")
        sagas = [saga for saga in self.sagas.values() if saga["state"] in own]
        steps = [step for step in self.steps.values() if step["type"] == "promised"]
        return [each["payment"] for each in sagas + steps if each["date"] < before]


def facts_behind(state, seq):
    """-> what holds and stands behind a seq at home, each with the seq of the one in front of it."""
    told, after = [], 0
    for fact in sorted(state.facts.values(), key=lambda fact: fact["seq"]):
        if fact["seq"] > seq:
            told.append(dict(fact, after=after))
        after = fact["seq"]
    return told


def take_fact(state, fact, now):
    """Elsewhere. A closing waits until its days are over here, too: then what counts from now on is behind it."""
    if not mutated("no_order") and (fact["seq"] <= state.known or fact["after"] > state.known):
        return None
    if mutated("no_order") and fact["seq"] == state.known:
        return None
    if fact["type"] == "closing" and now < fact["before"] and not mutated("day_not_over"):
        return None
    return {name: value for name, value in fact.items() if name != "after"}


def seal(state):
    """Nothing that is dated into those days can be posted here any more."""
    closing = state.closing
    if state.partition == HOME or not closing:
        return None
    if closing["sealed"] is not None and not mutated("sealed_twice"):
        return None
    if state.waits_for(closing["before"]) and not mutated("seal_at_once"):
        return None
    return {"type": "sealed", "period": closing["period"], "touched": state.last_touched(closing["before"])}


def close(state, seals, partitions, now):
    """At home: what becomes of the closing, once that is clear. `seals` is what the others said, by partition."""
    closing = state.closing
    if not closing or state.partition != HOME:
        return None
    outcome = {"period": closing["period"], "before": closing["before"]}
    own = state.last_touched(closing["before"])
    touched = {**{each: seal["touched"] for each, seal in seals.items()}, HOME: own}
    if not mutated("figures_unchecked") and any(touched[each] > closing["read"][each] for each in touched):
        return dict(outcome, type="called_off")
    if len(touched) == partitions and not state.waits_for(closing["before"]):
        return dict(outcome, type="closed")
    if now >= closing["until"] and not mutated("no_deadline"):
        return dict(outcome, type="called_off")
    return None


def begin_closing(state, period, before, read, now):
    closed = max([each["before"] for each in state.closed], default=0)
    if state.closing or before <= closed or before > now:
        return None
    if state.last_touched(before) > read[HOME] and not mutated("figures_unchecked"):
        return None
    return {"type": "closing", "period": period, "before": before, "read": read, "until": now + 40}


def may_book(state, date, now):
    return date >= state.closed_before(now)


def on_request(state, message, now):
    """A participant's commit on what its coordinator asks of it; None where it was done before."""
    kind, payment = message["kind"], message["payment"]
    step = state.steps.get(payment)
    told = {"payment": payment, "date": message["date"], "amount": message["amount"]}
    if kind in ("prepare", "settle"):
        if step:
            return None
        if not may_book(state, message["date"], now) and not mutated("prepare_unchecked"):
            return dict(told, type="refused")
        return dict(told, type="promised" if kind == "prepare" else "settled")
    if step is None:
        return dict(told, type="refused") if kind == "cancel" else None
    if step["type"] != "promised":
        return None
    if kind == "commit" and mutated("recheck_at_commit") and not may_book(state, step["date"], now):
        return dict(told, type="released")
    return {"type": "released" if kind == "cancel" else "kept", "payment": payment}
