import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { EventLog } from '@micropay/event-log/event-log'
import { foldLog } from '@micropay/event-log/fold-log'
import { initialFold } from '@micropay/event-log/fold-state'
import type { Commit } from '@micropay/schemas/log/commit'
import type { KeptEntry, KeptState } from '@micropay/write-side/state/kept-state'
import { type Moved, movedBy } from './moved.ts'

type Kept = Extract<KeptState, { kind: 'kept' }>

/** What was decided and does not count: whoever gave it was told that it happened. */
export type LostCommit = {
  readonly position: string
  readonly decidedAt: string
  readonly tenant: string
  readonly client: string
  readonly subject: string
  readonly idempotencyKey: string
  readonly outcome: string
  /** `log`: its record stands in the log and does not count; `state`: only a worker's state still knows of it. */
  readonly knownBy: 'log' | 'state'
  /** What it moved, in minor units; a state does not know. */
  readonly payments?: readonly Moved[]
}

/** A record that was overwritten: what it held is not in the log any more. */
export type LostRecord = {
  /** Which it had if it was a commit, rather than a claim or a heartbeat. */
  readonly position: string
  readonly offset: string
  readonly knownBy: 'nobody'
}

/**
 * What states know at each position where the log counts something else, or nothing. Memory grows with what is lost
 * alone.
 */
export async function findLostCommits(
  log: EventLog,
  partition: number,
  states: readonly Kept[],
  signal: AbortSignal,
): Promise<Map<number, KeptEntry>> {
  const lost = new Map<number, KeptEntry>()
  for (const state of states) {
    const entries = state.entries(1)[Symbol.iterator]()
    let next = entries.next()
    const loseBelow = (seq: number) => {
      for (; !next.done && next.value.seq < seq; next = entries.next()) lost.set(next.value.seq, next.value)
    }
    await foldLog(log, initialFold(partition), {
      ...{ signal, until: await log.end(partition) },
      each: (folded) => {
        if (folded.kind !== 'counted') return
        const { commit } = folded
        loseBelow(commit.seq)
        if (next.done || next.value.seq !== commit.seq) return
        if (!isOf(next.value, commit)) lost.set(commit.seq, next.value)
        next = entries.next()
      },
    })
    loseBelow(Number.POSITIVE_INFINITY)
  }
  return lost
}

/** Whether a state's entry is of that very commit. */
export function isOf({ requestHash, decidedAt }: KeptEntry, commit: Commit): boolean {
  return requestHash === commit.requestHash && decidedAt === commit.decidedAt
}

export function lostInState(partition: number, entry: KeptEntry): LostCommit {
  const { seq, scopedKey, decidedAt, rejection } = entry
  const [tenant = '', client = '', subject = '', ...key] = scopedKey.split('\n')
  const outcome = rejection ? `refused: ${rejection.code}` : 'accepted'
  const position = `${partition}:${seq}`
  return { position, decidedAt, tenant, client, subject, idempotencyKey: key.join('\n'), outcome, knownBy: 'state' }
}

export function lostInLog(partition: number, commit: Commit): LostCommit {
  const { seq, decidedAt, tenant, actor, idempotencyKey = '', outcome } = commit
  return {
    ...{ position: `${partition}:${seq}`, decidedAt, tenant, client: actor.client, subject: actor.subject },
    ...{ idempotencyKey, outcome: outcome.kind === 'accepted' ? 'accepted' : `refused: ${outcome.code}` },
    ...{ knownBy: 'log', payments: movedBy(commit) },
  }
}

/** A JSON object a line, readable by its owner alone. */
export async function writeLostCommits(path: string, lost: AsyncIterable<LostCommit | LostRecord>): Promise<void> {
  const lines = async function* () {
    for await (const one of lost) yield `${JSON.stringify(one)}\n`
  }
  await pipeline(Readable.from(lines()), createWriteStream(path, { mode: 0o600, flags: 'wx', flush: true }))
}
