"""After a partition has lost the end of its log, and a person has accepted that: what the others know is made good.

P, whose log was resumed, asks all others; each commits what it does about what is gone, and answers; P takes what it
learns from each answer. README.md has it as a table.
"""
from saga_mutations import mutated
from saga_records import HOLDING, HOME, SUSPENSE, Message, Step, others_of

STEP_IN = {"LegsPrepared": "prepared", "LegsPosted": "posted", "LegsRefused": "refused", "LegsReleased": "refused"}
ANSWERED = ("PaymentCompleted", "PaymentFailed", "PaymentEnded")


# ---------------------------------------------------------------- the fold
def apply_history(state, kind, body):
    at = (state.seq, state.hash)
    if kind == "HistoryResumed":
        state.lost[state.me] = state.lost.get(state.me, ()) + (body["lost"],)
        state.resumed_at = at
        state.unanswered = {other for other in range(state.partitions) if other != state.me}
        if mutated("nobody_is_asked"):
            state.unanswered = set()
        repair_sagas(state, lambda saga: True)
    elif kind == "HistoryAccepted":
        apply_accepted(state, body, at)
    else:
        other = body["partition"]
        state.unanswered.discard(other)
        if not mutated("before_the_answer_is_handled"):
            state.since[other] = max(state.since.get(other, 0), body["cause"][0][1])


def apply_accepted(state, body, at):
    other = body["partition"]
    state.lost[other] = state.lost.get(other, ()) + body["lost"]
    state.accepted_at[other] = at
    newest = max(last for _, last in state.lost[other])
    if not mutated("lost_messages_are_handled"):
        state.since[other] = max(state.since.get(other, 0), newest)
    for payment in [payment for payment in state.steps if payment[0] == other and state.is_lost(*payment)]:
        if state.steps[payment].state != "prepared":
            del state.steps[payment]
    repair_sagas(state, lambda saga: other in saga.asks)
    if other == HOME and body["lost"] and not mutated("facts_are_not_taken_anew"):
        state.fact_known = 0
    if state.lost.get(state.me) and body["lost"] and not mutated("asked_once"):
        state.unanswered.add(other)


def repair_sagas(state, concerns):
    for payment, saga in state.sagas.items():
        if concerns(saga):
            state.sagas[payment] = saga._replace(repaired=True)


# ---------------------------------------------------------------- what is sent
def ask_for_history(state, other):
    """The open payments that both take part in are few: their number is bounded."""
    both = sorted(payment for payment, saga in state.sagas.items() if other in others_of(saga.legs, state.me))
    data = {"lost": state.lost[state.me], "open": both}
    return Message("resumed", None, state.me, other, (), None, 0, state.resumed_at, True, state.seq, data)


def facts_told(state):
    """At home, to all others."""
    for other in range(state.partitions) if state.fact else ():
        if other != HOME:
            yield Message("fact", None, HOME, other, (), None, 0, state.fact, True, state.seq)


def may_be_said(state, message):
    """Of lost history alone is spoken to who has yet to accept it. Whoever rests on a commit behind a resume, and hears
    of that resume later, has to take it for one that gives positions again."""
    is_of_history = message.kind in ("resumed", "accepted")
    return is_of_history or message.receiver not in state.unanswered or mutated("others_are_told_at_once")


def history_answers(state, question):
    """How far I am in the payments that it has open, once all that follows from what it lost counts."""
    other = question.sender
    if other not in state.accepted_at or decide_resumed(state, question):
        return
    steps = [(payment, state.steps[payment]) for payment in question.data["open"] if payment in state.steps]
    data = {"asked": question.as_of, "steps": steps}
    yield Message("accepted", None, state.me, other, (), None, 0, state.accepted_at[other], True, state.seq, data)


# ---------------------------------------------------------------- what is committed
def decide_resumed(state, message):
    """At every other partition, whatever it lacks itself."""
    other, cause = message.sender, [(message.sender,) + message.at]
    if mutated("who_asks_does_not_answer") and state.unanswered:
        return []
    fresh = tuple(span for span in message.data["lost"] if span not in state.lost.get(other, ()))
    log = log_of(state)
    if fresh and is_given_again(log, message):
        return []
    bodies = list(recalled(state, log, message.data["open"]))
    if fresh:
        spans = state.lost.get(other, ()) + fresh

        def is_lost(seq):
            return any(first < seq < last for first, last in spans)
        bodies += ends_of_gone(state, log, other, is_lost, cause)
        bodies += reopened(state, log, other, is_lost)
    if not bodies and not fresh:
        return []
    accepted = {"kind": "HistoryAccepted", "partition": other, "lost": fresh, "open": message.data["open"]}
    return bodies + [{**accepted, "cause": cause}]


def is_given_again(log, message):
    """Whether I rest on a position that the resume gives again: it is not far enough then, and a person is called. What
    I have made good of a loss may rest on what was written since."""
    return any(cause[0] == message.sender and cause[1] >= message.at[0]
               for _, _, body in log if not is_made_good(body) for cause in body.get("cause", ()))


