import type { PaymentId } from '@micropay/schemas/identifiers'
import type { PaymentRequest } from './payment-requests.ts'

/** A payment that is to be sent, and what its order with others depends on. */
export type Move = {
  readonly id: PaymentId
  readonly request: PaymentRequest
  /** The accounts on which lines stay in their order. */
  readonly ordered: readonly string[]
  /** By what all its accounts are placed, where that is one: payments of one place keep their order by themselves. */
  readonly place: string | undefined
  readonly bytes: number
}

export type WaveLimits = { readonly payments: number; readonly bytes: number }

/** So much of one request: what a gateway takes is several times that. */
export const MOST_BYTES = 4 * 1024 * 1024

/**
 * Of payments in their order, those that can be sent together: between partitions nothing keeps an order but the answer
 * to what was sent before, so one account's payments come one after the other, and a refund after what it gives back.
 * `rest` is what is left, in its order. The first one always goes.
 */
export function nextWave(
  waiting: readonly Move[],
  limits: WaveLimits,
): { readonly wave: readonly Move[]; readonly rest: readonly Move[] } {
  const wave: Move[] = []
  const rest: Move[] = []
  /** By account the place of what goes; undefined where that is several. */
  const going = new Map<string, string | undefined>()
  const held = new Set<string>()
  const ids = new Set<PaymentId>()
  let bytes = 0
  for (const [index, move] of waiting.entries()) {
    const isFull = wave.length >= limits.payments || (wave.length > 0 && bytes + move.bytes > limits.bytes)
    if (isFull) return { wave, rest: [...rest, ...waiting.slice(index)] }
    const { request, ordered, place } = move
    const follows = (account: string) => !going.has(account) || (place !== undefined && going.get(account) === place)
    const waitsForPayment = request.kind === 'refund' && ids.has(request.of)
    ids.add(move.id)
    if (!waitsForPayment && ordered.every((account) => !held.has(account) && follows(account))) {
      for (const account of ordered) going.set(account, place)
      wave.push(move)
      bytes += move.bytes
    } else {
      for (const account of ordered) held.add(account)
      rest.push(move)
    }
  }
  return { wave, rest }
}

/** Puts payments together to waves, and looks so far ahead for those that can go at once. */
export async function* wavesOf(
  moves: AsyncIterable<Move>,
  limits: WaveLimits,
  lookAhead: number,
): AsyncGenerator<readonly Move[]> {
  const incoming = moves[Symbol.asyncIterator]()
  let waiting: readonly Move[] = []
  let isOver = false
  for (;;) {
    const more: Move[] = []
    while (!isOver && waiting.length + more.length < lookAhead) {
      const next = await incoming.next()
      if (next.done) isOver = true
      else more.push(next.value)
    }
    waiting = [...waiting, ...more]
    if (waiting.length === 0) return
    const { wave, rest } = nextWave(waiting, limits)
    waiting = rest
    yield wave
  }
}
