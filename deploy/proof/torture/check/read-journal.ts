import { readFileSync } from 'node:fs'

export type Posting = { readonly from: string; readonly to: string; readonly amount: string; readonly currency: string }
export type Leg = {
  readonly account: string
  readonly amount: string
  readonly currency: string
  readonly stands?: string | undefined
}
/** What a payment says that it moves, as a client asks for it and as the log has it. */
export type Paid = { readonly postings?: readonly Posting[]; readonly legs?: readonly Leg[] }
/** What is asked for beside that: each command has some of it. */
export type Asked = Paid & {
  readonly accountId?: string
  readonly paymentId?: string
  readonly periodId?: string
  readonly proposalId?: string
  readonly effectiveAt?: string
  readonly amount?: string
  readonly reason?: string
  readonly direction?: string
  readonly overdraftLimit?: string
  readonly command?: string
  readonly people?: number
  readonly through?: string
  readonly seq?: number
  readonly hash?: string
}

export type Answer = {
  readonly at: number
  readonly status: number
  readonly code?: string | undefined
  readonly position?: string | undefined
  readonly replayed?: boolean | undefined
  readonly paymentId?: string | undefined
  /** It is under way: what becomes of it is told whoever asks again. */
  readonly isPending?: boolean | undefined
  readonly decidedAt?: string | undefined
  readonly proposalId?: string | undefined
  readonly hash?: string | undefined
  readonly periodId?: string | undefined
}
export type Attempt = {
  readonly id: number
  readonly at: number
  readonly key: string
  readonly worker: string
  readonly path: string
  readonly body: Asked
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

/** The payer's leg of each posting is the first, and below zero. */
export function legsOf({ postings = [], legs = [] }: Paid): Leg[] {
  const pairs = postings.flatMap(({ from, to, amount, currency }) => [
    { account: from, amount: `-${amount}`, currency },
    { account: to, amount, currency },
  ])
  return [...pairs, ...legs]
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
