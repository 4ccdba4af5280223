"""One random schedule: owners, appends, inboxes, callers and faults, and then the healing of all of it.

The same seed gives the same schedule. What goes wrong is counted by name in `violations` (saga_checks.py).
"""
import bisect
import collections
import random

from saga_checks import Checks
from saga_losses import Losses
from saga_mutations import mutated
from saga_owners import Owners
from saga_records import (HOME, OPENED_LATER, REQUESTS, SUSPENSE, UNLIMITED, Account, Message, coordinator_of,
                          partitions_of)
from saga_state import State


def run(seed, statistics):
    """-> how often each rule was broken in that schedule."""
    world = World(random.Random(seed), statistics)
    world.live()
    world.heal()
    world.checks.at_the_end(world.owners)
    return world.checks.violations


def random_accounts(dice, partition):
    """Two or three small ones, and a house account for each currency so that the partition sums to zero."""
    accounts = {}
    for number in range(dice.randint(2, 3)):
        currency = "EUR" if dice.random() < .8 else "USD"
        accounts[partition, number] = Account(currency, dice.randint(0, 9), 0, 0, "open", dice.choice([0, 0, 3]))
    for number, currency in enumerate(("EUR", "USD"), start=8):
        others = sum(a.balance for a in accounts.values() if a.currency == currency and a.limit < UNLIMITED)
        accounts[partition, number] = Account(currency, -others, 0, 0, "open", UNLIMITED)
        accounts[partition, SUSPENSE[currency]] = Account(currency, 0, 0, 0, "open", UNLIMITED)
    return accounts


