"""The fold of one partition's log: all that its owner decides from, and answers from."""
import collections

from saga_history import apply_history
from saga_mutations import mutated
from saga_records import (ANSWER_IN, CEILING, HOLDING, REQUEST_IN, SUSPENSE, Account, Answer, Message, Saga, Step,
                          is_beyond_limits, legs_of, net_of, nets_away, others_of)


class State:
    def __init__(self, me, accounts, partitions):
        self.me, self.epoch, self.owner, self.seq, self.hash, self.position = me, 0, None, 0, 0, 0
        self.partitions = partitions
        self.broken = None                       # a rule that the last commit broke
        self.accounts = dict(accounts)
        self.transit = collections.Counter()     # (other partition, currency) -> balance
        self.keys = {}                           # key -> Answer
        self.sagas = {}                          # payment -> Saga, of those that I coordinate and that have not ended
        self.steps = {}                          # payment -> Step, of those that I take part in
        self.low = {}                            # coordinator -> it has no open payment with me below this seq
        self.log = None                          # (the log before, seq, hash, body): all that counts, newest first
        self.lost = {}                           # partition, me too -> ((k, n), ...): nothing between them is there
        self.resumed_at = None                   # (seq, hash) of my newest resume
        self.accepted_at = {}                    # partition -> (seq, hash) of my newest HistoryAccepted of it
        self.since = {}                          # partition -> what it sent before this seq of its own is dropped
        self.unanswered = set()                  # partitions that have yet to say what they know of what I lost
        self.fact = None                         # at home: (seq, hash) of the newest one of the whole ledger
        self.fact_known = 0                      # elsewhere: the seq at home of the newest one that was taken over
        self.beyond_limits = set()               # accounts where a forced posting left too little or too much

    def copy(self):
        twin = State.__new__(State)
        twin.__dict__.update(self.__dict__)
        for name in ("accounts", "transit", "keys", "sagas", "steps", "low", "lost",
                     "accepted_at", "since", "unanswered", "beyond_limits"):
            setattr(twin, name, getattr(self, name).copy())
        return twin

    def fold(self, record):
        """True when the record is a commit that counts (docs/log-protocol.md, rules 1 to 4)."""
        self.position += 1
        if record.kind in ("claim", "resume"):
            takes_over = record.epoch > self.epoch
            if takes_over:
                self.epoch, self.owner = record.epoch, record.owner
            return takes_over and record.kind == "resume" and self.resume(record)
        if mutated("no_fence"):
            if record.hash == self.hash:
                return False
        elif (record.epoch, record.seq, record.previous_hash) != (self.epoch, self.seq + 1, self.hash):
            return False
        self.count(record)
        return True

    def count(self, record):
        """What a record that counts says, from this position on."""
        self.seq, self.hash = record.seq, record.hash
        self.log = (self.log, record.seq, record.hash, record.body)
        self.apply(record.body)

    def resume(self, record):
        """A person has accepted that what stood behind `previous` is gone; no position of it is given again."""
        previous_seq, previous_hash = record.body["previous"]
        if (previous_seq, previous_hash) != (self.seq, self.hash):
            return False
        self.count(record)
        return True

    def apply(self, body):
        kind = body["kind"]
        if "key" in body:
            outcome = {"rejected": "no", "PaymentPosted": "ok", "PaymentInitiated": "pending"}[kind]
            self.keys[body["key"]] = Answer(body["request"], outcome, body.get("payment"), body.get("code"))
        if kind == "AccountChanged":
            self.accounts[body["account"]] = self.accounts[body["account"]]._replace(status=body["status"])
        elif kind == "AccountOpened":
            self.accounts[body["account"]] = Account(body["currency"], 0, 0, 0, "open", 0)
        elif kind == "PaymentPosted":
            self.book(body["legs"], hold=0, post=1)
        elif kind.startswith("History"):
            apply_history(self, kind, body)
        elif kind == "FactDecided":
            self.fact = (self.seq, self.hash)
        elif kind == "FactTaken":
            self.fact_known = body["cause"][0][1]
        elif kind.startswith("Legs"):
            self.apply_step(kind, body)
        elif kind != "rejected":
            self.apply_saga(kind, body)
        if "low" in body:
            self.learn_low(body["payment"][0], body["low"])

    def apply_saga(self, kind, body):
        payment, at = body["payment"], (self.seq, self.hash)
        saga = self.sagas.get(payment)
        if kind == "PaymentInitiated":
            state = "asked" if body["direct"] else "preparing"
            self.sagas[payment] = Saga(state, body["legs"], at, None, body["key"],
                                        tuple(others_of(body["legs"], self.me)), False, False)
            self.book(legs_of(body["legs"], self.me), hold=1, post=0)
        elif kind == "CancelRequested":
            self.sagas[payment] = saga._replace(state="cancelling", at=at)
        elif kind == "PaymentReopened":
            self.sagas[payment] = Saga(body["state"], body["legs"], at, body["code"], body["of_key"], body["asks"],
                                       True, True)
        elif kind == "PaymentEnded":
            del self.sagas[payment]
        elif saga.state not in HOLDING:
            self.broken = "decided twice"
        else:
            self.apply_decision(kind == "PaymentCompleted", saga, body, at)

    def apply_decision(self, is_completed, saga, body, at):
        """The answer moves to its key, which outlives the saga."""
        payment, code = body["payment"], body.get("code")
        self.book(legs_of(saga.legs, self.me), hold=-1, post=int(is_completed))
        for other, currency, amount in nets_away(saga.legs, self.me) if is_completed else ():
            self.transit[other, currency] += amount
        if saga.key in self.keys and not mutated("answer_stays_in_saga"):
            answer = self.keys[saga.key]
            self.keys[saga.key] = answer._replace(outcome="ok" if is_completed else "no", code=code)
        if saga.state in ("asked", "cancelling") or body.get("ended", False) or mutated("end_early"):
            del self.sagas[payment]
        else:
            state = "completed" if is_completed else "failed"
            self.sagas[payment] = saga._replace(state=state, at=at, code=code)

    def apply_step(self, kind, body):
        payment, at = body["payment"], (self.seq, self.hash)
        step = self.steps.get(payment)
        was_prepared = step is not None and step.state == "prepared"
        if kind == "LegsPrepared":
            if step:
                self.broken = "prepared twice"
            self.book(body["legs"], hold=1, post=0)
            self.steps[payment] = Step("prepared", body["legs"], at, None)
        elif kind == "LegsPosted":
            if step and not was_prepared:
                self.broken = "posted after " + step.state
            self.book(body["legs"], hold=-1 if was_prepared else 0, post=1)
            for currency, amount in net_of(body["legs"]).items():
                self.transit[payment[0], currency] -= amount
            self.steps[payment] = Step("posted", body["legs"], at, None)
            if body.get("forced"):
                accounts = {leg[0] for leg in body["legs"]}
                self.beyond_limits |= {one for one in accounts if is_beyond_limits(self.accounts[one])}
        elif kind == "LegsWrittenOff":
            for currency, amount in net_of(body["legs"]).items():
                self.transit[payment[0], currency] += amount
                self.book((((self.me, SUSPENSE[currency]), -amount, currency),), hold=0, post=1)
        elif kind == "LegsRecalled":
            self.steps[payment] = body["step"]
        else:
            if kind == "LegsReleased":
                self.book(step.legs, hold=-1, post=0)
            self.steps[payment] = Step("refused", (), at, body["code"])

    def learn_low(self, coordinator, low):
        """What lies below has ended: late messages about it need no step to be known as old."""
        if low <= self.low.get(coordinator, 0):
            return
        self.low[coordinator] = low
        below = [payment for payment in self.steps if payment[0] == coordinator and payment[1] < low]
        for payment in below if not mutated("keep_forever") else ():
            if self.steps[payment].state == "prepared":
                self.broken = "forgot a promise"
            else:
                del self.steps[payment]

    def book(self, legs, hold, post):
        """A promise holds debits, and keeps room for credits."""
        for account, amount, _ in legs:
            currency, balance, held, due, status, limit = self.accounts[account]
            held, due = held - hold * min(amount, 0), due + hold * max(amount, 0)
            self.accounts[account] = Account(currency, balance + post * amount, held, due, status, limit)
            if account in self.beyond_limits and not is_beyond_limits(self.accounts[account]):
                self.beyond_limits.discard(account)

    def refusal_of(self, legs):
        """The first reason why these legs cannot be promised here, for good."""
        for account, amount, currency in legs:
            if account not in self.accounts:
                return "account_not_found"
            own_currency, balance, held, due, status, limit = self.accounts[account]
            if status != "open":
                return "account_" + status
            if own_currency != currency:
                return "currency_mismatch"
            if amount < 0 and balance - (0 if mutated("holds_uncounted") else held) + amount < -limit:
                return "insufficient_funds"
            if amount > 0 and balance + (0 if mutated("due_uncounted") else due) + amount > CEILING:
                return "balance_overflow"
        return None

    def answer(self, key):
        """What the caller of a key is told: pending turns into one final answer, once."""
        _, outcome, payment, code = self.keys[key]
        return (outcome, code if outcome == "no" else payment)

    def key_of(self, payment):
        return next((key for key, answer in self.keys.items() if answer.payment == payment), None)

    def requests(self, payment, votes):
        """What the coordinator has to ask for: a function of counted state, but for whom it has heard already."""
        saga = self.sagas.get(payment)
        if not saga or self.is_blocked(saga):
            return
        kind, heard = REQUEST_IN[saga.state], self.heard(payment, saga.state, votes)
        lacks_legs = "repaired_commit_without_legs" if kind == "commit" else ""
        for other in saga.asks:
            if saga.state != "cancelling" and other in heard:
                continue
            names_legs = kind in ("prepare", "settle") or kind == "commit" and saga.repaired
            legs = legs_of(saga.legs, other) if names_legs and not mutated(lacks_legs) else ()
            yield Message(kind, payment, self.me, other, legs, None, self.low_toward(other), saga.at, True, self.seq)

    def low_toward(self, other):
        if mutated("low_is_newest"):
            return self.seq
        mine = [payment[1] for payment, saga in self.sagas.items() if other in saga.asks]
        return min(mine, default=self.seq + 1)

    def reply(self, payment):
        step = self.steps.get(payment)
        if step:
            yield Message(step.state, payment, self.me, payment[0], (), step.code, 0, step.at, True, self.seq)

    def heard(self, payment, state, votes):
        """The answers that a decision in that state may rest on."""
        said = votes.get((payment, state), {})
        if mutated("lost_votes_count"):
            return said
        return {who: cause for who, cause in said.items() if not self.is_lost(cause[0], cause[1])}

    def is_lost(self, partition, seq):
        return any(first < seq < last for first, last in self.lost.get(partition, ()))

    def is_blocked(self, saga):
        """Somebody may know how it ended, and has not said so yet."""
        return not mutated("open_ones_do_not_wait") and not self.unanswered.isdisjoint(others_of(saga.legs, self.me))

    def waits_for(self, payment):
        return ANSWER_IN.get(self.sagas[payment].state)
