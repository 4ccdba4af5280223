"""Folds a MicroPay log, by docs/log-protocol.md alone and with nothing but Python 3.8.

    python3 ledger_reader.py postgres postgres://user:password@host:port/database [partition | all] [payment]
    python3 ledger_reader.py kafka host:port topic [partition | all] [payment]
    python3 ledger_reader.py eventstoredb esdb://host:port?tls=true stream [partition | all] [payment]

Prints, as one JSON object, of a partition the fold's state, the balances of each tenant's accounts, and why it stopped. Of all
partitions that of each, what stands on transit accounts, and what is wrong with payments across them; of a payment its steps on
all partitions, each behind those that it rests on. Exit code 1 when a reader stopped, or something is wrong.
"""
import base64, datetime, hashlib, json, sys
from payments_across import follow, judge
from log_sources import eventstoredb_values, kafka_values, postgres_values

KNOWN_GENERATION = 11
MOST_EPOCH_STEP = 1000
DAY_MS = 86_400_000
#: Of each event and version the generation that brought it.
EVENTS = {(name, 1): 1 for name in (
    "AccountOpened", "AccountFrozen", "AccountUnfrozen", "AccountClosed", "PaymentPosted", "StatementImported",
    "PayeeSaved", "PayeeRemoved")}
EVENTS.update({(name, 2): 2 for name in ("AccountOpened", "AccountFrozen", "AccountUnfrozen", "AccountClosed")})
EVENTS.update({("AccountChanged", 1): 2, ("AccountFlagSet", 1): 2, ("StatementPart", 1): 3, ("StatementImported", 2): 3})
EVENTS["PaymentPosted", 2] = 4
EVENTS.update({(name, 1): 5 for name in ("LedgerZoneSet", "PeriodClosed", "PeriodReopened")})
EVENTS.update({(name, 1): 6 for name in ("PolicySet", "CommandProposed", "CommandApproved", "CommandRefused")})
EVENTS.update({(name, 1): 8 for name in ("StatementWithdrawn", "PayeeChecked")})
EVENTS["CommandApproved", 2] = 8
EVENTS.update({(name, 1): 10 for name in (
    "PaymentInitiated", "PaymentCompleted", "PaymentFailed", "CancelRequested", "PaymentEnded", "LegsPrepared",
    "LegsPosted", "LegsReleased", "LegsRefused")})
EVENTS.update({(name, 1): 11 for name in ("PeriodClosing", "PeriodSealed", "PeriodCalledOff")})
EVENTS.update({(name, 2): 11 for name in ("PaymentCompleted", "LegsPosted", "LegsReleased")})
EVENTS.update({(name, 1): 11 for name in (
    "LegsRecalled", "LegsWrittenOff", "PaymentReopened", "HistoryAccepted", "HistoryAnswered")})
#: Whose legs sum to zero in each currency, and whose legs move balances.
BALANCED = (("PaymentPosted", 2), ("PaymentInitiated", 1), ("LegsPosted", 1), ("LegsPosted", 2), ("LegsWrittenOff", 1))
POSTED = ("PaymentPosted", "LegsPosted", "LegsWrittenOff")
#: What the ledger does of itself: every other command has a key.
KEYLESS = ("StepPayment", "ExpirePayment", "TakeFact", "StepPeriod", "AcceptHistory", "LearnHistory")
#: Accounts that nobody opens begin with what first comes to them.
UNOPENED = ("transit/", "suspense/")
#: What this reader needs of each record, besides its shape.
NEEDED = {
    "micropay.genesis.v1": {"ledgerId": str, "partition": int},
    "micropay.claim.v1": {"epoch": int, "claimId": str, "eventGeneration": int},
    "micropay.resume.v1": {"epoch": int, "claimId": str, "eventGeneration": int, "seq": int, "previousSeq": int,
                           "previousHash": str},
    "micropay.commit.v1": {"epoch": int, "seq": int, "previousHash": str, "decidedAt": str, "tenant": str,
                           "events": list},
    "micropay.heartbeat.v1": {"epoch": int},
}


class Stop(Exception):
    """The reader ends in front of a record."""


def base64url(digest):
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def bytes_of(written):
    return base64.urlsafe_b64decode(written + "=")


def milliseconds(instant):
    moment = datetime.datetime.fromisoformat(instant.replace("Z", "+00:00"))
    return int(round(moment.timestamp() * 1000))


