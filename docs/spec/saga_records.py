"""The words of the saga model: legs, messages, records, and what a partition keeps of a payment."""
import collections
from collections import namedtuple

MOST_OPEN = 3           # open payments toward one participant
CEILING = 14            # the largest balance: small, so that it is met
HOME = 0                # the partition that decides what holds for all of them
UNLIMITED = 10**9       # the limit of a house account
OPENED_LATER = 7        # the number of an account that is not there at first
SUSPENSE = {"EUR": 10, "USD": 11}   # by currency: the number of a partition's account for what is written off

#: An account's id is (partition, number), and a leg is (account, signed amount, currency).
Account = namedtuple("Account", "currency balance held due status limit")
#: `at` is (seq, hash) of the commit that says so; `as_of` the sender's seq as it was made.
Message = namedtuple("Message", "kind payment sender receiver legs code low at has_mac as_of data", defaults=(None,))
Record = namedtuple("Record", "kind epoch owner seq previous_hash hash body")
#: What a participant keeps of a payment; `at` is (seq, hash) of the commit that says so.
Step = namedtuple("Step", "state legs at code")
#: What a coordinator keeps of a payment until it has ended; `asks` are the participants whose answers it needs. It is
#: `repaired` where an accepted history may have taken what a participant did, and `reopened` where it had ended.
Saga = namedtuple("Saga", "state legs at code key asks repaired reopened")
#: What it keeps of a key for as long as keys live; `outcome` is pending, ok or no.
Answer = namedtuple("Answer", "request outcome payment code")

HOLDING = ("preparing", "asked", "cancelling")      # where a coordinator's own legs are promised
REQUESTS = ("prepare", "settle", "commit", "cancel")
#: By the coordinator's state: what it asks for, and the answer that it waits for.
REQUEST_IN = {"asked": "settle", "cancelling": "cancel", "preparing": "prepare", "completed": "commit",
              "failed": "cancel"}
ANSWER_IN = {"preparing": "prepared", "completed": "posted", "failed": "refused"}


def is_beyond_limits(account):
    _, balance, held, due, _, limit = account
    return balance - held < -limit or balance + due > CEILING and limit < UNLIMITED


def coordinator_of(legs):
    """A function of the request: the partition of the debited account whose id sorts first."""
    return min(account for account, amount, _ in legs if amount < 0)[0]


def legs_of(legs, partition):
    return tuple(leg for leg in legs if leg[0][0] == partition)


def partitions_of(legs):
    return sorted({account[0] for account, _, _ in legs})


def others_of(legs, me):
    return [partition for partition in partitions_of(legs) if partition != me]


def net_of(legs):
    """By currency, without those that come to zero."""
    sums = collections.Counter()
    for _, amount, currency in legs:
        sums[currency] += amount
    return {currency: amount for currency, amount in sums.items() if amount}


def nets_away(legs, me):
    """(participant, currency, amount): what stands on transit accounts once a payment is completed."""
    return [(other, currency, amount) for other in others_of(legs, me)
            for currency, amount in net_of(legs_of(legs, other)).items()]
