import { openMemoryParkingLot } from '@micropay/event-log/memory/parked'
import { placeOfId } from '@micropay/schemas/identifiers'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { type AcrossJudge, createAcrossJudge } from '@micropay/write-side/verify/across/judge-across'
import type { Fail } from '../violation.ts'
import { judgeLog } from './judge-log.ts'
import { isGone } from './lost-spans.ts'
import { closingIn } from './periods.ts'
import { answerOf, type Truth } from './truth.ts'
import type { World } from './world.ts'

/** Whether payments are still under way, a promise still stands, or what holds for all is not known everywhere. */
export function unfinished({ oracle }: Pick<World, 'oracle'>): string | undefined {
  // What is decided for all is not decided anew where its home has lost it.
  const isHomeWhole = oracle.truths[0]?.spans.length === 0
  for (const truth of oracle.truths) {
    const { partition, begun, parts, accounts, zone, unanswered } = truth
    if (isHomeWhole && zone() !== oracle.truths[0]?.zone())
      return `partition ${partition} takes days to be of ${zone()}`
    const closing = closingIn(truth)
    if (closing) return `${closing.id} is being closed on partition ${partition}`
    if (isHomeWhole && truth.lockedBefore() !== oracle.truths[0]?.lockedBefore())
      return `all before ${truth.lockedBefore()} is closed on partition ${partition}`
    if (unanswered.size > 0) return `${[...unanswered]} have not said what they know of what ${partition} lost`
    const open = [...begun].find(([, { ended }]) => !ended)
    if (open) return `${open[0]} is ${open[1].state}`
    const left = [...parts].find(([id, { state }]) => state === 'posted' && isGone(oracle.truths, placeOfId(id)))
    if (left) return `${left[0]} is posted on ${partition}, and gone`
    const promise = [...parts].find(([, { state }]) => state === 'prepared')
    if (promise) return `${promise[0]} is promised on ${partition}`
    const held = [...accounts].find(([, { held, due }]) => held !== 0n || due !== 0n)
    if (held) return `${held[0]} has ${held[1].held} held and ${held[1].due} due`
  }
  return undefined
}

/** What must hold once nothing is under way, and everybody was told. */
export async function checkAtRest(world: World): Promise<void> {
  const { oracle, fail } = world
  const open = unfinished(world)
  if (open !== undefined) fail({ rule: 'every payment ends', detail: open })
  checkTransit(oracle.truths, fail)
  for (const truth of oracle.truths) {
    checkOutcomes(truth, world)
    checkTold(truth, world)
    const wrong = judgeLog(world, truth)
    if (wrong !== undefined) fail({ rule: 'a log is judged sound', detail: `${truth.partition}: ${wrong}` })
  }
  checkAcross(world)
  await checkParked(world)
}

/** Whoever reads all partitions, each as far as it got, finds no fault. */
function checkAcross({ oracle, random, fail }: World): void {
  for (let look = 0; look <= LOOKS; look += 1) {
    const judge = createAcrossJudge(oracle.truths.length)
    for (const { partition, commits, spans } of oracle.truths) {
      const entries = [...commits.map(({ commit: { seq } }) => seq), ...spans.map(({ seq }) => seq)].sort(
        (a, b) => a - b,
      )
      const read = look === LOOKS ? entries : entries.slice(0, random.below(entries.length + 1))
      for (const seq of read) takeAt(judge, oracle.truths[partition] as Truth, seq)
    }
    const { faults, waiting, underWay } = judge.result()
    const [fault] = faults
    if (fault) fail({ rule: 'partitions agree', detail: `${fault.code} at ${fault.position}: ${fault.detail}` })
    const isLeft = look === LOOKS && waiting + underWay.payments > 0
    if (isLeft) fail({ rule: 'partitions agree', detail: `${waiting} wait, and ${underWay.payments} are under way` })
  }
}

const LOOKS = 4

function takeAt(judge: AcrossJudge, truth: Truth, seq: number): void {
  const found = truth.at(seq)
  const span = truth.spans.find((each) => each.seq === seq)
  const place = { partition: truth.partition, seq, hash: found?.hash ?? span?.hash ?? '' }
  if (found) judge.take(found.commit, place)
  else judge.resumed({ previousSeq: span?.after ?? 0, eventGeneration: EVENT_GENERATION }, place)
}

/** What left one partition for another has come there. */
function checkTransit(truths: readonly Truth[], fail: Fail): void {
  for (const { partition, transits } of truths) {
    for (const [id, minor] of transits) {
      const [, other, currency] = id.split('/')
      const there = truths[Number(other)]?.transits.get(`transit/${partition}/${currency}`) ?? 0n
      if (minor + there !== 0n)
        fail({ rule: 'nothing is on its way', detail: `${id} on ${partition} is ${minor}, ${there}` })
    }
  }
}

/** Each payment has one outcome on all of its partitions. */
function checkOutcomes({ partition, begun }: Truth, { oracle, fail }: World): void {
  for (const [paymentId, { participants, state }] of begun) {
    const did = oracle.outcomes.of(paymentId)
    const wanted = state === 'completed' ? 'posted' : 'refused'
    for (const each of [partition, ...participants]) {
      if (did.get(each) === wanted) continue
      fail({ rule: 'a payment is whole', detail: `${paymentId} is ${state}, and ${did.get(each)} on ${each}` })
    }
  }
}

/** Nothing that was told is otherwise by now. */
function checkTold(truth: Truth, { oracle, fail }: World): void {
  for (const [scopedKey, keyed] of truth.keys) {
    const said = oracle.told.finally(truth.partition, scopedKey)
    const answer = answerOf(truth, keyed)
    const counts = typeof answer === 'object' ? answer.code : answer
    if (said !== undefined && said !== counts)
      fail({ rule: 'an answer is for ever', detail: `${scopedKey}: ${said}, and it is ${counts}` })
  }
}

/** Only what no worker wrote, or what was changed on its way, is put aside. */
async function checkParked({ parked, inbox, fail }: World): Promise<void> {
  for (const { partition, value, reason } of await openMemoryParkingLot(parked).list()) {
    if (inbox.isStrange(value)) continue
    const text = Buffer.from(value).toString().slice(0, 200)
    fail({ rule: 'only what is strange is parked', detail: `on ${partition}: ${reason}: ${text}` })
  }
}
