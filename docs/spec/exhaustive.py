"""Every reachable state of one payment with up to four participants, by the tables of the saga (README.md).

    python3 exhaustive.py [MOST_PARTICIPANTS]

The net is the set of messages ever sent: any may arrive, any number of times, in any order, or never, and all may be
lost; so repetition, delay, reordering and sending again are all in it. The coordinator may forget the votes that it
heard (a restart), or decide in vain, and forgets the payment as it ends; a participant may refuse at will; the payer
may cancel at will. In every state: never both posted and refused, never posted twice; and the end, where the
coordinator has forgotten and nothing is promised or held, can still be reached. `cut` is the shortest way to a
violation. Exit code 1 when the tables are not sound or a mutation was not caught.
"""
import collections
import sys
from collections import namedtuple

REQUESTS = {"preparing": "prepare", "completed": "commit", "failed": "cancel", "asked": "settle",
            "cancelling": "cancel"}
ANSWERS = {"preparing": "prepared", "completed": "posted", "failed": "refused"}
#: (mutation, participants, the coordinator's first state)
MUTATIONS = (("release_by_time", 1, "asked"), ("refuse_untold", 1, "asked"), ("cancel_untold", 1, "asked"),
             ("forget_early", 1, "asked"), ("no_low_check", 1, "asked"), ("forget_early", 1, "preparing"),
             ("no_low_check", 1, "preparing"), ("refuse_untold", 1, "preparing"), ("cancel_untold", 2, "preparing"),
             ("late_prepared_revives", 1, "preparing"), ("first_vote_decides", 2, "preparing"),
             ("end_early", 1, "preparing"), ("end_early", 2, "preparing"), ("votes_survive", 1, "preparing"))
MOST_STATES = 3_000_000

#: `state` is "-" once the coordinator has forgotten the payment, and `answer` what its key says: pending, completed or
#: failed. `net` holds (kind, participant).
World = namedtuple("World", "state answer votes participants net")
#: `state` is "-" for none; `times` posted; whether it knows that low has passed this payment.
Participant = namedtuple("Participant", "state times knows_low")


def moves(world, mutation):
    """(what happens, the world after it)"""
    yield from coordinator_moves(world, mutation)
    for index, participant in enumerate(world.participants):
        if world.state == "-" and not participant.knows_low:
            state = participant.state if participant.state == "prepared" else "-"
            learned = participant._replace(state=state, knows_low=True)
            yield "P%d learns low" % index, with_participant(world, index, learned)
        if mutation == "forget_early" and participant.state in ("posted", "refused"):
            yield "P%d forgets" % index, with_participant(world, index, participant._replace(state="-"))
    for kind, index in world.net:
        if kind in REQUESTS.values():
            yield from participant_moves(world, kind, index, mutation)
        else:
            yield from answer_moves(world, kind, index, mutation)


def with_participant(world, index, participant, sent=frozenset()):
    participants = world.participants[:index] + (participant,) + world.participants[index + 1:]
    return world._replace(participants=participants, net=world.net | sent)


def coordinator_moves(world, mutation):
    request = REQUESTS.get(world.state)
    for index in range(len(world.participants) if request else 0):
        if (request, index) not in world.net and (index not in world.votes or request == "settle"):
            yield "C sends %s %d" % (request, index), world._replace(net=world.net | {(request, index)})
    if world.votes and mutation != "votes_survive":
        yield "C restarts", world._replace(votes=frozenset())
    if world.net:
        yield "all lost", world._replace(net=frozenset())
    if world.state == "preparing":
        yield "cancel", decided(world, "failed")
    if world.state == "asked":
        by_time = mutation == "release_by_time"
        yield ("time", decided(world, "failed", "-")) if by_time else ("cancel", world._replace(state="cancelling"))
    if world.state == "completed" and mutation == "end_early":
        yield "C ends", world._replace(state="-")


def decided(world, answer, state=None):
    """The answer moves to the key; what has ended is forgotten."""
    return world._replace(state=state or answer, answer=answer, votes=frozenset())


