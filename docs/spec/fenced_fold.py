"""The fold of the fenced log, and what a reader of the rules might leave out or do otherwise."""
from collections import namedtuple

MUTATIONS = {
    "no_epoch": "commits of a deposed owner are not void by their epoch",
    "no_epoch+no_hash": "seq alone fences",
    "no_seq+no_hash": "the epoch alone fences",
    "acknowledge_unread": "any success of an append is taken for an acceptance",
    "acknowledge_between": "a batch is taken to count unless a higher claim lies before it",
    "same_claim_after_restart+acknowledge_between": "a restarted worker takes its old claim for its own",
    "unknown_is_failed": "an append of unknown outcome is taken for failed",
    "serve_unread": "a worker serves before it has read up to its claim",
    "claims_in_hash": "claims are chained as commits are",
    "log_loses_acknowledged": "the log loses what it has acknowledged (this one is of the log, and is found out)",
}
HARMLESS = {
    "stop_at_broken_chain": "rule 4 stops the reader, where it else only raises an alarm",
    "no_seq": "the chain of hashes fences as seq does",
    "no_hash": "seq fences as the chain does: previousHash is evidence",
    "unknown_is_sent_again": "an append of unknown outcome is sent again, with the same bytes",
    "whole_batches": "appends are never torn",
}
START_BALANCE = 6
NOTHING_YET = 0

Claim = namedtuple("Claim", "epoch owner nonce")
Commit = namedtuple("Commit", "epoch seq previous_hash key amount nonce")

_in_force = frozenset()
_hashes = {}


def put_in_force(names):
    """`a+b` are two at once; `final` is the protocol as it stands."""
    global _in_force
    _in_force = frozenset() if names == "final" else frozenset(names.split("+"))


def mutated(name):
    return name in _in_force


def forget_hashes():
    _hashes.clear()


def hash_of(previous, record):
    """A number for each chain of records: equal exactly where the chains are."""
    return _hashes.setdefault((previous, record), len(_hashes) + 1)


class Stop(Exception):
    """A reader meets what no honest writer writes."""


class Fold:
    """What every reader makes of a prefix of the log, and a small ledger: one balance, one answer a key."""
    __slots__ = ("epoch", "owner", "nonce", "seq", "hash", "position", "balance", "keys", "voids")

    def __init__(self):
        self.epoch, self.owner, self.nonce, self.seq, self.hash = 0, None, None, 0, NOTHING_YET
        self.position, self.balance, self.keys, self.voids = 0, START_BALANCE, {}, 0

    def copy(self):
        twin = Fold.__new__(Fold)
        for name in Fold.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.keys = dict(self.keys)
        return twin

    def read(self, record):
        """True when the record is a commit that counts."""
        self.position += 1
        counts = self.takes_over(record) if isinstance(record, Claim) else self.follows(record)
        if not counts:
            self.voids += 1
        if counts and isinstance(record, Commit):
            self.apply(record)
            return True
        return False

    def takes_over(self, claim):
        if claim.epoch <= self.epoch:
            return False
        self.epoch, self.owner, self.nonce = claim
        if mutated("claims_in_hash"):
            self.hash = hash_of(self.hash, claim)
        return True

    def follows(self, commit):
        if not mutated("no_epoch"):
            if commit.epoch > self.epoch:
                raise Stop("an epoch that nobody claimed")
            if commit.epoch < self.epoch:
                return False
        if not mutated("no_seq"):
            if commit.seq <= self.seq:
                return False
            if commit.seq > self.seq + 1:
                return self.broken_chain()
        if not mutated("no_hash") and commit.previous_hash != self.hash:
            return self.broken_chain()
        return True

    def broken_chain(self):
        if mutated("stop_at_broken_chain"):
            raise Stop("broken chain")
        return False

    def apply(self, commit):
        has_no_number = mutated("no_seq") and mutated("no_hash")
        self.seq = self.seq + 1 if has_no_number else commit.seq
        self.hash = hash_of(commit.previous_hash if mutated("no_hash") else self.hash, commit)
        self.keys[commit.key] = (commit.amount, self.seq)
        self.balance -= commit.amount
