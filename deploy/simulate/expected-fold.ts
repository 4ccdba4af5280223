import { createHash } from 'node:crypto'
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
}

const Stored = z.object({
  type: z.string(),
  data: z.object({
    ledgerId: z.string().optional(),
    epoch: z.number().optional(),
    seq: z.number().optional(),
    previousSeq: z.number().optional(),
    previousHash: z.string().optional(),
  }),
})

export function createExpectedFold(partition: number): ExpectedFold {
  let [epoch, seq, seqAtClaim, hash] = [0, 0, 0, '']
  const chained = (value: Uint8Array) =>
    createHash('sha256').update(Buffer.from(hash, 'base64url')).update(value).digest('base64url')
  const takesOver = (claimed = 0) => claimed > epoch && claimed <= epoch + 1_000
  return {
    next(value) {
      const { type, data } = Stored.parse(JSON.parse(Buffer.from(value).toString()))
      if (type === 'micropay.genesis.v1' && hash === '') {
        hash = createHash('sha256').update(`${data.ledgerId}\n${partition}`).digest('base64url')
      } else if (type === 'micropay.claim.v1' && takesOver(data.epoch)) {
        epoch = data.epoch ?? 0
        seqAtClaim = seq
      } else if (type === 'micropay.resume.v1' && takesOver(data.epoch)) {
        epoch = data.epoch ?? 0
        if (data.previousSeq === seq && data.previousHash === hash && (data.seq ?? 0) > seq) {
          seq = data.seq ?? 0
          hash = chained(value)
        }
        seqAtClaim = seq
      } else if (type === 'micropay.commit.v1' && data.epoch === epoch && (data.seq ?? 0) > seqAtClaim) {
        if (data.seq !== seq + 1 || data.previousHash !== hash) return 'other'
        seq += 1
        hash = chained(value)
        return 'counts'
      }
      return 'other'
    },
    get seq() {
      return seq
    },
    get hash() {
      return hash
    },
  }
}
