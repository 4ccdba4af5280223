"""Payments across partitions, by docs/log-protocol.md alone: follows one, and judges what all partitions say of each other.

A partition is given as its commits that count: by seq the hash behind one, and its data.
"""

#: Of each step what those on other partitions are that it may rest on; `resumed` is a resume of its coordinator.
BEGUN = ("prepare", "settle")
COMPLETED = ("completed", "learned")
POSTED = ("posted", "settled", "forced")
LET_BE = ("refused", "released")
RESTS_ON = {
    "prepared": ("prepare",), "settled": ("settle",), "posted": COMPLETED + ("reopened",),
    "forced": COMPLETED + ("reopened",), "released": ("failed", "reopened", "resumed"), "written off": ("resumed",),
    "refused": BEGUN + ("failed", "cancelling", "reopened"), "completed": ("prepared", "settled"), "learned": POSTED,
    "failed": LET_BE, "ended": ("posted", "forced") + LET_BE, "cancelling": (), "prepare": (), "settle": (),
    "reopened": ("resumed",)}
NAMES = {"PaymentFailed": "failed", "CancelRequested": "cancelling", "PaymentEnded": "ended",
         "PaymentReopened": "reopened", "LegsPrepared": "prepared", "LegsReleased": "released", "LegsRefused": "refused",
         "LegsWrittenOff": "written off"}


def placement_key(account):
    opened = account.find("{")
    closed = account.find("}", opened + 1)
    return account[opened + 1:closed] if opened >= 0 and closed > opened + 1 else account


def partition_of(account, partitions):
    """CRC-16/XMODEM of the placement key."""
    crc = 0
    for byte in placement_key(account).encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc % partitions


def home_of(account, partitions):
    """A suspense account names its own partition."""
    return int(account.split("/")[1]) if account.startswith("suspense/") else partition_of(account, partitions)


def place_of(payment):
    _, partition, seq = payment.split("-")
    return int(partition), int(seq)


def step_of(events):
    """The name of a commit's step, its event and the payments that it is of; the coordinator's own legs go with another."""
    for event in events:
        data = event["data"]
        if event["type"] == "PaymentInitiated":
            return ("settle" if data.get("settles") else "prepare"), data, [data["paymentId"]]
        if event["type"] == "PaymentCompleted":
            return ("learned" if data.get("learned") else "completed"), data, [data["paymentId"]]
        if event["type"] == "LegsPosted":
            name = "forced" if data.get("forced") else "posted" if data["promised"] else "settled"
            return name, data, [data["paymentId"]]
        if event["type"] in NAMES:
            return NAMES[event["type"]], data, data.get("paymentIds") or [data["paymentId"]]
    return None


def steps_in(commits):
    """Every step of every payment across partitions, each with the commits that it rests on, and whom it asks."""
    steps, participants, asks = {}, {}, {}
    for own in commits:
        for _, data in own.values():
            for event in data["events"]:
                if event["type"] == "PaymentInitiated":
                    participants[event["data"]["paymentId"]] = event["data"]["participants"]
    for partition, own in enumerate(commits):
        for seq, (linked, data) in own.items():
            found = step_of(data["events"])
            if not found:
                continue
            name, event, payments = found
            causes = list(data.get("causes", []))
            for payment in payments:
                asked = asks.get(payment, participants.get(payment, []))
                count = len(asked) if name == "ended" else len(causes)
                mine, causes = causes[:count], causes[count:]
                if name == "reopened":
                    asks[payment] = event["asks"]
                steps.setdefault(payment, []).append(
                    {"partition": partition, "seq": seq, "hash": linked, "step": name, "causes": mine, "data": data,
                     "event": event, "asks": asked})
    return steps, participants


