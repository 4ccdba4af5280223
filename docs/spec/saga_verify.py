"""A reader of all partitions, each as far as it got: what `verify` over partitions checks."""
import bisect
import collections

from saga_history import says_history
from saga_records import legs_of, net_of, nets_away, others_of

#: The kinds of commit that may cause a kind of commit.
CAUSES = {
    "LegsPrepared": ("PaymentInitiated",),
    "LegsPosted": ("PaymentInitiated", "PaymentCompleted", "PaymentReopened"),
    "LegsRefused": ("PaymentInitiated", "PaymentFailed", "CancelRequested", "PaymentReopened"),
    "LegsReleased": ("PaymentFailed", "PaymentReopened", "HistoryResumed"),
    "LegsWrittenOff": ("HistoryResumed",),
    "PaymentCompleted": ("LegsPrepared", "LegsPosted"),
    "PaymentFailed": ("LegsRefused", "LegsReleased"),
    "PaymentEnded": ("LegsPosted", "LegsRefused", "LegsReleased"),
    "HistoryAccepted": ("HistoryResumed",),
    "HistoryAnswered": ("HistoryAccepted",),
    "FactTaken": ("FactDecided",),
}
#: The kinds of commit that say what a kind of message says.
SAYS = {
    "prepare": ("PaymentInitiated",),
    "settle": ("PaymentInitiated",),
    "commit": ("PaymentCompleted", "PaymentReopened"),
    "cancel": ("PaymentFailed", "CancelRequested", "PaymentReopened"),
    "prepared": ("LegsPrepared",),
    "posted": ("LegsPosted",),
    "refused": ("LegsRefused", "LegsReleased"),
    "fact": ("FactDecided",),
}
OUTCOMES = ("LegsPosted", "LegsRefused", "LegsReleased", "PaymentCompleted", "PaymentFailed")


def says(histories, message):
    """Whether the commit that a message names exists, counts and says what the message says (`low` apart)."""
    seq, named = message.at
    history = histories[message.sender]
    index = index_of(history, seq)
    if index == len(history) or history[index][:2] != (seq, named):
        return False
    body = history[index][2]
    if message.kind not in SAYS:
        return says_history(body, message)
    fits = body["kind"] in SAYS[message.kind] and body.get("payment") == message.payment
    return fits and ("legs" not in body or not message.legs
                     or message.legs == legs_of(body["legs"], message.receiver))


def index_of(history, seq):
    """Of the first entry at that position or behind it."""
    return bisect.bisect_left(history, (seq,))


def verify(histories, position):
    """-> (faults, waiting, under way). A history is the (seq, hash, body) of each commit and resume that counts, to the
    end of the log; position[p] is how many of them the reader has read. Waiting is no fault: whoever reads on to what
    is named finds it, or finds that it is gone."""
    reader = Reader(histories, position)
    for partition, reached in enumerate(position):
        for _, _, body in histories[partition][:reached]:
            reader.read(partition, body)
    under_way = reader.check_transit()
    return reader.faults, reader.waiting, under_way


