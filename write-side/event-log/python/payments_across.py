"""Payments across partitions, by docs/log-protocol.md alone: follows one, and judges what all partitions say of each other.

A partition is given as its commits that count: by seq the hash behind one, and its data.
"""

#: Of each event the name of the step, and what the steps on other partitions are that it may rest on.
BEGUN = ("prepare", "settle")
RESTS_ON = {
    "prepared": ("prepare",), "settled": ("settle",), "posted": ("completed",), "released": ("failed",),
    "refused": BEGUN + ("failed", "cancelling"), "completed": ("prepared", "settled"), "failed": ("refused", "released"),
    "ended": ("posted", "refused", "released"), "cancelling": (), "prepare": (), "settle": ()}
NAMES = {"PaymentCompleted": "completed", "PaymentFailed": "failed", "CancelRequested": "cancelling",
         "PaymentEnded": "ended", "LegsPrepared": "prepared", "LegsReleased": "released", "LegsRefused": "refused"}


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


def place_of(payment):
    _, partition, seq = payment.split("-")
    return int(partition), int(seq)


def step_of(events):
    """The name of a commit's step, its event and the payments that it is of; the coordinator's own legs go with another."""
    for event in events:
        data = event["data"]
        if event["type"] == "PaymentInitiated":
            return ("settle" if data.get("settles") else "prepare"), data, [data["paymentId"]]
        if event["type"] == "LegsPosted":
            return ("posted" if data["promised"] else "settled"), data, [data["paymentId"]]
        if event["type"] in NAMES:
            return NAMES[event["type"]], data, data.get("paymentIds") or [data["paymentId"]]
    return None


def steps_in(commits):
    """Every step of every payment across partitions, each with the commits that it rests on."""
    steps, participants = {}, {}
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
                count = len(participants.get(payment, [])) if name == "ended" else len(causes)
                mine, causes = causes[:count], causes[count:]
                steps.setdefault(payment, []).append(
                    {"partition": partition, "seq": seq, "hash": linked, "step": name, "causes": mine, "data": data,
                     "event": event})
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


def judge(commits):
    """What is wrong with payments across partitions, what is under way, and what stands on transit accounts."""
    steps, participants = steps_in(commits)
    faults, open_payments, transit = [], [], {}
    for payment, own in steps.items():
        coordinator, began = place_of(payment)
        at = {(step["partition"], step["seq"]): step for step in own}
        names = {(step["partition"], step["step"]) for step in own}
        tell = lambda what: faults.append(f"{payment}: {what}")
        if began not in commits[coordinator] or payment not in participants:
            tell("it never began")
            continue
        for step in own:
            judge_step(step, at, commits, participants[payment], coordinator, tell)
        done = {partition for partition, name in names if name in ("posted", "settled")}
        refused = {partition for partition, name in names if name in ("refused", "released")}
        if (coordinator, "completed") in names and refused or (coordinator, "failed") in names and done:
            tell("it happened on one partition and not on another")
        if len(done | refused) < len(participants[payment]) or not is_over(own, coordinator):
            open_payments.append(payment)
        between = {}
        for step in own:
            for event in step["data"]["events"]:
                for leg in event["data"]["legs"] if event["type"] == "LegsPosted" else []:
                    if leg["account"].startswith("transit/"):
                        other = int(leg["account"].split("/")[1])
                        pair = tuple(sorted((step["partition"], other))) + (leg["currency"],)
                        between[pair] = between.get(pair, 0) + int(leg["amount"])
        for (one, other, currency), minor in between.items():
            far = other if one == coordinator else one
            if minor and far in done and (coordinator, "completed") in names:
                tell(f"{minor} of {currency} are left between {one} and {other}")
            name = f"{one} {other} {currency}"
            transit[name] = transit.get(name, 0) + minor
    return {"faults": faults, "underWay": sorted(open_payments, key=place_of),
            "transit": {name: str(minor) for name, minor in sorted(transit.items())}}


def is_over(own, coordinator):
    return any(step["step"] == "ended" or step["event"].get("ended") for step in own if step["partition"] == coordinator)


def judge_step(step, at, commits, participants, coordinator, tell):
    name, where = step["step"], f'{step["step"]} at {step["partition"]}:{step["seq"]}'
    said = [cause["partition"] for cause in step["causes"]]
    if name in ("completed", "ended") and said != participants:
        tell(f"{where} has no word of {sorted(set(participants) - set(said))}")
    if step["partition"] != coordinator and said != [coordinator]:
        tell(f"{where} has no word of its coordinator")
    for cause in step["causes"]:
        counted = commits[cause["partition"]].get(cause["seq"])
        other = at.get((cause["partition"], cause["seq"]))
        if not counted or not other:
            tell(f'{where} rests on {cause["partition"]}:{cause["seq"]}, which is no commit of it')
        elif counted[0] != cause["hash"]:
            tell(f"{where} rests on a commit of another hash")
        elif other["step"] not in RESTS_ON[name]:
            tell(f'{where} rests on {other["step"]}')
        elif name in ("prepared", "settled"):
            asked = [leg for leg in other["event"]["legs"]
                     if partition_of(leg["account"], len(commits)) == step["partition"]]
            legs = [leg for leg in step["event"]["legs"] if not leg["account"].startswith("transit/")]
            if asked != legs or other["data"]["tenant"] != step["data"]["tenant"]:
                tell(f"{where} is of other legs than were asked for")
