"""A schedule of what befalls partitions that pay each other while periods are closed, and what must hold in it."""
import collections
import random

from closing_rules import (HOME, State, begin_closing, close, facts_behind, may_book, mutated, on_request, seal,
                           take_fact)

#: Instants by which the clocks of partitions differ at most; a payment waits so long for its participants.
SKEW, PATIENCE = 6, 25
STEPS, REST = 260, 60


class World:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.partitions = self.random.choice([2, 3, 4])
        self.skews = [self.random.randrange(SKEW) for _ in range(self.partitions)]
        self.now = 100
        self.dated = self.random.choice([0.02, 0.1, 0.4])
        self.logs = [[] for _ in range(self.partitions)]
        self.states = [State(each) for each in range(self.partitions)]
        self.stamps = [0] * self.partitions
        self.away = {}
        self.mail = []
        self.heard = collections.defaultdict(dict)   # answers, by payment and partition
        self.seals = {}                              # at home: what was said of the closing, by partition
        self.told = set()
        self.payments, self.periods, self.ended = 0, 0, {}
        self.broken = collections.Counter()
        self.is_resting, self.lost, self.deaf = False, None, None

    def time(self, partition):
        """Of decisions there: it never goes back."""
        self.stamps[partition] = max(self.stamps[partition], self.now - self.skews[partition])
        return self.stamps[partition]

    def commit(self, partition, commit):
        if commit is None:
            return
        state = self.states[partition]
        self.logs[partition].append(commit)
        state.fold(commit)
        if commit["type"] in ("closed", "called_off") and partition == HOME:
            if self.ended.setdefault(commit["period"], commit["type"]) != commit["type"]:
                self.broken["a closing ends in two ways"] += 1
        if partition == HOME and commit["type"] in ("closing", "called_off", "closed", "reopened"):
            if commit["type"] == "closing" and not mutated("any_seal_counts"):
                self.seals = {}
            for to in range(1, self.partitions):
                self.tell(to, state.seq - 1)
        if commit["type"] == "sealed":
            self.say_sealed(partition)

    def send(self, message):
        if message["kind"] == self.lost or (message["kind"] == "fact" and message["to"] == self.deaf):
            return
        if self.is_resting or self.random.random() > 0.2:
            self.mail.append(message)
        if self.random.random() < 0.1:
            self.mail.append(message)

    def tell(self, to, known):
        for fact in facts_behind(self.states[HOME], known):
            if mutated("not_told_again") and (to, fact["seq"]) in self.told:
                continue
            self.told.add((to, fact["seq"]))
            self.send({"kind": "fact", "to": to, "fact": fact})

    def say_sealed(self, partition):
        closing = self.states[partition].closing
        if closing and closing["sealed"]:
            self.send({"kind": "sealed", "to": HOME, "from": partition, "period": closing["period"],
                       "touched": closing["touched"]})

    def ask(self, payment, saga, to):
        kind = {"preparing": "prepare", "asked": "settle", "completed": "commit"}.get(saga["state"], "cancel")
        self.send({"kind": kind, "to": to, "payment": payment, "date": saga["date"], "amount": saga["amounts"][to]})

    def ask_all(self, partition):
        for payment, saga in self.states[partition].sagas.items():
            for to in saga["others"]:
                if self.heard[payment].get(to) not in ("settled", "kept", "refused", "released"):
                    self.ask(payment, saga, to)

    def deliver(self, index):
        message = self.mail.pop(index)
        to = message["to"]
        if to in self.away:
            self.mail.append(message)
            return
        state = self.states[to]
        if message["kind"] == "fact":
            taken = take_fact(state, message["fact"], self.time(to))
            self.commit(to, taken)
            closing = state.closing
            if taken is None and closing and closing["period"] == message["fact"].get("period"):
                if mutated("sealed_twice"):
                    self.commit(to, seal(state))
                self.say_sealed(to)
        elif message["kind"] == "asked":
            self.tell(message["from"], message["known"])
        elif message["kind"] == "sealed":
            self.hear_seal(message)
        elif message["kind"] == "answer":
            self.hear(to, message)
        else:
            self.commit(to, on_request(state, message, self.time(to)))
            step = state.steps.get(message["payment"])
            if step:
                self.send({"kind": "answer", "to": int(message["payment"].split("-")[0]), "from": to,
                           "payment": message["payment"], "said": step["type"]})

    def hear_seal(self, message):
        closing = self.states[HOME].closing
        if not closing or (closing["period"] != message["period"] and not mutated("any_seal_counts")):
            return
        by = (message["from"], len(self.seals)) if mutated("count_seals") else message["from"]
        self.seals[by] = message
        self.decide_closing()

    def decide_closing(self):
        if mutated("count_seals"):
            seals = {index + 1: seal for index, seal in enumerate(list(self.seals.values())[: self.partitions - 1])}
        else:
            seals = self.seals
        self.commit(HOME, close(self.states[HOME], seals, self.partitions, self.time(HOME)))

    def hear(self, partition, message):
        payment = message["payment"]
        saga = self.states[partition].sagas.get(payment)
        if not saga:
            return
        if message["said"] != "promised" or message["from"] not in self.heard[payment]:
            self.heard[payment][message["from"]] = message["said"]
        if saga["state"] in ("completed", "failed"):
            return
        said = self.heard[payment]
        if "refused" in said.values():
            self.commit(partition, {"type": "failed", "payment": payment})
        elif saga["state"] == "preparing":
            if all(said.get(each) == "promised" for each in saga["others"]):
                self.commit(partition, {"type": "completed", "payment": payment})
                self.ask_all(partition)
        elif "settled" in said.values():
            self.commit(partition, {"type": "completed", "payment": payment})

    def go_on(self, partition):
        """What an owner does of itself, every now and then."""
        state, now = self.states[partition], self.time(partition)
        for payment, saga in list(state.sagas.items()):
            if now >= saga["date_given"] + PATIENCE and saga["state"] in ("preparing", "asked"):
                kind = "failed" if saga["state"] == "preparing" else "cancelling"
                self.commit(partition, {"type": kind, "payment": payment})
        self.ask_all(partition)
        if partition != HOME:
            self.commit(partition, seal(state))
            self.send({"kind": "asked", "to": HOME, "from": partition, "known": state.known})
            return
        self.decide_closing()
        closing = state.closing
        if closing and not mutated("not_asked_again"):
            for to in range(1, self.partitions):
                fact = next(each for each in facts_behind(state, 0) if each["type"] == "closing")
                self.send({"kind": "fact", "to": to, "fact": fact})
        elif mutated("called_off_when_closed") and state.closed and self.random.random() < 0.2:
            self.commit(HOME, dict(state.closed[-1], type="called_off"))

    def pay(self):
        partition = self.random.randrange(self.partitions)
        if partition in self.away:
            return
        state, now = self.states[partition], self.time(partition)
        is_dated = self.random.random() < self.dated
        date = now - self.random.randrange(60) if is_dated else now
        # What counts as it is decided is dated into no day that is over.
        if is_dated and not may_book(state, date, now):
            return
        others = self.random.sample([each for each in range(self.partitions) if each != partition],
                                    self.random.randrange(self.partitions))
        if not others:
            self.commit(partition, {"type": "posted", "date": date, "amount": 0})
            return
        self.payments += 1
        payment = "%d-%d" % (partition, self.payments)
        amounts = {each: self.random.randrange(1, 9) for each in others}
        # A coordinator need not have legs of its own: what is given back is decided where it came about.
        if len(others) > 1 and self.random.random() < 0.3:
            amounts[others[0]] -= sum(amounts.values())
        else:
            amounts[partition] = -sum(amounts.values())
        settles = len(others) == 1 and self.random.random() < 0.7
        self.commit(partition, {"type": "begun", "payment": payment, "date": date, "date_given": now,
                                "amounts": amounts, "others": others, "settles": settles})
        self.ask_all(partition)

    def begin_closing(self):
        if HOME in self.away:
            return
        state, now = self.states[HOME], self.time(HOME)
        # Readers see each partition as far as they got.
        read = [max(0, each.seq - self.random.choice([0] * 12 + [1, 3])) for each in self.states]
        self.periods += 1
        before = now - self.random.choice([0, 0, self.random.randrange(60)])
        self.commit(HOME, begin_closing(state, self.periods, before, read, now))

    def step(self):
        draw = self.random.random()
        self.now += self.random.random() < 0.4
        if draw < 0.45 and self.mail:
            self.deliver(self.random.randrange(len(self.mail)))
        elif draw < 0.65:
            self.pay()
        elif draw < 0.85:
            partition = self.random.randrange(self.partitions)
            if partition not in self.away:
                self.go_on(partition)
        elif draw < 0.9:
            self.begin_closing()
        elif draw < 0.905:
            self.person()
        elif draw < 0.96:
            self.restart(self.random.randrange(self.partitions))
        elif draw < 0.97:
            self.away[self.random.randrange(self.partitions)] = self.now + self.random.randrange(60)
        for partition in [each for each, until in self.away.items() if until <= self.now]:
            del self.away[partition]

    def person(self):
        """Calls a closing off, or reopens the last period."""
        state = self.states[HOME]
        if HOME in self.away:
            return
        if state.closing:
            outcome = {name: state.closing[name] for name in ("period", "before")}
            self.commit(HOME, dict(outcome, type="called_off"))
        elif state.closed and self.random.random() < 0.5:
            self.commit(HOME, dict(state.closed[-1], type="reopened"))

    def restart(self, partition):
        """The next owner knows what the log says."""
        state = State(partition)
        for commit in self.logs[partition]:
            state.fold(commit)
        if mutated("restart_unlocks"):
            state.closing = None
        self.states[partition] = state
        for payment in state.sagas:
            self.heard[payment] = {}
        if partition == HOME and not mutated("seals_survive"):
            self.seals = {}