def begin(partition):
    return {"partition": partition, "offset": 0, "genesis": None, "epoch": 0, "epochBefore": 0, "claimId": "", "seqAtClaim": 0,
            "generation": 0, "seq": 0, "hash": "", "decidedAt": "", "agedMs": 0, "voids": 0, "alarm": None}


def decode(value, generation):
    """The record's type and data; None for bytes that are no record. Newer code may have written it: then it stops."""
    known = shape(value, generation)
    if known is None and generation > KNOWN_GENERATION:
        raise Stop("unknown_record")
    return known


def shape(value, generation):
    try:
        record = json.loads(value.decode("utf-8"))
        kind, data = record["type"], record["data"]
        if record["specversion"] != "1.0" or not isinstance(kind, str) or not isinstance(data, dict):
            return None
        if kind not in NEEDED:
            return ("ignorable", data) if record.get("ignorable") is True else None
        if any(type(data.get(name)) is not wanted for name, wanted in NEEDED[kind].items()):
            return None
        brought = [EVENTS.get((event["type"], event["version"]), generation + 2) for event in data.get("events", [])]
        if max(brought, default=1) > max(1, generation):
            return None
        if not all(balanced(event) for event in data.get("events", [])):
            return None
        if kind == "micropay.commit.v1" and data["command"]["type"] not in KEYLESS:
            if type(data.get("idempotencyKey")) is not str or type(data.get("requestHash")) is not str:
                return None
        return kind, data
    except (ValueError, KeyError, TypeError):
        return None


def balanced(event):
    sums = {}
    for leg in event["data"]["legs"] if (event["type"], event["version"]) in BALANCED else []:
        sums[leg["currency"]] = sums.get(leg["currency"], 0) + int(leg["amount"])
    return not any(sums.values())


def fold(state, value):
    """The state behind a record, and the data of a commit that counts. It goes on over alarms: see `read`."""
    decoded = decode(value, state["generation"])
    state = {**state, "offset": state["offset"] + 1}

    def alarmed(state, reason, seq=None):
        return {**state, "alarm": state["alarm"] or {"reason": reason, "seq": seq, "offset": state["offset"] - 1}}

    def void(reason=None, seq=None, state=state):
        return {**(alarmed(state, reason, seq) if reason else state), "voids": state["voids"] + 1}, None

    def announced(state):
        return alarmed(state, "unknown_generation") if data["eventGeneration"] > KNOWN_GENERATION else state

    if decoded is None:
        return void("unreadable_record")
    kind, data = decoded
    if kind == "ignorable":
        return state, None
    if kind == "micropay.genesis.v1":
        if state["genesis"]:
            return void()
        if data["partition"] != state["partition"]:
            raise Stop("wrong_ledger")
        first = hashlib.sha256(f'{data["ledgerId"]}\n{data["partition"]}'.encode()).digest()
        return {**state, "genesis": data, "hash": base64url(first)}, None
    epoch = data["epoch"]
    unclaimed = epoch > state["epoch"] or state["epochBefore"] < epoch < state["epoch"]
    if kind == "micropay.heartbeat.v1":
        return void("epoch_never_claimed") if unclaimed else (state, None)
    if not state["genesis"]:
        raise Stop("no_genesis")
    linked = base64url(hashlib.sha256(bytes_of(state["hash"]) + value).digest())
    if kind == "micropay.commit.v1":
        seq = data["seq"]
        if unclaimed:
            return void("epoch_never_claimed", seq)
        if epoch < state["epoch"]:
            return void()
        if seq <= state["seqAtClaim"]:
            return void("fork", seq)
        if seq <= state["seq"]:
            return void()
        if seq != state["seq"] + 1 or data["previousHash"] != state["hash"]:
            return void("chain_broken", seq)
        before, now = state["decidedAt"], data["decidedAt"]
        step = milliseconds(now) - milliseconds(before) if before else 0
        aged = state["agedMs"] + min(DAY_MS, max(0, step))
        return {**state, "seq": seq, "hash": linked, "decidedAt": now, "agedMs": aged}, data
    if epoch <= state["epoch"]:
        changed = kind == "micropay.resume.v1" and state["epochBefore"] < epoch - 1 < state["epoch"]
        return void("epoch_never_claimed", data["seq"]) if changed else void()
    if epoch > state["epoch"] + MOST_EPOCH_STEP:
        return void("epoch_never_claimed", data["seq"] if kind == "micropay.resume.v1" else None)
    claimed = {**state, "epoch": epoch, "epochBefore": state["epoch"], "claimId": data["claimId"],
               "seqAtClaim": state["seq"], "generation": max(state["generation"], data["eventGeneration"])}
    if kind == "micropay.claim.v1":
        return announced(claimed), None
    seq = data["seq"]
    if (data["previousSeq"], data["previousHash"]) != (state["seq"], state["hash"]) or seq <= state["seq"]:
        return void("resume_mismatch", seq, claimed)
    return announced({**claimed, "seq": seq, "seqAtClaim": seq, "hash": linked, "alarm": None,
                      "generation": data["eventGeneration"]}), None


