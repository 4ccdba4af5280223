import { createHash } from 'node:crypto'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'
import { z } from 'zod'

/**
 * Which records count, written from docs/log-protocol.md and sharing no code with the fold: a second opinion on each
 * record.
 */
export type ExpectedFold = {
  /** What a record is, in the order of the log. */
  next(value: Uint8Array): 'counts' | 'other'
  readonly seq: number
  readonly hash: string
  /** What seq was when the epoch began. */
  readonly seqAtClaim: number
  /** Whether something that no honest worker writes stands there, and nobody has accepted it. */
  readonly alarm: boolean
}

const Stored = z.object({
  type: z.string(),
  data: z.object({
    ledgerId: z.string().optional(),
    epoch: z.number().optional(),
    seq: z.number().optional(),
    previousSeq: z.number().optional(),
    previousHash: z.string().optional(),
    eventGeneration: z.number().optional(),
  }),
})

type Data = z.infer<typeof Stored>['data']

export function createExpectedFold(partition: number): ExpectedFold {
  let [epoch, epochBefore, seq, seqAtClaim, hash, alarm] = [0, 0, 0, 0, '', false]
  const chained = (value: Uint8Array) =>
    createHash('sha256').update(Buffer.from(hash, 'base64url')).update(value).digest('base64url')
  const isClaimed = (named = 0) => named === epoch || named <= epochBefore
  const claim = ({ epoch: claimed = 0, eventGeneration = 0 }: Data) => {
    epochBefore = epoch
    epoch = claimed
    seqAtClaim = seq
    alarm ||= eventGeneration > EVENT_GENERATION
  }
  const resume = (data: Data, value: Uint8Array) => {
    const follows = data.previousSeq === seq && data.previousHash === hash && (data.seq ?? 0) > seq
    alarm = !follows
    if (follows) seq = data.seq ?? 0
    claim(data)
    if (follows) hash = chained(value)
  }
  const takesOver = (claimed = 0) => claimed > epoch && claimed <= epoch + 1_000
  const isNext = ({ epoch: named, seq: given = 0, previousHash }: Data) => {
    if (named !== epoch) alarm ||= !isClaimed(named)
    else if (given === seq + 1 && previousHash === hash) return true
    else alarm ||= given <= seqAtClaim || given > seq
    return false
  }
  const count = (value: Uint8Array) => {
    seq += 1
    hash = chained(value)
    return 'counts' as const
  }
  return {
    next(value) {
      const { type, data } = Stored.parse(JSON.parse(Buffer.from(value).toString()))
      if (type === 'micropay.genesis.v1' && hash === '') {
        hash = createHash('sha256').update(`${data.ledgerId}\n${partition}`).digest('base64url')
      } else if (type === 'micropay.claim.v1' && takesOver(data.epoch)) {
        claim(data)
      } else if (type === 'micropay.resume.v1' && takesOver(data.epoch)) {
        resume(data, value)
      } else if (type === 'micropay.heartbeat.v1') {
        alarm ||= !isClaimed(data.epoch)
      } else if (type === 'micropay.commit.v1') {
        return isNext(data) ? count(value) : 'other'
      }
      return 'other'
    },
    get seq() {
      return seq
    },
    get hash() {
      return hash
    },
    get seqAtClaim() {
      return seqAtClaim
    },
    get alarm() {
      return alarm
    },
  }
}