def follow(commits, payment):
    """The steps of one payment, each behind those that it rests on, and behind those before it on its partition."""
    left = steps_in(commits)[0].get(payment, [])
    ordered = []
    while left:
        waiting = {(step["partition"], step["seq"]) for step in left}
        ready = [step for step in left
                 if not any((cause["partition"], cause["seq"]) in waiting for cause in step["causes"])
                 and not any(p == step["partition"] and s < step["seq"] for p, s in waiting)]
        if not ready:
            break
        ordered += sorted(ready, key=lambda step: (step["data"]["decidedAt"], step["partition"]))
        left = [step for step in left if step not in ready]
    return [{"position": f'{step["partition"]}:{step["seq"]}', "step": step["step"],
             "events": [event["type"] for event in step["data"]["events"]],
             "restsOn": [f'{cause["partition"]}:{cause["seq"]}' for cause in step["causes"]]} for step in ordered]


def judge(commits, resumes):
    """What is wrong with payments across partitions, what is under way, and what stands on transit accounts."""
    steps, participants = steps_in(commits)
    faults, open_payments, transit = [], [], {}
    for payment, own in steps.items():
        coordinator, began = place_of(payment)
        at = {(step["partition"], step["seq"]): step for step in own}
        names = {(step["partition"], step["step"]) for step in own}
        tell = lambda what: faults.append(f"{payment}: {what}")
        lost = is_gone(resumes, coordinator, began)
        if not lost and (began not in commits[coordinator] or payment not in participants):
            tell("it never began")
            continue
        for step in own:
            judge_step(step, at, commits, resumes, participants.get(payment, []), coordinator, tell)
        done = {partition for partition, name in names if name in POSTED}
        refused = {partition for partition, name in names if name in LET_BE}
        completed = any((coordinator, name) in names for name in COMPLETED)
        if completed and refused or (coordinator, "failed") in names and done:
            tell("it happened on one partition and not on another")
        if lost:
            left = {step["partition"]: step["step"] for step in sorted(own, key=lambda step: step["seq"])}
            if any(name in POSTED + ("prepared",) for name in left.values()):
                open_payments.append(payment)
        elif len(done | refused) < len(participants[payment]) or not is_over(own, coordinator):
            open_payments.append(payment)
        between = {}
        for step in own:
            for event in step["data"]["events"]:
                for leg in event["data"]["legs"] if event["type"] in ("LegsPosted", "LegsWrittenOff") else []:
                    if leg["account"].startswith("transit/"):
                        other = int(leg["account"].split("/")[1])
                        pair = tuple(sorted((step["partition"], other))) + (leg["currency"],)
                        between[pair] = between.get(pair, 0) + int(leg["amount"])
        for (one, other, currency), minor in between.items():
            far = other if one == coordinator else one
            if minor and (far in done and completed or (far, "written off") in names):
                tell(f"{minor} of {currency} are left between {one} and {other}")
            name = f"{one} {other} {currency}"
            transit[name] = transit.get(name, 0) + minor
    faults += judge_history(commits, resumes)
    return {"faults": faults, "underWay": sorted(open_payments, key=place_of),
            "transit": {name: str(minor) for name, minor in sorted(transit.items())}}


def judge_history(commits, resumes):
    """Who accepts what another partition has lost names its resume; who was answered, what accepts it."""
    faults = []
    for partition, own in enumerate(commits):
        for seq, (_, data) in own.items():
            for event in data["events"]:
                if event["type"] not in ("HistoryAccepted", "HistoryAnswered"):
                    continue
                other, causes = event["data"]["partition"], data.get("causes", [])
                cause = causes[0] if causes else {"partition": None, "seq": 0, "hash": ""}
                if cause["partition"] == other and is_gone(resumes, other, cause["seq"]):
                    continue
                if event["type"] == "HistoryAccepted":
                    found = [linked for _, behind, linked in resumes[other] if behind == cause["seq"]]
                else:
                    linked, said = commits[other].get(cause["seq"], ("", {"events": []}))
                    found = [linked for each in said["events"] if each["type"] == "HistoryAccepted"
                             and each["data"]["partition"] == partition]
                if cause["partition"] != other or found != [cause["hash"]]:
                    faults.append(f'{event["type"]} at {partition}:{seq} rests on nothing that says so')
    return faults