def participant_moves(world, kind, index, mutation):
    participant = world.participants[index]
    if participant.knows_low and mutation != "no_low_check":
        return

    def becomes(state, answer):
        posted = participant.times + (state == "posted")
        return with_participant(world, index, participant._replace(state=state, times=posted), {(answer, index)})
    refused = "-" if mutation == "refuse_untold" else "refused"
    if participant.state == "-" and kind == "prepare":
        yield "P%d prepares" % index, becomes("prepared", "prepared")
        yield "P%d refuses" % index, becomes(refused, "refused")
    if participant.state == "-" and kind == "settle":
        yield "P%d posts" % index, becomes("posted", "posted")
        yield "P%d refuses" % index, becomes(refused, "refused")
    if participant.state == "-" and kind == "cancel":
        yield "P%d cancels" % index, becomes("-" if mutation == "cancel_untold" else "refused", "refused")
    if participant.state == "prepared" and kind == "cancel":
        yield "P%d releases" % index, becomes("refused", "refused")
    if participant.state == "prepared" and kind == "commit":
        yield "P%d posts" % index, becomes("posted", "posted")
    if participant.state != "-" and (participant.state, index) not in world.net:
        yield "P%d answers" % index, world._replace(net=world.net | {(participant.state, index)})


def answer_moves(world, kind, index, mutation):
    state, count = world.state, len(world.participants)
    if state in ("asked", "cancelling"):
        if kind == "posted":
            yield "C completes", decided(world, "completed", "-")
        if kind == "refused":
            yield "C fails", decided(world, "failed", "-")
    elif state == "preparing" and kind == "refused":
        after = decided(world, "failed", "failed" if count > 1 else "-")
        yield "C fails", after._replace(votes=frozenset({index} if count > 1 else ()))
    elif state == "failed" and kind == "prepared" and mutation == "late_prepared_revives":
        yield "C revives", decided(world, "completed")
    elif kind == ANSWERS.get(state):
        votes = world.votes | {index}
        if len(votes) == count or (mutation == "first_vote_decides" and state == "preparing"):
            after = decided(world, "completed") if state == "preparing" else decided(world, world.answer, "-")
            yield "C decides", after
        if votes != world.votes:
            in_vain = ", its decision is void" if len(votes) == count else ""
            yield "C hears %d%s" % (index, in_vain), world._replace(votes=votes)


def violation(world):
    times = [participant.times for participant in world.participants]
    is_posted = any(times) or world.answer == "completed"
    is_refused = world.answer == "failed" or any(one.state == "refused" for one in world.participants)
    if max(times) > 1:
        return "posted twice"
    if is_posted and is_refused:
        return "in part"
    if world.state == "-" and world.answer == "completed" and min(times) != 1:
        return "completed without all"
    return None


def is_end(world):
    return world.state == "-" and all(one.state != "prepared" for one in world.participants)


def explore(count, first_state, mutation=None):
    """-> (states seen, what is wrong or "sound", the shortest way there)"""
    first = World(first_state, "pending", frozenset(), (Participant("-", 0, False),) * count, frozenset())
    came_from, queue, leads_to = {first: None}, collections.deque([first]), collections.defaultdict(list)

    def way_to(world):
        way = []
        while came_from[world]:
            name, world = came_from[world]
            way.append(name)
        return way[::-1]
    while queue:
        world = queue.popleft()
        wrong = violation(world)
        if wrong:
            return len(came_from), wrong, way_to(world)
        for name, after in moves(world, mutation):
            leads_to[after].append(world)
            if after not in came_from:
                came_from[after] = (name, world)
                queue.append(after)
        if len(came_from) > MOST_STATES:
            return len(came_from), "too many states", []
    stuck = came_from.keys() - all_before(filter(is_end, came_from), leads_to)
    if stuck:
        return len(came_from), "never ends", min(map(way_to, stuck), key=len)
    return len(came_from), "sound", []


def all_before(ends, leads_to):
    """The worlds from which one of the ends can be reached."""
    reaching = set(ends)
    queue = collections.deque(reaching)
    while queue:
        for world in leads_to[queue.popleft()]:
            if world not in reaching:
                reaching.add(world)
                queue.append(world)
    return reaching


def main(most_participants="4"):
    is_wrong = False
    cases = [(1, "asked")] + [(count, "preparing") for count in range(1, int(most_participants) + 1)]
    for count, state in cases:
        states, verdict, cut = explore(count, state)
        is_wrong |= verdict != "sound"
        print("%s, participants %d: %d states, %s %s" % (state, count, states, verdict, ", ".join(cut)), flush=True)
    for mutation, count, state in MUTATIONS:
        states, verdict, cut = explore(count, state, mutation)
        is_wrong |= verdict == "sound"
        print("%s, %s, participants %d: %s; cut: %s" % (mutation, state, count, verdict, ", ".join(cut)), flush=True)
    return int(is_wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