class World(Owners, Losses):
    def __init__(self, dice, statistics):
        self.dice, self.statistics = dice, statistics
        count = dice.randint(2, 4)
        self.partitions = range(count)
        accounts = [random_accounts(dice, partition) for partition in self.partitions]
        self.logs, self.inboxes = [[] for _ in accounts], [[] for _ in accounts]
        states = [State(partition, accounts[partition], count) for partition in self.partitions]
        self.checks = Checks(states, statistics)
        self.snapshots = [[truth.copy()] for truth in self.checks.truth]
        self.wire = []                           # (partition, records): appends under way
        self.mail = []                           # messages under way
        self.owners, self.down_until, self.newest_id = [], [0] * count, 0
        self.loss, self.repetition = dice.choice([0, .1, .4]), dice.choice([0, .1, .4])
        self.zombies, self.failures = dice.choice([.2, .6]), dice.choice([.1, .4, 1])
        self.everyone = [(account, now.currency) for own in accounts for account, now in own.items()
                         if account[1] not in SUSPENSE.values()]
        self.losses_left, self.ghosts = dice.choice([0, 0, 1, 2, 3, 6]), []
        self.checks.requests = {key: self.random_request() for key in range(dice.randint(4, 25))}
        for partition in self.partitions:
            self.restart(partition)

    # ------------------------------------------------------------------ the time of faults
    def live(self):
        dice = self.dice
        for now in range(dice.choice([dice.randint(150, 900), dice.randint(500, 2500)])):
            chance, partition = dice.random(), dice.randrange(len(self.partitions))
            owner = dice.choice(self.owners) if dice.random() < .3 else self.newest_owner(partition)
            event = EVENTS[bisect.bisect_right(EVENT_BOUNDS, chance)][1]
            if self.down_until[owner.partition] > now and event in NEEDS_A_PROCESS:
                continue
            event(self, owner, now)
        self.statistics["commits before healing"] += sum(map(len, self.checks.histories))

    def newest_owner(self, partition):
        return [owner for owner in self.owners if owner.partition == partition][-1]

    def caller_asks(self, _, __):
        self.ask(self.dice.choice(list(self.checks.requests)))

    def owner_reads(self, owner, _):
        self.read(owner)

    def owner_works(self, owner, _):
        if self.dice.random() < .7:
            self.read(owner)
        if owner.mode == "serving":
            self.work(owner)

    def append_lands(self, _, __):
        """Whole, torn, twice or never."""
        if not self.wire:
            return
        index = self.dice.randrange(len(self.wire)) if self.dice.random() < .3 else 0
        is_lost = self.dice.random() < self.loss / 4
        partition, records = self.wire[index]
        if self.dice.random() < self.loss / 4:
            records = records[:self.dice.randint(1, len(records))]
        if not is_lost:
            self.land(partition, records)
        if is_lost or self.dice.random() >= self.repetition / 2:
            self.wire.pop(index)

    def message_arrives(self, _, __):
        if not self.mail:
            return
        index = self.dice.randrange(len(self.mail)) if self.dice.random() < .5 else 0
        message, is_lost = self.mail[index], self.dice.random() < self.loss
        is_repeated = not is_lost and self.dice.random() < self.repetition
        if not is_lost:
            self.inboxes[message.receiver].append(message)
        if not is_repeated:
            self.mail.pop(index)
        self.statistics.update({"lost": is_lost, "messages": not is_lost, "repeated": is_repeated})

    def owner_asks_again(self, owner, _):
        if owner.mode == "serving":
            self.ask_again(owner)

    def payer_cancels(self, owner, _):
        if owner.mode == "serving" and owner.state.sagas:
            payment = self.dice.choice(sorted(owner.state.sagas))
            owner.commands.append(("cancelPayment", payment, self.dice.choice(["cancelled", "expired"])))

    def owner_claims(self, owner, _):
        if owner.mode == "idle" or owner.mode != "serving" and self.dice.random() < .2:
            self.claim(owner)
            self.statistics["claims"] += 1

    def owner_crashes(self, owner, _):
        if self.dice.random() < self.failures:
            self.statistics["crashes"] += 1
            self.restart(owner.partition, owner)

    def state_is_kept(self, owner, _):
        self.snapshots[owner.partition].append(self.checks.truth[owner.partition].copy())

    def partition_goes_down(self, owner, now):
        if self.dice.random() < self.failures:
            self.down_until[owner.partition] = now + self.dice.choice([20, 100, 1000])
            self.statistics["outages"] += 1

    def account_changes(self, owner, _):
        if owner.mode == "serving" and self.dice.random() < .1:
            owner.commands.append(("openAccount", (owner.partition, OPENED_LATER)))
        elif owner.mode == "serving":
            account = (owner.partition, self.dice.choice([0, 1, 2, OPENED_LATER]))
            owner.commands.append(("status", account, self.dice.choice(["frozen", "open", "open", "closed"])))

    def fact_is_decided(self, _, __):
        owner = self.newest_owner(HOME)
        if owner.mode == "serving":
            owner.commands.append(("decideFact",))

    def somebody_forges(self, _, __):
        sender, receiver = self.dice.sample(self.partitions, 2)
        self.statistics["forged"] += 1
        seq, amount = self.dice.randint(1, 9), self.dice.randint(1, 5)
        kind = self.dice.choice(["settle", "prepare", "commit", "cancel", "prepared", "posted", "refused"])
        legs = (((receiver, self.dice.randrange(2)), amount, "EUR"),) if kind in ("settle", "prepare") else ()
        payment = (sender if kind in REQUESTS else receiver, seq)
        forged = Message(kind, payment, sender, receiver, legs, "forged", 99, (seq, -1), mutated("insider"), 10**9)
        self.inboxes[receiver].append(forged)

    def reader_verifies(self, _, __):
        self.checks.verify_at([self.dice.randint(0, len(history)) for history in self.checks.histories])

    def old_message_comes_again(self, owner, _):
        """Or whoever has read a history that is gone says what stands in it."""
        inbox = self.inboxes[owner.partition]
        if self.ghosts and self.dice.random() < .5:
            ghost = self.dice.choice(self.ghosts)
            self.ask_again(ghost)
            for payment in sorted(ghost.state.steps):
                self.mail.extend(ghost.state.reply(payment))
        elif inbox:
            inbox.append(self.dice.choice(inbox))
            self.statistics["old again"] += 1

    # ------------------------------------------------------------------ callers
    def random_request(self):
        """1 to 2 payers, 1 to 3 payees, anywhere; now and then an account that is not there or of another currency."""
        dice = self.dice
        while True:
            currency = "EUR" if dice.random() < .9 else "USD"
            pool = [account for account, own in self.everyone if own == currency or dice.random() < .05]
            if dice.random() < .05:
                pool.append((dice.randrange(len(self.partitions)), OPENED_LATER))
            legs, payers, payees = collections.Counter(), dice.randint(1, 2), dice.randint(1, 3)
            for _ in range(payers):
                legs[dice.choice(pool)] -= 6 // payers // dice.choice([1, 1, 2])
            left = -sum(legs.values())
            for payee in range(payees):
                amount = left if payee == payees - 1 else dice.randint(0, left)
                legs[dice.choice(pool)] += amount
                left -= amount
            legs = tuple((account, amount, currency) for account, amount in legs.items() if amount)
            if len(legs) > 1:
                more = self.random_request() if dice.random() < .15 else ()
                return legs if {leg[0] for leg in legs} & {leg[0] for leg in more} else legs + more

    def ask(self, key, may_differ=True):
        """The legs come in any order; now and then it is the same key with another request."""
        legs = list(self.checks.requests[key])
        self.dice.shuffle(legs)
        if may_differ and self.dice.random() < .05:
            legs = [(account, 2 * amount, currency) for account, amount, currency in legs]
        partition = coordinator_of(legs)
        if mutated("receiver_decides"):
            partition = self.dice.choice(partitions_of(legs))
        if mutated("first_leg_decides"):
            partition = next(account[0] for account, amount, _ in legs if amount < 0)
        owner = self.dice.choice([owner for owner in self.owners if owner.partition == partition])
        if owner.mode in ("serving", "waiting") and len(owner.commands) < 5:
            owner.commands.append(("pay", key, tuple(legs)))

    # ------------------------------------------------------------------ healing
    def heal(self):
        """One owner a partition, the last or a new one; nothing is lost any more; what was delayed still arrives;
        callers ask until they know."""
        keep = self.dice.random() < .5
        self.owners = [self.newest_owner(partition) for partition in self.partitions] if keep else []
        for partition in self.partitions if not keep else ():
            self.restart(partition)
        self.checks.reused.clear()
        for turn in range(300):
            self.deliver_all()
            for owner in self.owners:
                self.serve(owner)
            for key in self.checks.untold_keys() if turn > 2 else ():
                self.ask(key, may_differ=False)
            if turn > 4 and self.is_quiet():
                break

    def deliver_all(self):
        self.dice.shuffle(self.wire)
        while self.wire:
            self.land(*self.wire.pop())
        self.dice.shuffle(self.mail)
        while self.mail:
            message = self.mail.pop()
            self.inboxes[message.receiver].append(message)

    def serve(self, owner):
        self.read(owner)
        if owner.mode != "serving":
            self.claim(owner)
        before = None
        while owner.mode == "serving" and before != (len(owner.commands), owner.inbox_position):
            before = len(owner.commands), owner.inbox_position
            self.work(owner)
        if owner.mode == "serving":
            self.ask_again(owner)

    def is_quiet(self):
        def is_idle(owner):
            return owner.mode == "serving" and not (owner.commands or owner.state.sagas or owner.state.unanswered)
        def is_news(message):
            return message.kind != "fact" or message.at[0] > self.checks.truth[message.receiver].fact_known
        is_all_said = not self.wire and not any(map(is_news, self.mail))
        return all(map(is_idle, self.owners)) and is_all_said and not self.checks.untold_keys()


#: What happens in a step, and how often: each up to its bound, of the chances from 0 to 1.
EVENTS = ((.08, World.caller_asks), (.30, World.owner_reads), (.48, World.owner_works), (.64, World.append_lands),
          (.82, World.message_arrives), (.86, World.owner_asks_again), (.875, World.payer_cancels),
          (.895, World.owner_claims), (.91, World.owner_crashes), (.93, World.state_is_kept),
          (.935, World.partition_goes_down), (.955, World.account_changes), (.958, World.fact_is_decided),
          (.975, World.somebody_forges), (.977, World.reader_verifies), (.98, World.history_is_lost),
          (1, World.old_message_comes_again))
EVENT_BOUNDS = [bound for bound, _ in EVENTS]
NEEDS_A_PROCESS = {event for bound, event in EVENTS if .08 < bound <= .48 or bound > .82}