def is_over(own, coordinator):
    """As the newest word of its coordinator says: it may have been opened again."""
    *_, last = sorted((step for step in own if step["partition"] == coordinator), key=lambda step: step["seq"])
    return last["step"] == "ended" or bool(last["event"].get("ended"))


def is_gone(resumes, partition, seq):
    """What stood between the place that a resume went on from and its own is lost, and a person has accepted that."""
    return any(before < seq < behind for before, behind, _ in resumes[partition])


def judge_step(step, at, commits, resumes, participants, coordinator, tell):
    name, where = step["step"], f'{step["step"]} at {step["partition"]}:{step["seq"]}'
    said = [cause["partition"] for cause in step["causes"]]
    wanted = {"completed": participants, "ended": step["asks"]}.get(name)
    if wanted is not None and said != wanted:
        tell(f"{where} has no word of {sorted(set(wanted) - set(said))}")
    if name == "learned" and (len(said) != 1 or said[0] not in participants):
        tell(f"{where} rests on {said}, and on one of {participants} it must")
    if name in ("learned", "forced") and not any(behind <= step["seq"] for _, behind, _ in resumes[step["partition"]]):
        tell(f"{where} makes good what was never lost")
    if name == "reopened":
        judge_reopened(step, at, resumes, where, tell)
    if step["partition"] != coordinator and said != [coordinator]:
        tell(f"{where} has no word of its coordinator")
    for cause in step["causes"]:
        if not is_gone(resumes, cause["partition"], cause["seq"]):
            judge_cause(step, cause, at, commits, resumes, where, tell)


def judge_reopened(step, at, resumes, where, tell):
    """What each of those had answered that it asks now is gone."""
    answers = {}
    for other in sorted(at.values(), key=lambda each: each["seq"]):
        if other["partition"] == step["partition"] and other["seq"] < step["seq"]:
            if other["step"] in COMPLETED + ("failed", "ended"):
                answers.update({cause["partition"]: cause["seq"] for cause in other["causes"]})
    for partition in step["event"]["asks"]:
        if partition not in answers or not is_gone(resumes, partition, answers[partition]):
            tell(f"{where} asks {partition} again, whose answer is not lost")


def judge_cause(step, cause, at, commits, resumes, where, tell):
    partition, seq = cause["partition"], cause["seq"]
    resumed = next((linked for _, behind, linked in resumes[partition] if behind == seq), None)
    counted, other = commits[partition].get(seq), at.get((partition, seq))
    if resumed is None and not (counted and other):
        tell(f"{where} rests on {partition}:{seq}, which is no commit of it")
    elif (resumed or counted[0]) != cause["hash"]:
        tell(f"{where} rests on a commit of another hash")
    elif ("resumed" if resumed else other["step"]) not in RESTS_ON[step["step"]]:
        tell(f'{where} rests on {"a resume" if resumed else other["step"]}')
    elif not resumed and step["step"] in ("prepared", "settled", "forced"):
        began = next((each for each in at.values() if each["step"] in BEGUN), None)
        if began:
            judge_legs(step, participant_legs(began, step["partition"], len(commits)), began, where, tell)


def participant_legs(other, partition, partitions):
    return [leg for leg in other["event"]["legs"] if home_of(leg["account"], partitions) == partition]


def judge_legs(step, asked, other, where, tell):
    legs = [leg for leg in step["event"]["legs"] if not leg["account"].startswith("transit/")]
    if step["step"] == "forced" and len(asked) == len(legs):
        suspended = [{name: value for name, value in leg.items() if name != "stands"} for leg in asked]
        for leg in suspended:
            leg["account"] = f'suspense/{step["partition"]}/{leg["currency"]}'
        asked = [far if own == far else near for own, near, far in zip(legs, asked, suspended)]
    if asked != legs or other["data"]["tenant"] != step["data"]["tenant"]:
        tell(f"{where} is of other legs than were asked for")
