import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a client wrote down before it asked, and what it was told; `at` is in milliseconds since 1970. */
export type JournalLine =
  | {
      readonly line: 'attempt'
      readonly id: number
      readonly at: number
      readonly key: string
      readonly worker: string
      readonly path: string
      readonly body: unknown
    }
  | {
      readonly line: 'answer'
      readonly id: number
      readonly at: number
      /** 0 when nothing was answered. */
      readonly status: number
      readonly code?: string | undefined
      readonly position?: string | undefined
      readonly replayed?: boolean | undefined
      readonly paymentId?: string | undefined
      readonly isPending?: boolean | undefined
      readonly decidedAt?: string | undefined
      readonly proposalId?: string | undefined
      readonly hash?: string | undefined
      readonly periodId?: string | undefined
    }
  | {
      readonly line: 'read'
      readonly at: number
      readonly accountId: string
      readonly atLeast: string
      readonly status: number
      readonly position?: string | undefined
      readonly balance?: string | undefined
      readonly stale?: boolean | undefined
    }

/** An append-only file of what clients asked and were told; what is in it survives this process. */
export type Journal = {
  write(line: JournalLine): void
  nextId(): number
}

export function openJournal(directory: string): Journal {
  const path = join(directory, 'journal.jsonl')
  let last = 0
  return {
    write: (line) => appendFileSync(path, `${JSON.stringify(line)}\n`),
    nextId: () => {
      last += 1
      return last
    },
  }
}
