import { writeFile } from 'node:fs/promises'
import type { EventLog } from '@micropay/event-log/event-log'
import { foldRecord } from '@micropay/event-log/fold'
import { initialFold } from '@micropay/event-log/fold-state'
import type { KeptEntry, KeptState } from '@micropay/write-side/state/kept-state'

type Kept = Extract<KeptState, { kind: 'kept' }>

/** What a worker's state knows was decided, and the log no longer says: whoever gave it was told that it happened. */
export type LostCommit = {
  readonly position: string
  readonly decidedAt: string
  readonly tenant: string
  readonly client: string
  readonly subject: string
  readonly idempotencyKey: string
  readonly outcome: string
}

/** Compares what each position led to with what counts there in the log. Memory grows with what is lost alone. */
export async function findLostCommits(
  log: EventLog,
  partition: number,
  states: readonly Kept[],
  signal: AbortSignal,
): Promise<readonly LostCommit[]> {
  const lost = new Map<number, KeptEntry>()
  for (const state of states) {
    const entries = state.entries(1)[Symbol.iterator]()
    let next = entries.next()
    const loseBelow = (seq: number) => {
      for (; !next.done && next.value.seq < seq; next = entries.next()) lost.set(next.value.seq, next.value)
    }
    let fold = initialFold(partition)
    const options = { signal, until: await log.end(partition) }
    for await (const records of log.read(partition, 0n, options)) {
      for (const record of records) {
        const folded = foldRecord(fold, record)
        fold = folded.state
        if (folded.kind !== 'counted') continue
        const { commit } = folded
        loseBelow(commit.seq)
        if (next.done || next.value.seq !== commit.seq) continue
        const isSame = next.value.requestHash === commit.requestHash && next.value.decidedAt === commit.decidedAt
        if (!isSame) lost.set(commit.seq, next.value)
        next = entries.next()
      }
    }
    signal.throwIfAborted()
    loseBelow(Number.POSITIVE_INFINITY)
  }
  return [...lost.values()].sort((a, b) => a.seq - b.seq).map((entry) => lostCommitOf(partition, entry))
}

function lostCommitOf(partition: number, { seq, scopedKey, decidedAt, rejection }: KeptEntry): LostCommit {
  const [tenant = '', client = '', subject = '', ...key] = scopedKey.split('\n')
  const outcome = rejection ? `refused: ${rejection.code}` : 'accepted'
  const position = `${partition}:${seq}`
  return { position, decidedAt, tenant, client, subject, idempotencyKey: key.join('\n'), outcome }
}

/** A JSON object a line, readable by its owner alone. */
export async function writeLostCommits(path: string, lost: readonly LostCommit[]): Promise<void> {
  const lines = lost.map((one) => `${JSON.stringify(one)}\n`)
  await writeFile(path, lines.join(''), { mode: 0o600, flag: 'wx' })
}
