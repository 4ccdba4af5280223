"""The processes that decide for a partition: what they read, decide, append, send and say."""
from saga_decide import PARK, decide
from saga_history import ask_for_history, facts_told, history_answers, may_be_said
from saga_mutations import mutated
from saga_records import Message, Record
from saga_verify import says


class Owner:
    """A process that decides for a partition, or thinks so: idle, claiming, serving or waiting for its append."""
    def __init__(self, name, partition, state):
        self.name, self.partition, self.state, self.mode = name, partition, state, "idle"
        self.commands, self.in_flight, self.counted = [], [], set()
        self.claim, self.inbox_position = None, 0
        self.votes = {}                          # what it has heard and not decided yet (saga_decide.py)


class Owners:
    """What the owners of a schedule do; where they do it, and with which dice, the schedule says."""
    def fresh_id(self):
        self.newest_id += 1
        return self.newest_id

    def restart(self, partition, old=None):
        """A new process, from any state that was kept; the old one may live on."""
        state = self.dice.choice(self.snapshots[partition]).copy()
        if mutated("restart_forgets"):
            for payment, step in list(state.steps.items()):
                if step.state == "prepared":
                    state.book(step.legs, hold=-1, post=0)
                    del state.steps[payment]
        if mutated("keys_in_memory"):
            state.keys = {}
        owner = Owner(self.fresh_id(), partition, state)
        owner.inbox_position = self.first_inbox_position(len(self.inboxes[partition]))
        self.owners.append(owner)
        if old and (self.dice.random() > self.zombies or len(self.owners) > 3 * len(self.partitions)):
            self.owners.remove(old)
        self.claim(owner)

    def first_inbox_position(self, end):
        """At about the end, and kept nowhere: what was skipped is asked again."""
        if mutated("begin_anywhere_in_inbox"):
            return self.dice.randint(0, end)
        return 0 if mutated("begin_first_in_inbox") else max(0, end - self.dice.randint(0, 3))

    def claim(self, owner):
        owner.claim = Record("claim", owner.state.epoch + 1, (owner.name, self.fresh_id()), 0, 0, 0, None)
        owner.mode = "claiming"
        if not mutated("votes_survive"):
            owner.votes = {}
        self.wire.append((owner.partition, [owner.claim]))

    def read(self, owner):
        log, state = self.logs[owner.partition], owner.state
        while state.position < len(log):
            record = log[state.position]
            if state.fold(record):
                owner.counted.add(record.hash)
        is_mine = state.owner == owner.claim.owner
        if owner.mode == "claiming":
            is_settled = owner.claim in log
        elif owner.mode == "waiting":
            is_settled = all(record in log for record, _ in owner.in_flight)
        else:
            is_settled = owner.mode == "serving" and not is_mine
        if is_settled:
            owner.mode = "serving" if is_mine else "idle"
        if owner.mode in ("serving", "idle"):
            if owner.in_flight:
                self.settle(owner)
            owner.counted = set()

    def settle(self, owner):
        """What was decided is told, to callers and to partitions, now that it counts."""
        state = owner.state
        for record, told in owner.in_flight:
            payment, kind = record.body.get("payment"), record.body["kind"]
            if record.hash in owner.counted and kind == "HistoryAccepted":
                self.say(state, history_answers(state, told))
            if record.hash in owner.counted and kind == "FactDecided":
                self.say(state, facts_told(state))
            if record.hash in owner.counted and payment:
                self.react(owner, state, payment)
                self.checks.tell(owner.partition, state, state.key_of(payment))
                refused = kind in ("LegsRefused", "LegsReleased")
                if mutated("forget_early") and kind.startswith("Legs") and kind != "LegsPrepared" \
                        or mutated("forget_refused") and refused:
                    state.steps.pop(payment, None)
            if told[0] == "pay":
                self.checks.tell(owner.partition, state, told[1])
        owner.in_flight = []

    def say(self, state, messages):
        self.mail.extend(message for message in messages if may_be_said(state, message))

    def react(self, owner, state, payment):
        for request in state.requests(payment, owner.votes):
            if mutated("resend_new_id") and self.dice.random() < .3:
                request = request._replace(payment=payment + (self.fresh_id(),))
            self.say(state, [request])
        self.say(state, state.reply(payment))

    def ask_again(self, owner):
        for payment in sorted(owner.state.sagas) if not mutated("no_resend") else ():
            self.react(owner, owner.state, payment)
        for other in sorted(owner.state.unanswered) if not mutated("no_resend") else ():
            self.say(owner.state, [ask_for_history(owner.state, other)])
        self.say(owner.state, facts_told(owner.state) if not mutated("no_resend") else ())

    def work(self, owner):
        """One batch: commands and messages, each decided after the ones before it; nothing leaves before it counts."""
        draft = owner.state.copy()
        for _ in range(self.dice.choice([1, 1, 2, 3])):
            told = self.next_input(owner)
            if told is None:
                break
            if told == PARK:
                self.statistics["parked"] += 1
                continue
            bodies = decide(draft, told, owner.votes, self.dice)
            if bodies == PARK:
                self.statistics.update(["parked", "parked " + told.kind])
                self.checks.parked(owner, told)
            elif not bodies:
                self.nothing_to_commit(owner, draft, told)
            for body in bodies if bodies != PARK else ():
                record = Record("commit", draft.epoch, owner.name, draft.seq + 1, draft.hash, self.fresh_id(), body)
                draft.count(record)
                owner.in_flight.append((record, told))
                if mutated("uncounted") and "payment" in body:
                    self.react(owner, draft, body["payment"])
        if owner.in_flight:
            owner.mode = "waiting"
            self.wire.append((owner.partition, [record for record, _ in owner.in_flight]))

    def next_input(self, owner):
        """A command or a message; PARK for one that is not true; None when nothing can be handled."""
        inbox = self.inboxes[owner.partition]
        if owner.commands and self.dice.random() < .5:
            return owner.commands.pop(0)
        if owner.inbox_position == len(inbox):
            return None
        message = inbox[owner.inbox_position]
        owner.inbox_position += 1
        if mutated("check_log"):
            is_trusted = says(self.checks.histories, message)
        else:
            is_trusted = message.has_mac or mutated("no_mac")
        if not is_trusted and mutated("park_blocks"):
            owner.inbox_position -= 1
            return None
        return message if is_trusted else PARK

    def nothing_to_commit(self, owner, draft, told):
        """The answer stands already: it is given again."""
        if told[0] == "pay":
            self.checks.tell(owner.partition, owner.state, told[1], tuple(sorted(told[2])))
        elif told[0] == "cancelPayment" and mutated("cancel_unrecorded"):
            settles = [request for request in owner.state.requests(told[1], {}) if request.kind == "settle"]
            self.mail.extend(settle._replace(kind="cancel", legs=()) for settle in settles)
        elif told[0] == "resumed":
            self.say(owner.state, history_answers(owner.state, told))
        elif isinstance(told, Message) and told[0] != "accepted":
            self.say(owner.state, owner.state.reply(told.payment))
            untold = {"cancel": "cancel_untold", "prepare": "refuse_untold", "settle": "refuse_untold"}.get(told.kind)
            if untold and mutated(untold) and told.payment not in draft.steps:
                self.mail.append(Message("refused", told.payment, owner.partition, told.sender, (), "untold", 0,
                                         (0, 0), True, owner.state.seq))

    def land(self, partition, records):
        for record in records:
            self.logs[partition].append(record)
            self.checks.fold(partition, record)
