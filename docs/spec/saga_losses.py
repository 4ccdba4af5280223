"""A partition loses the end of its log, and a person accepts that."""
from saga_mutations import mutated
from saga_records import HOME, OPENED_LATER, Record

LOST_GLADLY = ("PaymentInitiated", "PaymentCompleted", "PaymentEnded", "LegsPrepared", "LegsPosted", "HistoryAccepted",
               "HistoryAnswered", "PaymentReopened", "AccountOpened")


class Losses:
    """What a schedule takes from a log, and how it goes on; where, and with which dice, the schedule says."""
    def history_is_lost(self, owner, _):
        """A log is restored from a backup, and a person accepts that its end is gone. Whoever had read on may speak
        for a while, but what it appends is void."""
        partition = owner.partition
        log = self.logs[partition]
        if not self.losses_left or not log:
            return
        self.losses_left -= 1
        self.statistics["histories lost"] += 1
        self.ghosts += [one for one in self.owners if one.partition == partition]
        self.owners = [one for one in self.owners if one.partition != partition]
        given = self.checks.truth[partition].seq
        del log[self.end_of_backup(log):]
        kept = [state for state in self.snapshots[partition] if state.position <= len(log)]
        self.snapshots[partition] = kept
        self.checks.restore(partition, kept[0].copy(), log)
        self.inboxes[partition] = self.inboxes[partition][:self.dice.choice([None, 0, -5])]
        self.land(partition, [self.resume_of(self.checks.truth[partition], given)])
        self.restart(partition)
        if partition == HOME and self.dice.random() < .5:
            self.newest_owner(HOME).commands.append(("decideFact",))
        if self.dice.random() < .5:
            closed = [("status", (partition, number), "closed") for number in (0, 1, 2, OPENED_LATER)]
            self.newest_owner(partition).commands += closed

    def end_of_backup(self, log):
        """Anywhere near the end, or about where one of the last commits of some kind stands."""
        dice = self.dice
        lost = dice.choice([dice.randint(1, 10), dice.randint(1, 60)])
        kind = dice.choice(LOST_GLADLY)
        places = [place for place, record in enumerate(log) if record.body and record.body["kind"] == kind]
        if places and dice.random() < .6:
            lost = len(log) - dice.choice(places[-6:]) + dice.randint(0, 2)
        return max(0, len(log) - lost)

    def resume_of(self, truth, given):
        """No position that was ever given is given again."""
        last = truth.seq + 1 if mutated("positions_are_given_again") else (given // 1000 + 1) * 1000
        body = {"kind": "HistoryResumed", "lost": (truth.seq, last), "previous": (truth.seq, truth.hash)}
        return Record("resume", truth.epoch + 1, None, last, truth.hash, self.fresh_id(), body)