def accepted(state, values):
    """How far a person has accepted what stands in front: the offset behind the next resume that counts, or none."""
    try:
        for value in values[state["offset"]:]:
            alarms = state["alarm"] is not None
            state, _ = fold(state, value)
            if alarms and state["alarm"] is None:
                return state["offset"]
    except Stop:
        pass
    return None


def movements(event):
    """What a payment moves, leg by leg: version 1 has two legs in each posting."""
    if "legs" in event["data"]:
        return [(leg["account"], int(leg["amount"])) for leg in event["data"]["legs"]]
    return [moved for posting in event["data"]["postings"]
            for moved in ((posting["from"], -int(posting["amount"])), (posting["to"], int(posting["amount"])))]


def book(balances, tenant, events):
    """Each tenant has ids of accounts of its own."""
    own = balances.setdefault(tenant, {})
    for event in events:
        if event["type"] == "AccountOpened":
            own.setdefault(event["data"]["accountId"], 0)
        for account, minor in movements(event) if event["type"] in POSTED else []:
            if account.startswith(UNOPENED):
                own.setdefault(account, 0)
            own[account] += minor


def read(values, partition):
    """What a partition comes to, its commits that count by seq, and its resumes: (previous seq, seq, hash)."""
    state, balances, commits, resumes, accepted_to = begin(partition), {}, {}, [], 0
    try:
        for value in values:
            after, counted = fold(state, value)
            if after["alarm"] and state["offset"] >= accepted_to:
                accepted_to = accepted(state, values)
                if accepted_to is None:
                    raise Stop(after["alarm"]["reason"])
            if not counted and after["seq"] > state["seq"]:
                resumes.append((state["seq"], after["seq"], after["hash"]))
            state = after
            if counted:
                book(balances, counted["tenant"], counted["events"])
                commits[state["seq"]] = (state["hash"], counted)
    except Stop as stop:
        return {**state, "balances": balances, "stopped": str(stop)}, commits, resumes
    return {**state, "balances": balances, "stopped": None}, commits, resumes


def told(result):
    balances = {tenant: {account: str(minor) for account, minor in own.items()} for tenant, own in result["balances"].items()}
    return {**result, "balances": balances}


def read_all(values_of):
    """Every partition that the first one's genesis names."""
    first = read(values_of(0), 0)
    partitions = first[0]["genesis"]["partitions"] if first[0]["genesis"] else 1
    return [first] + [read(values_of(partition), partition) for partition in range(1, partitions)]


if __name__ == "__main__":
    source, *arguments = sys.argv[1:]
    values_in = {"postgres": postgres_values, "kafka": kafka_values, "eventstoredb": eventstoredb_values}[source]
    where = arguments[:1] if source == "postgres" else arguments[:2]
    wanted, *payment = arguments[len(where):] or ["0"]
    if wanted == "all":
        every = read_all(lambda partition: values_in(*where, partition))
        commits, resumes = [own for _, own, _ in every], [own for _, _, own in every]
        answer = {"partitions": [told(result) for result, _, _ in every], **judge(commits, resumes)}
        if payment:
            answer["steps"] = follow(commits, payment[0])
        wrong = answer["faults"] or any(result["stopped"] for result, _, _ in every)
    else:
        result, _, _ = read(values_in(*where, int(wanted)), int(wanted))
        answer, wrong = told(result), result["stopped"]
    print(json.dumps(answer))
    sys.exit(1 if wrong else 0)
