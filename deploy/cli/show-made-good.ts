import type { EventLog } from '@micropay/event-log/event-log'
import type { Folded } from '@micropay/event-log/fold'
import { foldLog } from '@micropay/event-log/fold-log'
import { initialFold } from '@micropay/event-log/fold-state'
import { formatPosition } from '@micropay/schemas/position'
import { type Mended, mendedBy } from '@micropay/write-side/verify/across/made-good'
import { sumText } from './moved.ts'
import { counted } from './progress.ts'
import { endWords } from './verification-lines.ts'

/** What one partition says of what another one has lost. */
type Said = {
  readonly partition: number
  readonly mended: Mended[]
  /** Where it says last that what was lost is gone for it, too. */
  accepted: string | undefined
}

/**
 * Lists by partition what was committed about what the resumes of this one gave up: how each payment ended, with its
 * amount, and who has not said yet what it knows. Nothing where it never resumed, or has no others. Reads all of their
 * logs; memory grows with what is listed.
 */
export async function madeGoodLines(log: EventLog, partition: number, signal: AbortSignal): Promise<string[]> {
  let [resumed, partitions] = [undefined as string | undefined, 1]
  let answered = new Map<number, string>()
  const own: Said = { partition, mended: [], accepted: undefined }
  await readAll(log, partition, signal, (folded) => {
    partitions = folded.state.genesis?.partitions ?? partitions
    const { seq } = folded.state
    if (folded.kind === 'resumed') {
      resumed = formatPosition({ partition, seq })
      answered = new Map()
    }
    if (folded.kind !== 'counted') return
    own.mended.push(...mendedBy(folded.commit, { partition, seq }).filter(({ lostBy }) => lostBy.includes(partition)))
    for (const { type, data } of folded.commit.events) {
      if (type === 'HistoryAnswered') answered.set(data.partition, formatPosition({ partition, seq }))
    }
  })
  if (resumed === undefined || partitions === 1) return []
  const others = Array.from({ length: partitions }, (_, other) => other).filter((other) => other !== partition)
  const lines = [`partition ${partition} was resumed at ${resumed}`, ...own.mended.map(mendedText)]
  for (const other of others) {
    const said = await saidBy(log, other, partition, signal)
    const answer = answered.get(other)
    const whether = answer ? `taken over at ${answer}` : 'NOT taken over yet: payments with it wait until it is'
    lines.push(`partition ${other}: ${said.accepted ? `accepted at ${said.accepted}` : 'NOT accepted yet'}, ${whether}`)
    lines.push(...said.mended.map(mendedText))
  }
  const total = lines.length - others.length - 1
  return [...lines, total === 0 ? 'No payment was touched.' : `${counted(total, 'step')} in all.`]
}

async function saidBy(log: EventLog, other: number, partition: number, signal: AbortSignal): Promise<Said> {
  const said: Said = { partition: other, mended: [], accepted: undefined }
  await readAll(log, other, signal, (folded) => {
    if (folded.kind !== 'counted') return
    const place = { partition: other, seq: folded.commit.seq }
    said.mended.push(...mendedBy(folded.commit, place).filter(({ lostBy }) => lostBy.includes(partition)))
    for (const { type, data } of folded.commit.events) {
      if (type === 'HistoryAccepted' && data.partition === partition) said.accepted = formatPosition(place)
    }
  })
  return said
}

async function readAll(log: EventLog, partition: number, signal: AbortSignal, each: (folded: Folded) => void) {
  await foldLog(log, initialFold(partition), { signal, until: await log.end(partition), each })
}

/** `  pay-1-7: written off: …, 12.50 EUR; -12.50 EUR in suspense (0:1203)`. */
function mendedText({ paymentId, kind, amounts, inSuspense, ...place }: Mended): string {
  const text = (sums: ReadonlyMap<string, bigint>) => Array.from(sums, ([of, minor]) => sumText(of, minor)).join(', ')
  const suspense = inSuspense.size > 0 ? `; ${text(inSuspense)} in suspense` : ''
  return `  ${paymentId}: ${text(amounts)} ${endWords[kind]}${suspense} (${formatPosition(place)})`
}
