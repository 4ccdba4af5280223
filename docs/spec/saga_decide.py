"""One input against a state -> the bodies of the commits that it gives, in order, or PARK.

Pure but for `votes`: (payment, state) -> { participant: cause }, what was heard and is lost with the process.
"""
from saga_history import decide_accepted, decide_resumed, forced_legs
from saga_mutations import mutated
from saga_records import MOST_OPEN, REQUESTS, legs_of, others_of, partitions_of

PARK = "park"


def decide(state, told, votes, random):
    """`told` is a command, ("pay" | "status" | ..., its arguments), or a Message."""
    command = COMMANDS.get(told[0])
    if command:
        body = command(state, random, *told[1:])
    elif (told.at[0] if mutated("dropped_by_at") else told.as_of) < state.since.get(told.sender, 0):
        return []
    elif told.kind in HISTORY:
        return HISTORY[told.kind](state, told)
    elif told.sender in state.unanswered and not mutated("steps_do_not_wait"):
        return []
    elif told.kind == "fact":
        body = take_fact(state, told)
    else:
        body = decide_step(state, told) if told.kind in REQUESTS else decide_answer(state, told, votes)
    if body is None:
        return []
    return body if body == PARK else [body]


def pay(state, random, key, legs):
    if key in state.keys:
        return None
    base = {"key": key, "request": tuple(sorted(legs))}
    code = state.refusal_of(legs_of(legs, state.me))
    if code:
        return {**base, "kind": "rejected", "code": code}
    others = others_of(legs, state.me)
    if not others:
        return {**base, "kind": "PaymentPosted", "legs": legs}
    if not mutated("payments_do_not_wait") and not state.unanswered.isdisjoint(others):
        return None
    if not mutated("no_bound") and any(open_toward(state, other) >= MOST_OPEN for other in others):
        return None
    direct = (len(partitions_of(legs)) == 2 or mutated("settle_many")) and random.random() < .5
    return {**base, "kind": "PaymentInitiated", "payment": (state.me, state.seq + 1), "legs": legs, "direct": direct}


def open_toward(state, other):
    return sum(other in saga.asks for saga in state.sagas.values())


def change_status(state, _, account, status):
    now = state.accounts.get(account)
    if not now or now.status in ("closed", status):
        return None
    if status == "closed" and (now.balance or now.held or (now.due and not mutated("close_due"))):
        return None
    return {"kind": "AccountChanged", "account": account, "status": status}


def open_account(state, _, account):
    return None if account in state.accounts else {"kind": "AccountOpened", "account": account, "currency": "EUR"}


def decide_fact(_, __):
    """Of the whole ledger, at its home."""
    return {"kind": "FactDecided"}


def take_fact(state, message):
    is_known = message.at[0] <= state.fact_known
    return None if is_known else {"kind": "FactTaken", "cause": [(message.sender,) + message.at]}


def cancel_payment(state, _, payment, code):
    """By the payer or an operator (`cancelled`), or by the deadline (`expired`)."""
    failed = {"kind": "PaymentFailed", "payment": payment, "code": code, "cause": []}
    saga = state.sagas.get(payment)
    if saga and state.is_blocked(saga):
        return None
    if not saga or saga.state not in ("preparing", "asked"):
        completed = saga and saga.state == "completed"
        return failed if completed and mutated("cancel_completed") else None
    by_time = mutated("release_by_time") and code == "expired"
    if saga.state == "preparing" or mutated("release_at_cancel") or by_time:
        return failed
    return None if mutated("cancel_unrecorded") else {"kind": "CancelRequested", "payment": payment}


COMMANDS = {"pay": pay, "status": change_status, "openAccount": open_account,
            "cancelPayment": cancel_payment, "decideFact": decide_fact}
HISTORY = {"resumed": decide_resumed, "accepted": decide_accepted}


def decide_step(state, message):
    """A participant's."""
    kind, payment = message.kind, message.payment
    step = state.steps.get(payment)
    body = {"payment": payment, "cause": [(message.sender,) + message.at], "low": message.low}
    if mutated("no_step_dedupe") and kind in ("prepare", "settle"):
        step = None
    if not step and payment[1] < state.low.get(payment[0], 0) and not mutated("no_low_check"):
        return None
    if not step and kind in ("prepare", "settle"):
        code = state.refusal_of(message.legs)
        if code:
            return None if mutated("refuse_untold") else {**body, "kind": "LegsRefused", "code": code}
        return {**body, "kind": "LegsPrepared" if kind == "prepare" else "LegsPosted", "legs": message.legs}
    if not step and kind == "cancel":
        return None if mutated("cancel_untold") else {**body, "kind": "LegsRefused", "code": "cancelled"}
    if step and step.state == "prepared" and kind in ("commit", "cancel"):
        return decide_promised(state, step, kind, body)
    if kind == "commit" and not step and message.legs and state.resumed_at:
        if mutated("forced_keeps_limits") and state.refusal_of(message.legs):
            return {**body, "kind": "LegsRefused", "code": state.refusal_of(message.legs)}
        return {**body, "kind": "LegsPosted", "legs": forced_legs(state, message.legs), "forced": True}
    if kind == "commit" and (not step or step.state == "refused"):
        return PARK
    return None


def decide_promised(state, step, kind, body):
    if kind == "cancel":
        return {**body, "kind": "LegsReleased", "code": "cancelled"}
    if mutated("recheck_at_commit") and any(state.accounts[leg[0]].status != "open" for leg in step.legs):
        return {**body, "kind": "LegsReleased", "code": "account_frozen"}
    return {**body, "kind": "LegsPosted", "legs": step.legs}


def decide_answer(state, message, votes):
    """A coordinator's. What has ended is forgotten: an answer about a position that was given is late, and old."""
    kind, payment, cause = message.kind, message.payment, (message.sender,) + message.at
    saga = state.sagas.get(payment)
    if not saga:
        is_old = payment[0] == state.me and payment[1] <= state.seq
        return None if is_old and not mutated("late_answer_is_parked") else PARK
    if state.is_blocked(saga):
        return None
    if saga.state in ("asked", "cancelling") and kind in ("posted", "refused"):
        decided = "PaymentCompleted" if kind == "posted" else "PaymentFailed"
        return {"kind": decided, "payment": payment, "code": message.code, "cause": [cause]}
    if saga.state == "preparing" and kind == "refused":
        votes.setdefault((payment, "failed"), {})[message.sender] = cause
        ended = len(saga.asks) == 1 and not mutated("only_refuser_waits")
        return {"kind": "PaymentFailed", "payment": payment, "code": message.code, "cause": [cause], "ended": ended}
    if saga.state == "failed" and kind == "prepared" and mutated("late_prepared_revives"):
        return {"kind": "PaymentCompleted", "payment": payment, "cause": [cause]}
    if kind != state.waits_for(payment):
        return None
    said = votes.setdefault((payment, saga.state), {})
    said[(message.sender, len(said)) if mutated("count_votes") else message.sender] = cause
    heard = state.heard(payment, saga.state, votes)
    if not mutated("earlier_votes_count"):
        heard = {who: cause for who, cause in heard.items() if cause[0] in saga.asks}
    if len(heard) < len(saga.asks) and not (mutated("first_vote_decides") and saga.state == "preparing"):
        return None
    decided = "PaymentCompleted" if saga.state == "preparing" else "PaymentEnded"
    return {"kind": decided, "payment": payment, "cause": sorted(heard.values())}