class Reader:
    def __init__(self, histories, position):
        self.histories, self.position = histories, position
        self.faults, self.waiting = [], 0
        self.keys = {}                              # key -> the commit that decided it
        self.initiated = {}                         # payment -> its PaymentInitiated
        self.asks = {}                              # payment -> the participants whose answers end it
        self.resumed = set()                        # partitions that have lost history
        self.found = {}                             # (kind, payment, partition) -> that commit
        self.transit = collections.Counter()        # (partition, other, currency) -> balance

    def read(self, partition, body):
        kind, payment = body["kind"], body.get("payment")
        if kind in ("PaymentInitiated", "PaymentPosted") and net_of(body["legs"]):
            self.faults.append("a payment does not balance")
        if kind == "PaymentInitiated":
            self.initiated[payment] = body
            self.asks[payment] = others_of(body["legs"], partition)
        if kind == "PaymentReopened":
            self.asks[payment] = list(body["asks"])
            self.found.pop(("PaymentEnded", payment, partition), None)
        if kind == "HistoryResumed":
            self.resumed.add(partition)
        if "key" in body and self.keys.setdefault(body["key"], body) is not body:
            self.faults.append("a key twice")
        if kind in CAUSES and payment:
            self.check_once(kind, payment, partition, body)
        if kind in CAUSES:
            self.check_causes(kind, payment, partition, body)
        if kind == "PaymentCompleted":
            for other, currency, amount in nets_away(self.initiated[payment]["legs"], partition):
                self.transit[partition, other, currency] += amount
        if kind == "LegsPosted":
            for currency, amount in net_of(body["legs"]).items():
                self.transit[partition, payment[0], currency] -= amount
        if kind == "LegsWrittenOff":
            for currency, amount in net_of(body["legs"]).items():
                self.transit[partition, payment[0], currency] += amount

    def check_once(self, kind, payment, partition, body):
        if (kind, payment, partition) in self.found:
            self.faults.append("twice " + kind)
        self.found[kind, payment, partition] = body
        if sum((outcome, payment, partition) in self.found for outcome in OUTCOMES) > 1:
            self.faults.append("both")

    def check_causes(self, kind, payment, partition, body):
        if kind.startswith("Legs") and not body["cause"]:
            self.faults.append("no cause")
        for cause in body["cause"]:
            self.check_cause(kind, payment, partition, body, cause)
        is_learned = body.get("learned") and partition in self.resumed
        if kind in ("PaymentCompleted", "PaymentEnded") and not is_learned:
            if [cause[0] for cause in body["cause"]] != self.asks[payment]:
                self.faults.append(kind + " without every answer")

    def check_cause(self, kind, payment, partition, body, cause):
        other, seq, named = cause
        index = index_of(self.histories[other], seq)
        if index == len(self.histories[other]):
            self.faults.append("names a commit that is not there")
            return
        if index >= self.position[other]:
            self.waiting += 1
            return
        actual_seq, actual, found = self.histories[other][index]
        if found["kind"] == "HistoryResumed" and found["lost"][0] < seq < found["lost"][1]:
            return
        is_of_payment = found.get("payment") in (payment, None)
        if (actual_seq, actual) != (seq, named) or found["kind"] not in CAUSES[kind] or not is_of_payment:
            self.faults.append("cause of %s does not fit" % kind)
        elif found["kind"] == "PaymentInitiated" and "legs" in body:
            if legs_of(found["legs"], partition) != body["legs"]:
                self.faults.append("legs differ")
            elif kind == "LegsPosted" and not found["direct"]:
                self.faults.append("posted before the decision")

    def check_transit(self):
        """What is posted on one side only is what is under way between the two, payment by payment."""
        under_way, balance = collections.Counter(), collections.Counter()
        for (kind, payment, partition), body in self.found.items():
            if kind == "LegsPosted":
                self.add_step_under_way(payment, partition, body, under_way)
            if kind == "PaymentCompleted":
                self.add_completed_under_way(payment, partition, under_way)
        for (partition, other, currency), amount in self.transit.items():
            balance[frozenset((partition, other)), currency] += amount
        if any(balance[pair] != under_way[pair] for pair in balance | under_way):
            self.faults.append("transit not explained")
        return sum(map(abs, under_way.values()))

    def add_step_under_way(self, payment, partition, body, under_way):
        coordinator = payment[0]
        if ("PaymentCompleted", payment, coordinator) in self.found:
            return
        if ("LegsWrittenOff", payment, partition) in self.found:
            return
        if ("PaymentFailed", payment, coordinator) in self.found:
            self.faults.append("posted, yet failed")
        for currency, amount in net_of(body["legs"]).items():
            under_way[frozenset((partition, coordinator)), currency] -= amount

    def add_completed_under_way(self, payment, partition, under_way):
        for other, currency, amount in nets_away(self.initiated[payment]["legs"], partition):
            if any((kind, payment, other) in self.found for kind in ("LegsReleased", "LegsRefused")):
                self.faults.append("completed, yet refused")
            if ("LegsPosted", payment, other) not in self.found:
                under_way[frozenset((partition, other)), currency] += amount
