import { systemClock } from '@micropay/runtime/clock'
import type { Journal } from './journal.ts'

/** What a client was told: `status` 0 when nothing came, or what came was no answer. */
export type Answer = {
  readonly status: number
  readonly code?: string | undefined
  readonly position?: string | undefined
  readonly replayed?: boolean | undefined
  readonly paymentId?: string | undefined
  /** It is under way: what becomes of it is told whoever asks again. */
  readonly isPending?: boolean | undefined
  readonly decidedAt?: string | undefined
  /** What waits for a second person, and the hash of what was asked for. */
  readonly proposalId?: string | undefined
  readonly hash?: string | undefined
  readonly periodId?: string | undefined
}

/** Who asks, where it is not the first operator. */
export type Person = 'olga' | 'otto' | 'fiona' | 'frank'

export type Asking = {
  readonly journal: Journal
  token(person?: Person): Promise<string>
  /** Told of every success that is no repetition, with the times when it was asked for and given (monotonic). */
  onSuccess(success: Success): void
}
export type Success = {
  readonly worker: string
  readonly position: string
  readonly askedAtMs: number
  readonly toldAtMs: number
}

/** `patienceMs` is how long the client waits for its answer. */
export type Command = {
  readonly key: string
  readonly path: string
  readonly body: unknown
  readonly patienceMs: number
  readonly person?: Person
  /** What is sent as `Prefer`. */
  readonly prefer?: string
}
export type Target = { readonly name: string; readonly url: string }

/** Sends one command to one worker, writing down that it does before, and what it was told after. */
export async function ask(asking: Asking, sent: Command, worker: Target): Promise<Answer> {
  const { key, path, body } = sent
  const id = asking.journal.nextId()
  const at = () => systemClock.nowMs()
  asking.journal.write({ line: 'attempt', id, at: at(), key, worker: worker.name, path, body })
  const askedAtMs = systemClock.monotonicMs()
  const answer = await answerOf(asking, worker.url, sent)
  asking.journal.write({ line: 'answer', id, at: at(), ...answer })
  if (answer.status === 201 && answer.position !== undefined && answer.replayed !== true) {
    const { position } = answer
    asking.onSuccess({ worker: worker.name, position, askedAtMs, toldAtMs: systemClock.monotonicMs() })
  }
  return answer
}

async function answerOf(
  { token }: Asking,
  url: string,
  { key, path, body, patienceMs, person, prefer }: Command,
): Promise<Answer> {
  try {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: {
        ...{ authorization: await token(person), 'content-type': 'application/json', 'idempotency-key': key },
        ...(prefer === undefined ? {} : { prefer }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patienceMs),
    })
    const told: unknown = await answer.json()
    return {
      status: answer.status,
      code: textIn(told, 'code'),
      position: answer.headers.get('position') ?? textIn(told, 'position'),
      replayed: answer.headers.get('idempotent-replayed') === 'true',
      paymentId: textIn(told, 'paymentId'),
      isPending: textIn(told, 'status') === 'pending',
      decidedAt: textIn(told, 'decidedAt'),
      proposalId: textIn(told, 'proposalId'),
      hash: textIn(told, 'hash'),
      periodId: textIn(told, 'periodId'),
    }
  } catch {
    return { status: 0 }
  }
}

/** One payment's share of a batch, each written down as an attempt of its own. */
export async function askBatch(asking: Asking, commands: readonly Command[], worker: Target): Promise<void> {
  const ids = commands.map(({ key, path, body }) => {
    const id = asking.journal.nextId()
    const attempt = { line: 'attempt', id, at: systemClock.nowMs(), key, worker: worker.name } as const
    asking.journal.write({ ...attempt, path, body })
    return id
  })
  const askedAtMs = systemClock.monotonicMs()
  const results = await resultsOf(asking, commands, worker.url)
  for (const [index, id] of ids.entries()) {
    const answer = results[index] ?? { status: 0 }
    asking.journal.write({ line: 'answer', id, at: systemClock.nowMs(), ...answer })
    if (answer.status !== 201 || answer.position === undefined || answer.replayed === true) continue
    const { position } = answer
    asking.onSuccess({ worker: worker.name, position, askedAtMs, toldAtMs: systemClock.monotonicMs() })
  }
}

async function resultsOf({ token }: Asking, commands: readonly Command[], url: string): Promise<readonly Answer[]> {
  try {
    const payments = commands.map(({ key, body }) => Object.assign({ idempotencyKey: key }, body))
    const answer = await fetch(`${url}/v1/payments/batch`, {
      method: 'POST',
      headers: { authorization: await token(), 'content-type': 'application/json' },
      body: JSON.stringify({ payments }),
      signal: AbortSignal.timeout(Math.max(...commands.map(({ patienceMs }) => patienceMs))),
    })
    const told: unknown = await answer.json()
    if (answer.status !== 200) {
      return commands.map(() => ({ status: answer.status, code: textIn(told, 'code') }))
    }
    const results = valueIn(told, 'results')
    return Array.isArray(results) ? results.map(answerIn) : []
  } catch {
    return []
  }
}

function answerIn(result: unknown): Answer {
  const [payment, problem] = [valueIn(result, 'payment'), valueIn(result, 'problem')]
  return {
    status: Number(valueIn(result, 'status')),
    code: textIn(problem, 'code'),
    position: textIn(result, 'position'),
    replayed: valueIn(result, 'replayed') === true,
    paymentId: textIn(payment, 'paymentId'),
    isPending: textIn(payment, 'status') === 'pending',
    decidedAt: textIn(payment, 'decidedAt'),
  }
}

export function valueIn(record: unknown, name: string): unknown {
  return record instanceof Object ? Object.entries(record).find(([key]) => key === name)?.[1] : undefined
}

export function textIn(record: unknown, name: string): string | undefined {
  const value = valueIn(record, name)
  return typeof value === 'string' ? value : undefined
}
