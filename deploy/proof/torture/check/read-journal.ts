import { readFileSync } from 'node:fs'

export type Posting = { readonly from: string; readonly to: string; readonly amount: string; readonly currency: string }

export type Answer = {
  readonly at: number
  readonly status: number
  readonly code?: string | undefined
  readonly position?: string | undefined
  readonly replayed?: boolean | undefined
  readonly paymentId?: string | undefined
  readonly decidedAt?: string | undefined
}
export type Attempt = {
  readonly id: number
  readonly at: number
  readonly key: string
  readonly worker: string
  readonly command: 'payment' | 'account'
  readonly body: { readonly postings?: readonly Posting[]; readonly accountId?: string }
  answer?: Answer
}
export type Read = {
  readonly at: number
  readonly accountId: string
  readonly atLeast: string
  readonly status: number
  readonly position?: string | undefined
  readonly balance?: string
  readonly stale?: boolean
}

/** What the clients wrote down: each attempt with its answer, and each balance that was read. */
export function readJournal(path: string): { readonly attempts: readonly Attempt[]; readonly reads: readonly Read[] } {
  const attempts = new Map<number, Attempt>()
  const reads: Read[] = []
  for (const text of readFileSync(path, 'utf8').split('\n')) {
    if (text === '') continue
    const line = JSON.parse(text)
    if (line.line === 'attempt') attempts.set(line.id, line)
    else if (line.line === 'read') reads.push(line)
    else {
      const attempt = attempts.get(line.id)
      if (attempt === undefined) throw new Error(`an answer to attempt ${line.id}, which nobody made`)
      attempt.answer = line
    }
  }
  return { attempts: [...attempts.values()], reads }
}
