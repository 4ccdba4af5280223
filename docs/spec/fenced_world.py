"""One random schedule of workers that claim, append and answer over a log that is slow, lossy and fails over."""
import bisect
import collections
import random

from fenced_fold import Fold, Stop, mutated
from fenced_workers import Worker, Workers

SLOTS = 3


def run(seed, statistics):
    """-> how often each rule was broken in that schedule."""
    world = World(random.Random(seed), statistics)
    world.live()
    world.check()
    return world.violations


class World(Workers):
    def __init__(self, dice, statistics):
        self.dice, self.statistics, self.violations = dice, statistics, collections.Counter()
        self.log, self.high_water, self.ends = [], 0, [0]
        self.wire, self.answers = [], []         # (request, records); (request, the offset of the first)
        self.newest_request = self.newest_nonce = 0
        self.workers = [Worker(slot, slot, Fold()) for slot in range(SLOTS)]
        self.newest_name = SLOTS - 1
        self.kept = [Fold() for _ in range(SLOTS)]
        self.acknowledged, self.told_void = [], []
        self.readers, self.checkpoints = [Fold(), Fold()], [Fold(), Fold()]
        self.hash_at, self.is_stopped = {}, False
        self.all_keys = ["k%d" % number for number in range(dice.randint(5, 40))]
        self.loss, self.repetition = dice.choice([0.0, .05, .2]), dice.choice([0.0, .1, .3])
        self.zombies = dice.choice([.2, .6])
        timeout, failure = dice.choice([.01, .04]), dice.choice([0, .01, .03])
        self.events = [(.18, self.caller_asks), (.45, self.worker_steps), (.63, self.append_lands),
                       (.74, self.replicas_catch_up), (.74 + failure, self.log_fails_over),
                       (.90, self.answer_arrives), (.90 + timeout, self.worker_times_out),
                       (.94 + timeout / 2, self.worker_claims), (.955 + timeout / 2, self.worker_restarts),
                       (2, self.reader_reads)]

    def live(self):
        bounds = [bound for bound, _ in self.events]
        steps = self.dice.randint(150, 500)
        self.claim(self.workers[0])
        for _ in range(steps):
            if len(self.workers) > 7:
                self.workers.pop(self.dice.randrange(len(self.workers) - 3))
            event = self.events[bisect.bisect_right(bounds, self.dice.random())][1]
            event()

    # ------------------------------------------------------------------ what happens in a step
    def caller_asks(self):
        key, worker = self.dice.choice(self.all_keys), self.dice.choice(self.workers)
        if worker.mode in ("serving", "waiting", "resolving") and len(worker.keys) < 6:
            worker.keys.append(key)

    def worker_steps(self):
        worker = self.dice.choice(self.workers)
        step = {"reading": self.read_to_claim, "resolving": self.resolve, "serving": self.work}.get(worker.mode)
        if step:
            self.unless_stopped(worker, step)

    def append_lands(self):
        if not self.wire:
            return
        index = self.dice.randrange(len(self.wire)) if self.dice.random() < .5 else 0
        request, records = self.wire[index]
        if self.dice.random() < self.loss:
            self.wire.pop(index)
            return
        self.answers.append((request, len(self.log)))
        self.log.extend(records)
        self.ends.append(len(self.log))
        if self.dice.random() >= self.repetition:
            self.wire.pop(index)

    def replicas_catch_up(self):
        whole = self.dice.random() < .8
        self.high_water = len(self.log) if whole else self.some_end(self.high_water)

    def log_fails_over(self):
        """What was not replicated is gone."""
        cut = self.some_end(self.high_water)
        if mutated("log_loses_acknowledged") and self.dice.random() < .2:
            cut = max(0, self.high_water - self.dice.randint(1, 3))
        del self.log[cut:]
        self.high_water = min(self.high_water, cut)
        self.ends = [end for end in self.ends if end <= cut] + [cut]
        sent = {worker.request: len(worker.sent) for worker in self.workers}
        self.answers = [(request, base) for request, base in self.answers if base + sent.get(request, 1) <= cut]

    def some_end(self, lowest):
        if mutated("whole_batches"):
            return self.dice.choice([end for end in self.ends if end >= lowest])
        return self.dice.randint(lowest, len(self.log))

    def answer_arrives(self):
        if not self.answers:
            return
        index = self.dice.randrange(len(self.answers)) if self.dice.random() < .4 else 0
        request, base = self.answers[index]
        worker = next((worker for worker in self.workers if worker.request == request), None)
        if worker is None:
            self.answers.pop(index)
        elif base + len(worker.sent) <= self.high_water:
            self.answers.pop(index)
            if self.dice.random() >= self.loss and worker.mode in ("claiming", "waiting"):
                self.unless_stopped(worker, lambda one: self.learn_offset(one, base))

    def worker_times_out(self):
        """The outcome of its append is unknown: its callers wait until the fold tells."""
        worker = self.dice.choice(self.workers)
        if worker.mode == "waiting" and mutated("unknown_is_sent_again"):
            self.wire.append((worker.request, worker.sent))
        elif worker.mode == "waiting" and mutated("unknown_is_failed"):
            self.settle(worker, lambda _: False)
            worker.mode = "serving"
        elif worker.mode in ("claiming", "waiting"):
            worker.claims_over_batch = worker.claims_over_batch or worker.mode == "waiting"
            self.claim(worker)

    def worker_claims(self):
        worker = self.dice.choice(self.workers)
        if worker.mode == "idle" or worker.mode == "serving" and self.dice.random() < .1:
            self.claim(worker)

    def worker_restarts(self):
        """From what it kept or from nothing; the process of before may live on."""
        worker = self.dice.choice(self.workers)
        if self.dice.random() < .5 and worker.mode != "dead":
            self.kept[worker.slot] = worker.fold.copy()
        fold = self.kept[worker.slot].copy() if self.dice.random() < .5 else Fold()
        if self.dice.random() >= self.zombies or len(self.workers) > 6:
            self.workers.remove(worker)
        self.newest_name += 1
        self.workers.append(Worker(self.newest_name, worker.slot, fold))

    def reader_reads(self):
        index = self.dice.randrange(len(self.readers))
        reader = self.readers[index]
        try:
            for _ in range(self.dice.randint(1, 6)):
                if reader.position < self.high_water:
                    reader.read(self.log[reader.position])
                    if self.hash_at.setdefault(reader.seq, reader.hash) != reader.hash:
                        self.violations["readers differ at a seq"] += 1
        except Stop as stop:
            self.stop(stop)
            self.readers[index] = Fold()
            return
        if self.dice.random() < .3:
            self.checkpoints[index] = reader.copy()
        if self.dice.random() < .1:
            self.readers[index] = self.checkpoints[index].copy()

    # ------------------------------------------------------------------ the end
    def check(self):
        """Everything delayed arrives after all; then the whole log is folded and compared with what was said."""
        self.dice.shuffle(self.wire)
        for _, records in self.wire:
            self.log.extend(records)
        fold, counted, hashes = Fold(), [], set()
        try:
            for record in self.log:
                if fold.read(record):
                    counted.append(record)
                    hashes.add(fold.hash)
                if fold.balance < 0:
                    self.violations["overspent"] += 1
        except Stop as stop:
            self.stop(stop)
        keys = collections.Counter(commit.key for commit in counted)
        if any(times > 1 for times in keys.values()):
            self.violations["a key decided twice"] += 1
        self.check_answers({commit.key: commit.amount for commit in counted}, hashes)
        if not self.is_stopped:
            self.check_readers(fold)
        self.statistics.update({"schedules": 1, "records": len(self.log), "void": fold.voids,
                                "commits": len(counted), "told void": len(self.told_void)})

    def check_answers(self, amounts, hashes):
        by_seq = collections.defaultdict(set)
        for kind, key, amount, seq, own_hash, name, epoch in self.acknowledged:
            self.statistics["answered " + kind] += 1
            if kind == "first":
                by_seq[seq].add((name, epoch, own_hash))
                if own_hash not in hashes:
                    self.violations["acknowledged, but does not count"] += 1
            elif key not in amounts:
                self.violations["replayed what does not count"] += 1
            elif amounts[key] != amount:
                self.violations["a replay differs"] += 1
        if any(len(answered) > 1 for answered in by_seq.values()):
            self.violations["two acknowledge a seq"] += 1
        if any(own_hash in hashes for own_hash in self.told_void):
            self.violations["told void, but counts"] += 1

    def check_readers(self, fold):
        def seen(reader):
            return reader.epoch, reader.seq, reader.hash, reader.balance, reader.keys
        for reader in self.readers:
            while reader.position < len(self.log):
                reader.read(self.log[reader.position])
            if seen(reader) != seen(fold):
                self.violations["readers differ"] += 1