def is_made_good(body):
    is_of_loss = body["kind"].startswith("History") or body["kind"] == "LegsWrittenOff"
    return is_of_loss or body.get("code") == "history_lost" or body.get("learned", False)


def log_of(state):
    """(seq, hash, body), oldest first."""
    entries, log = [], state.log
    while log:
        log, *entry = log
        entries.append(entry)
    return entries[::-1]


def recalled(state, log, open_there):
    """Steps of payments that it has open again, which I forgot as it had said that they had ended."""
    steps = {}
    for seq, chain, body in log:
        if body["kind"] in STEP_IN and body["payment"] in open_there:
            step = STEP_IN[body["kind"]]
            steps[body["payment"]] = Step(step, body.get("legs", ()), (seq, chain), body.get("code"))
    for payment, step in sorted(steps.items()) if not mutated("forgotten_is_not_recalled") else ():
        if payment not in state.steps:
            yield {"kind": "LegsRecalled", "payment": payment, "step": step}


def ends_of_gone(state, log, other, is_lost, cause):
    """What I promised for a payment that is gone is released; what I posted is written off."""
    for payment, step in sorted(state.steps.items()):
        if payment[0] == other and is_lost(payment[1]) and step.state == "prepared":
            if not mutated("promise_of_gone_stays"):
                yield {"kind": "LegsReleased", "payment": payment, "code": "history_lost", "cause": cause}
    posted = {body["payment"]: body["legs"] for _, _, body in log if body["kind"] == "LegsPosted"}
    written_off = {body["payment"] for _, _, body in log if body["kind"] == "LegsWrittenOff"}
    if mutated("written_off_again"):
        written_off = set()
    for payment, legs in posted.items() if not mutated("posted_of_gone_stays") else ():
        if payment[0] == other and is_lost(payment[1]) and payment not in written_off:
            yield {"kind": "LegsWrittenOff", "payment": payment, "legs": legs, "cause": cause}


def reopened(state, log, other, is_lost):
    """My payments that have ended on an answer that is gone: it is asked for again, of that participant alone."""
    initiated, decided, answer = {}, {}, {}
    for _, _, body in log:
        if body["kind"] == "PaymentInitiated":
            initiated[body["payment"]] = body
        if body["kind"] in ("PaymentCompleted", "PaymentFailed"):
            decided[body["payment"]] = body
        for partition, seq, _ in body.get("cause", ()) if body["kind"] in ANSWERED else ():
            if partition == other:
                answer[body["payment"]] = seq
    for payment, seq in answer.items() if not mutated("ended_stays_ended") else ():
        saga = state.sagas.get(payment)
        if not is_lost(seq) or saga and (other in saga.asks or mutated("open_ones_ask_nobody_more")):
            continue
        first, last = initiated[payment], decided[payment]
        asks = tuple(sorted((saga.asks if saga else ()) + (other,)))
        if mutated("reopened_asks_all"):
            asks = tuple(others_of(first["legs"], state.me))
        yield {"kind": "PaymentReopened", "payment": payment, "legs": first["legs"], "of_key": first["key"],
               "state": "completed" if last["kind"] == "PaymentCompleted" else "failed", "code": last.get("code"),
               "asks": asks}


def decide_accepted(state, message):
    """At the partition that lost: posted is posted, whoever says so."""
    other = message.sender
    if other not in state.unanswered or message.data["asked"] < asked_since(state, other):
        return []
    bodies = []
    for payment, step in message.data["steps"] if not mutated("posted_elsewhere_is_ignored") else ():
        saga = state.sagas.get(payment)
        if saga and saga.state in HOLDING and step.state == "posted":
            bodies.append({"kind": "PaymentCompleted", "payment": payment, "cause": [(other,) + step.at],
                           "learned": True})
    return bodies + [{"kind": "HistoryAnswered", "partition": other, "cause": [(other,) + message.at]}]


def asked_since(state, other):
    """Whatever it was asked before, it does not know of all that I lost, or of what I opened again as it lost more."""
    if mutated("any_answer_counts"):
        return 0
    accepted_at = state.accepted_at.get(other, (0, 0))
    return max(state.resumed_at[0], accepted_at[0])


def forced_legs(state, legs):
    """Promised once, so taken whatever the limits say now; what has no account any more goes to suspense."""
    def account_for(account, currency):
        now = state.accounts.get(account)
        is_open = now and now.status != "closed" or mutated("forced_into_closed")
        return account if is_open else (state.me, SUSPENSE[currency])
    return tuple((account_for(account, currency), amount, currency) for account, amount, currency in legs)


def says_history(body, message):
    """Whether a record says what a message about accepted history says."""
    if message.kind == "resumed":
        return body["kind"] == "HistoryResumed"
    return body["kind"] == "HistoryAccepted" and body["partition"] == message.receiver
