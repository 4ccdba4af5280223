import type { NewRecord } from '@micropay/event-log/event-log'
import type { ProblemCode } from '@micropay/schemas/api/problem'
import type { Commit } from '@micropay/schemas/log/commit'
import { decodeRecord } from '@micropay/schemas/log/ledger-record'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import type { CommandRequest } from '@micropay/write-side/handle/command'
import { scopedKeyOf } from '@micropay/write-side/state/partition-state'
import type { Attempt } from './attempt.ts'
import { commitKey } from './commit-key.ts'
import type { Fail } from './violation.ts'

/** What was asked for under each key, by its hash. */
export function createBodies() {
  const byKey = new Map<string, Map<string, LedgerCommand>>()
  const of = (key: string) => byKey.get(key) ?? new Map<string, LedgerCommand>()
  return {
    of,
    ask(request: CommandRequest): void {
      const key = scopedKeyOf(request)
      byKey.set(key, of(key).set(request.requestHash, request.command))
    },
  }
}

export function checkRefusal(key: string, code: ProblemCode, requests: number, fail: Fail): void {
  if (code === 'internal' || code === 'decision_failed') fail({ rule: 'no bugs', detail: `${key}: ${code}` })
  if (code === 'idempotency_key_reused' && requests < 2) {
    fail({ rule: 'a key is reused', detail: `${key} was only ever used for one request` })
  }
}

type Sent = {
  readonly process: string
  readonly atMs: number
  readonly id: string
  readonly requestHash: string
}

/** Commits on their way to the log, and whose callers were told that nothing was appended. */
export function createDrafts(nowMs: () => number) {
  const byId = new Map<string, { readonly process: string; readonly atMs: number }>()
  const byKey = new Map<string, Sent[]>()
  const denied = new Set<string>()
  return {
    sent(process: string, records: readonly NewRecord[]): void {
      for (const { key, value } of records) {
        const record = key === '' ? undefined : decodeRecord(value)
        if (record?.kind !== 'commit') continue
        const [scopedKey, id, atMs] = [commitKey(record.commit), idOf(record.commit), nowMs()]
        byId.set(id, { process, atMs })
        const { requestHash = '' } = record.commit
        byKey.set(scopedKey, [...(byKey.get(scopedKey) ?? []), { process, atMs, id, requestHash }])
      }
    },
    sentMs: (commit: Commit) => byId.get(idOf(commit))?.atMs ?? nowMs(),
    /** Undefined for what no worker wrote. */
    writerOf: (commit: Commit) => byId.get(idOf(commit))?.process,
    isDenied: (commit: Commit) => denied.has(idOf(commit)),
    /** What this attempt sent must not count; true when it does already. */
    deny({ process, request, sinceMs }: Attempt, counted: Commit | undefined): boolean {
      const sent = (byKey.get(scopedKeyOf(request)) ?? []).filter(
        (each) => each.process === process && each.atMs >= sinceMs && each.requestHash === request.requestHash,
      )
      for (const { id } of sent) denied.add(id)
      return counted !== undefined && sent.some(({ id }) => id === idOf(counted))
    },
  }
}

function idOf(commit: Commit): string {
  return `${commit.epoch}:${commit.seq}:${commitKey(commit)}`
}