def run(seed, statistics):
    world = World(seed)
    for _ in range(STEPS):
        world.step()
    world.away = {}
    world.is_resting = True
    rest(world, REST)
    if seed % 4 == 0:
        leave_one_away(world)
    elif seed % 4 == 1:
        lose_the_words(world)
    elif seed % 4 == 2:
        book_at_once(world)
        miss_the_end(world)
    else:
        ask_the_sealed(world)
    rest(world, REST)
    check(world)
    count(world, statistics)
    return world.broken


def rest(world, turns):
    for _ in range(turns):
        world.now += 1
        for partition in range(world.partitions):
            if partition not in world.away:
                world.go_on(partition)
        for _ in range(len(world.mail)):
            world.deliver(0)


def close_again(world):
    """All that was booked has been read."""
    state = world.states[HOME]
    world.periods += 1
    read = [each.seq for each in world.states]
    world.commit(HOME, begin_closing(state, world.periods, world.time(HOME), read, world.time(HOME)))


def leave_one_away(world):
    """One that is away for longer than a closing may last holds up nobody for good."""
    world.away = {world.partitions - 1: world.now + 10 * REST}
    close_again(world)
    rest(world, 2 * REST)
    if world.states[HOME].closing:
        world.broken["a closing does not end while a partition is away"] += 1
    world.away = {}


