"""What must hold in every schedule: after each commit, at each reading, and once all is healed."""
import collections

from saga_records import HOLDING, MOST_OPEN, coordinator_of, is_beyond_limits, legs_of, others_of
from saga_verify import index_of, verify

POSTED, REFUSED = ("PaymentCompleted", "LegsPosted"), ("PaymentFailed", "LegsRefused", "LegsReleased")


class Checks:
    """`truth` is the fold of each log to its end, which no process of the schedule sees."""
    def __init__(self, truth, statistics):
        self.truth, self.statistics, self.violations = truth, statistics, collections.Counter()
        self.histories = [[] for _ in truth]            # (seq, hash, body) of each commit and resume that counts
        self.has_lost = False                           # some history
        self.requests = {}                              # key -> legs
        self.told = collections.defaultdict(set)        # key -> the final answers that its caller was given
        self.reused = set()                             # keys that were refused since another request had them
        self.outcomes = collections.defaultdict(dict)   # payment -> { partition: posted or refused }
        self.decided = collections.Counter()            # key -> commits that decided it

    def broken(self, rule):
        self.violations[rule] += 1

    def fold(self, partition, record):
        """A record has landed."""
        truth = self.truth[partition]
        truth.broken = None
        self.statistics["records"] += 1
        if not truth.fold(record):
            self.statistics["void"] += record.kind == "commit"
            return
        body = record.body
        self.histories[partition].append((record.seq, record.hash, body))
        self.statistics.update(["commits", body["kind"]])
        self.statistics.update(body["kind"] + " " + word for word in ("forced", "learned") if body.get(word))
        if truth.broken:
            self.broken(truth.broken)
        if "key" in body:
            self.decided[body["key"]] += 1
            if self.decided[body["key"]] > 1:
                self.broken("a key decided twice")
        self.check_outcome(partition, body)
        self.check_money(truth)
        self.check_promises(partition, truth)

    def check_outcome(self, partition, body):
        kind = body["kind"]
        if kind not in POSTED + REFUSED:
            return
        if self.is_gone(body["payment"]):
            return
        outcome, by_partition = "posted" if kind in POSTED else "refused", self.outcomes[body["payment"]]
        if outcome == "posted" and by_partition.get(partition) == "posted":
            self.broken("posted twice")
        by_partition[partition] = outcome
        if len(set(by_partition.values())) > 1:
            self.broken("a payment in part")

    def is_gone(self, payment):
        coordinator, seq = payment[:2]
        return self.truth[coordinator].is_lost(coordinator, seq)

    def restore(self, partition, truth, log):
        """The log has lost its end: what it holds is what there is, and what was told of the rest no longer binds."""
        self.truth[partition], self.has_lost = truth, True
        self.histories[partition] = [(record.seq, record.hash, record.body) for record in log if truth.fold(record)]
        self.outcomes.clear()
        self.decided.clear()
        for other, history in enumerate(self.histories):
            for _, _, body in history:
                if "key" in body:
                    self.decided[body["key"]] += 1
                if body["kind"] in POSTED + REFUSED:
                    self.outcomes[body["payment"]][other] = "posted" if body["kind"] in POSTED else "refused"
        for key, answers in self.told.items():
            if coordinator_of(self.requests[key]) == partition:
                answers &= {truth.answer(key)} if key in truth.keys else set()

    def check_money(self, truth):
        sums = collections.Counter()
        for number, account in truth.accounts.items():
            currency, balance, held, due, status, _ = account
            sums[currency] += balance
            is_excused = number in truth.beyond_limits
            if is_beyond_limits(account) and not is_excused or held < 0 or due < 0:
                self.broken("limit")
            if status == "closed" and (balance or held or due):
                self.broken("money on a closed account")
        for (_, currency), amount in truth.transit.items():
            sums[currency] += amount
        if any(sums.values()):
            self.broken("a partition does not sum to zero")

    def check_promises(self, partition, truth):
        sagas = truth.sagas.values()
        promised = [legs_of(saga.legs, partition) for saga in sagas if saga.state in HOLDING]
        promised += [step.legs for step in truth.steps.values() if step.state == "prepared"]
        held = sum(account.held + account.due for account in truth.accounts.values())
        if held != sum(abs(amount) for legs in promised for _, amount, _ in legs):
            self.broken("holds not explained")
        toward = collections.Counter(other for saga in sagas if not saga.reopened for other in saga.asks)
        if toward and max(toward.values()) > MOST_OPEN:
            self.broken("more open than the bound")

    # ------------------------------------------------------------------ callers
    def tell(self, partition, state, key, request=None):
        """A worker answers from its state: success only for what counts."""
        if key not in state.keys:
            return
        if request and state.keys[key].request != request:
            self.reused.add(key)
            return
        answer = state.answer(key)
        if answer[0] != "pending":
            self.told[key].add(answer)
            truth = self.truth[partition]
            if key not in truth.keys or truth.answer(key) != answer:
                self.broken("told what does not count")

    def untold_keys(self):
        return [key for key in self.requests if not self.told[key] and key not in self.reused]

    def parked(self, owner, message):
        """A worker that has read its whole log parks nothing that was honestly sent."""
        if message.code != "forged" and owner.state.hash == self.truth[owner.partition].hash:
            self.broken("a true message is parked")

    # ------------------------------------------------------------------ readers
    def verify_at(self, position):
        faults, waiting, under_way = verify(self.histories, position)
        self.statistics.update({"verified": 1, "under way seen": under_way > 0, "waiting seen": waiting > 0})
        for fault in faults:
            self.broken("verify: " + fault)
        if waiting and not self.violations:
            closed = self.read_on(position)
            if any(verify(self.histories, closed)[:2]):
                self.broken("verify: a closed vector is not clean")
        return waiting, under_way

    def read_on(self, position):
        """To all that is named by what was read, until nothing more is."""
        position = list(position)
        while True:
            named = [(other, seq) for partition, history in enumerate(self.histories)
                     for _, _, body in history[:position[partition]] for other, seq, _ in body.get("cause", ())
                     if index_of(self.histories[other], seq) >= position[other]]
            if not named:
                return position
            for other, seq in named:
                position[other] = max(position[other], index_of(self.histories[other], seq) + 1)

    # ------------------------------------------------------------------ the end
    def at_the_end(self, _):
        steps = [step for truth in self.truth for step in truth.steps.values()]
        accounts = [account for truth in self.truth for account in truth.accounts.values()]
        waiting, under_way = self.verify_at([len(history) for history in self.histories])
        for rule, is_broken in {
            "a saga never ends": any(truth.sagas for truth in self.truth),
            "somebody never answers for what was lost": any(truth.unanswered for truth in self.truth),
            "what holds for all is not known to all": not self.is_fact_known(),
            "a payment in part": any(self.is_in_part(payment) for payment in self.outcomes),
            "told what the ledger does not hold": any(self.is_told_otherwise(key) for key in self.requests),
            "a promise outlives its saga": any(step.state == "prepared" for step in steps),
            "a hold outlives its saga": any(account.held or account.due for account in accounts),
            "transit not settled": not self.is_transit_settled(),
            "two answers to a key": any(len(answers) > 1 for answers in self.told.values()),
            "a caller never knows": self.untold_keys(),
        }.items():
            if is_broken:
                self.broken(rule)
        if (waiting or under_way) and not self.violations:
            self.broken("verify: not settled at the end")
        self.statistics.update({"schedules": 1, "steps left": len(steps)})

    def is_fact_known(self):
        home, *others = self.truth
        return all(truth.fact_known == (home.fact[0] if home.fact else 0) for truth in others)

    def is_in_part(self, payment):
        """Every participant has posted what is completed, but where it is gone with its beginning."""
        coordinator = payment[0]
        if self.is_gone(payment):
            return False
        legs = next((body["legs"] for _, _, body in self.histories[coordinator]
                     if body["kind"] == "PaymentInitiated" and body["payment"] == payment), None)
        if legs is None:
            return True
        outcomes = self.outcomes[payment]
        is_completed = outcomes.get(coordinator) == "posted"
        return any((outcomes.get(other) == "posted") != is_completed for other in others_of(legs, coordinator))

    def is_told_otherwise(self, key):
        truth = self.truth[coordinator_of(self.requests[key])]
        return any(key not in truth.keys or truth.answer(key) != answer for answer in self.told[key])

    def is_transit_settled(self):
        return not any(truth.transit[other.me, currency] + other.transit[truth.me, currency]
                       for truth in self.truth for other in self.truth for currency in ("EUR", "USD"))
