"""What a reader of the protocol might leave out or do otherwise. Each is caught; the harmless ones break no rule."""

MUTATIONS = {
    "release_by_time": "a hold of a settle ends by deadline",
    "release_at_cancel": "a cancel of a settle releases before the answer",
    "forget_early": "a participant forgets what it has answered",
    "forget_refused": "a participant forgets what it has refused",
    "no_low_check": "a payment below low is taken for a new one",
    "low_is_newest": "low is the newest seq, not the oldest open payment",
    "end_early": "the saga ends, and is forgotten, at the decision",
    "answer_stays_in_saga": "the answer does not move to its key as the payment is decided",
    "late_answer_is_parked": "an answer about a payment that has ended is taken for one that nobody asked for",
    "no_step_dedupe": "steps are idempotent at the coordinator alone",
    "first_vote_decides": "completed before all are prepared",
    "count_votes": "votes are counted, not kept by partition",
    "late_prepared_revives": "commit after cancel",
    "cancel_completed": "cancel after the decision",
    "receiver_decides": "whoever receives coordinates",
    "first_leg_decides": "the first debited leg in the order sent coordinates",
    "resend_new_id": "sent again under a new id",
    "uncounted": "messages leave before the commit counts",
    "restart_forgets": "prepared legs are not in the snapshot",
    "keys_in_memory": "keys are lost on restart",
    "cancel_untold": "a cancel of the unknown leaves no tombstone",
    "refuse_untold": "a refusal leaves no tombstone",
    "recheck_at_commit": "a promise is checked again",
    "close_due": "accounts close while a credit is promised",
    "holds_uncounted": "holds do not count toward limits",
    "due_uncounted": "promised credits do not count toward the ceiling",
    "no_mac": "forged messages are handled",
    "insider": "forged with a valid mac",
    "no_bound": "no bound on open payments",
    "no_resend": "nothing is sent again",
    "no_fence": "no epochs",
    "only_refuser_waits": "a payment that its only participant refused does not end at once",
    "votes_survive": "facts heard under an earlier claim are kept",
    "settle_many": "several participants decide",
    "park_blocks": "what cannot be handled is retried for ever in its place",
    "nobody_is_asked": "a partition that lost history goes on at once, as if it had asked all",
    "lost_messages_are_handled": "what a lost history sent is still handled once it is accepted",
    "before_the_answer_is_handled": "what was sent before an answer about lost history is still handled behind it",
    "dropped_by_at": "whether a message is gone is told by its commit, not by when it was made",
    "steps_do_not_wait": "messages are handled before their sender has answered",
    "open_ones_do_not_wait": "open payments go on before all their participants have answered",
    "promise_of_gone_stays": "what was promised for a payment that is gone is not released",
    "posted_of_gone_stays": "what was posted for a payment that is gone is not written off",
    "posted_elsewhere_is_ignored": "an open payment goes on as if nobody had posted it",
    "ended_stays_ended": "a payment that ended on an answer that is gone is not opened again",
    "reopened_asks_all": "a payment that is opened again asks those too whose answers are there",
    "earlier_votes_count": "a payment that is opened again ends by what others had answered before",
    "open_ones_ask_nobody_more": "a payment that is opened again asks nobody who loses history while it is open",
    "written_off_again": "what is written off already is written off again",
    "repaired_commit_without_legs": "whoever lost its promise is told to post without being told what",
    "forced_keeps_limits": "what was promised once is refused where it is over a limit now",
    "forced_into_closed": "what was promised once goes to an account that is closed or gone",
    "forgotten_is_not_recalled": "steps of a payment that is open again stay forgotten",
    "lost_votes_count": "an answer that is gone is counted all the same",
    "who_asks_does_not_answer": "a partition that lost history itself answers nobody",
    "any_answer_counts": "an answer about an earlier loss is taken for one about the newest",
    "asked_once": "who knows of my loss is not asked again once it has lost what it knew",
    "others_are_told_at_once": "who lost history speaks of all else to those, too, who have yet to accept that",
    "facts_are_not_taken_anew": "what holds for all is not taken over anew once its home has lost history",
    "positions_are_given_again": "a resume goes on where the log ends",
}
HARMLESS = {
    "payments_do_not_wait": "new payments are begun, but not sent, before their participants have answered",
    "begin_anywhere_in_inbox": "a new owner begins anywhere in its inbox, not at about its end",
    "begin_first_in_inbox": "a new owner begins with the first message of its inbox",
    "keep_forever": "tombstones are kept for ever, low or not",
    "cancel_unrecorded": "the cancel of a settle writes no commit of its own",
    "insider+check_log": "forged with a valid mac, but the receiver looks up the commit that the message names",
}
#: Seeds that catch those which few schedules do. A change of the schedules needs others: `python3 saga.py NAME 3000`.
CAUGHT_BY = {"votes_survive": 432, "close_due": 124, "recheck_at_commit": 111, "earlier_votes_count": 421,
             "forgotten_is_not_recalled": 104, "open_ones_do_not_wait": 464, "posted_elsewhere_is_ignored": 172,
             "before_the_answer_is_handled": 601, "asked_once": 822, "any_answer_counts": 870,
             "forced_into_closed": 1371, "reopened_asks_all": 478, "open_ones_ask_nobody_more": 464}

_in_force = frozenset()


def put_in_force(names):
    """`a+b` are two at once; `final` is the protocol as it stands."""
    global _in_force
    _in_force = frozenset() if names == "final" else frozenset(names.split("+"))


def mutated(name):
    return name in _in_force