def lose_the_words(world):
    close_again(world)
    begun = world.states[HOME].closing
    world.lost = "sealed"
    rest(world, 3)
    world.lost = None
    rest(world, 10)
    if begun and world.ended.get(begun["period"]) != "closed":
        world.broken["a closing that nothing hinders is called off"] += 1


def book_at_once(world):
    """Clocks differ, and what counts as it is decided asks nobody for the day."""
    close_again(world)
    for turns in (2, 1, 1):
        rest(world, turns)
        for partition in range(1, world.partitions):
            world.commit(partition, {"type": "posted", "date": world.time(partition), "amount": 0})


def miss_the_end(world):
    """A partition that knows of one closing is told of the end of the next alone."""
    close_again(world)
    world.lost = "sealed"
    rest(world, 10)
    world.lost, world.deaf = None, world.partitions - 1
    for _ in range(2):
        closing = world.states[HOME].closing
        if closing:
            world.commit(HOME, {"type": "called_off", "period": closing["period"], "before": closing["before"]})
        close_again(world)
    world.commit(HOME, {"type": "called_off", "period": world.periods, "before": 0})
    world.deaf = None


def ask_the_sealed(world):
    """By one that has not heard of the closing yet, and that has no legs of its own to be touched by."""
    close_again(world)
    world.deaf = coordinator = world.partitions - 1
    rest(world, 3)
    amounts = {each: 0 for each in range(coordinator)}
    world.payments += 1
    payment = "%d-%d" % (coordinator, world.payments)
    now = world.time(coordinator)
    world.commit(coordinator, {"type": "begun", "payment": payment, "date": now - 30, "date_given": now,
                               "amounts": amounts, "others": list(amounts), "settles": False})
    rest(world, 3)
    world.deaf = None


def count(world, statistics):
    statistics["payments"] += world.payments
    for outcome in world.ended.values():
        statistics[outcome] += 1
    statistics["reopened"] += sum(commit["type"] == "reopened" for commit in world.logs[HOME])
    statistics["refused"] += sum(commit["type"] == "refused" for log in world.logs for commit in log)


def check(world):
    broken, states = world.broken, world.states
    closed = [each["period"] for each in states[HOME].closed]
    for state in states:
        if state.closing:
            broken["days are being closed for ever"] += 1
        if [each["period"] for each in state.closed] != closed:
            broken["partitions differ in what is closed"] += 1
        if any(saga["state"] not in ("completed", "failed") for saga in state.sagas.values()):
            broken["a payment is open for ever"] += 1
        if any(step["type"] == "promised" for step in state.steps.values()):
            broken["a promise is kept for ever"] += 1
    check_payments(world)
    begun = {commit["period"]: commit for commit in world.logs[HOME] if commit["type"] == "closing"}
    for period in states[HOME].closed:
        read = begun[period["period"]]["read"]
        sums = 0
        for state in states:
            dated = [(amount, seq) for date, amount, seq in state.balance if date < period["before"]]
            if any(seq > read[state.partition] for _, seq in dated):
                broken["a booking lies behind the seal"] += 1
            sums += sum(amount for amount, _ in dated)
        if sums != 0:
            broken["the sums at the seals are not zero"] += 1


def check_payments(world):
    for partition, state in enumerate(world.states):
        for payment, saga in state.sagas.items():
            done = {world.states[each].steps.get(payment, {}).get("type") in ("settled", "kept")
                    for each in saga["others"]}
            if done != {saga["state"] == "completed"}:
                world.broken["a payment came about in part"] += 1
