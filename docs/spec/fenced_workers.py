"""Those who claim a partition, append to it and answer their callers."""
from fenced_fold import Claim, Commit, Stop, hash_of, mutated


class Worker:
    """idle; claiming: its claim is under way; reading: up to its claim; serving; waiting: its batch is under way;
    resolving: reading on to learn whether its batch counts; dead."""
    def __init__(self, name, slot, fold):
        self.name, self.slot, self.fold, self.mode = name, slot, fold, "idle"
        self.keys, self.claim, self.request, self.sent, self.target = [], None, None, (), None
        self.batch = []                          # (key, commit, hash) under way
        self.counted = set()                     # hashes that it has seen count since it sent them
        self.claims_over_batch = False           # it claimed anew, since the outcome of its batch is unknown

    def identity(self):
        return self.slot if mutated("same_claim_after_restart") else self.name

    def is_owner(self):
        if mutated("same_claim_after_restart"):
            return self.fold.owner == self.slot
        return self.fold.owner == self.name and self.fold.epoch == self.claim.epoch


class Workers:
    """What the workers of a schedule do; where they do it, and with which dice, the schedule says."""
    def stop(self, reason):
        self.violations["stopped: %s" % reason] += 1
        self.is_stopped = True

    def unless_stopped(self, worker, step):
        try:
            step(worker)
        except Stop as reason:
            self.stop(reason)
            worker.mode = "dead"

    def nonce(self):
        self.newest_nonce += 1
        return self.newest_nonce

    def send(self, worker, records):
        self.newest_request += 1
        worker.request, worker.sent = self.newest_request, records
        self.wire.append((worker.request, records))

    def claim(self, worker):
        worker.claim = Claim(worker.fold.epoch + 1, worker.identity(), self.nonce())
        worker.mode = "claiming"
        self.send(worker, [worker.claim])

    def learn_offset(self, worker, base):
        """The log has answered an append."""
        if worker.mode == "claiming":
            worker.target, worker.mode = base + 1, "reading"
        elif mutated("acknowledge_unread") or base == worker.fold.position:
            self.take_as_counted(worker, base)
        elif base < worker.fold.position:
            self.violations["the log was truncated"] += 1
            worker.mode = "dead"
        else:
            worker.target, worker.mode = base + len(worker.batch), "resolving"

    def take_as_counted(self, worker, base):
        """The shortcut: nothing lies between, so the batch is accepted by construction."""
        for _, commit, _ in worker.batch:
            worker.fold.apply(commit)
        worker.fold.position = base + len(worker.batch)
        self.settle(worker, lambda _: True)
        worker.mode = "serving"

    def read_to(self, worker, position):
        while worker.fold.position < min(position, self.high_water):
            if worker.fold.read(self.log[worker.fold.position]):
                worker.counted.add(worker.fold.hash)

    def read_to_claim(self, worker):
        if mutated("serve_unread"):
            worker.fold.epoch, worker.fold.owner = worker.claim.epoch, worker.identity()
            worker.fold.position, worker.mode = worker.target, "serving"
            return
        self.read_to(worker, worker.target)
        if worker.fold.position >= worker.target:
            if worker.claims_over_batch:
                self.settle(worker, worker.counted.__contains__)
            worker.mode = "serving" if worker.is_owner() else "idle"

    def resolve(self, worker):
        if self.high_water < worker.target:
            return
        epoch = worker.batch[0][1].epoch
        if mutated("acknowledge_between"):
            base = worker.target - len(worker.batch)
            self.read_to(worker, base)
            if worker.fold.epoch == epoch:
                self.take_as_counted(worker, base)
            else:
                self.settle(worker, lambda _: False)
                worker.mode = "idle"
            return
        self.read_to(worker, worker.target)
        is_whole = worker.batch[-1][2] in worker.counted
        self.settle(worker, worker.counted.__contains__)
        worker.mode = "serving" if is_whole and worker.fold.epoch == epoch else "idle"

    def settle(self, worker, counts):
        """Each caller is answered by the hash of its own record."""
        for key, commit, own_hash in worker.batch:
            if counts(own_hash):
                self.acknowledged.append(("first", key, commit.amount, commit.seq, own_hash, worker.name, commit.epoch))
            else:
                self.told_void.append(own_hash)
        worker.batch, worker.claims_over_batch = [], False

    def work(self, worker):
        """Decides a batch, each command after the ones before it, and appends it."""
        count = self.dice.randint(1, 3)
        taken, worker.keys = worker.keys[:count], worker.keys[count:]
        fold, batch = worker.fold, []
        seq, chain, balance = fold.seq, fold.hash, fold.balance
        for key in taken:
            if key in fold.keys:
                self.acknowledged.append(("replay", key, *fold.keys[key], None, worker.name, fold.epoch))
            elif key not in [known for known, _, _ in batch]:
                amount = 1 if balance > 0 else 0
                epoch = worker.claim.epoch if mutated("serve_unread") else fold.epoch
                commit = Commit(epoch, seq + 1, chain, key, amount, self.nonce())
                seq, chain, balance = seq + 1, hash_of(chain, commit), balance - amount
                batch.append((key, commit, chain))
        if batch:
            worker.batch, worker.mode, worker.counted = batch, "waiting", set()
            self.send(worker, [commit for _, commit, _ in batch])
