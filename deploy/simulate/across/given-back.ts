import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Commit } from '@micropay/schemas/log/commit'
import type { Leg, Truth } from './truth.ts'

/** What refunds may still give back of each payment: one that fails leaves it as it was. */
export type GivenBack = { take(commit: Commit, truth: Truth): string | undefined }

export function createGivenBack(): GivenBack {
  const left = new Map<PaymentId, Map<string, bigint>>()
  const legsOf = new Map<PaymentId, { readonly of: PaymentId; readonly legs: readonly Leg[] }>()

  function give(of: PaymentId, legs: readonly Leg[], times: bigint): string | undefined {
    const moved = left.get(of)
    if (!moved) return `${of} is given back, which is no payment`
    for (const { account, amount } of legs) {
      const before = moved.get(account) ?? 0n
      const behind = before + BigInt(amount) * times
      moved.set(account, behind)
      if (times > 0n && before > 0n !== behind > 0n && behind !== 0n) return `${account} had ${before} left of ${of}`
      if (times > 0n && before * before < behind * behind) return `${account} has more left of ${of} than before`
    }
    return undefined
  }
  return {
    take({ events }, { begun }) {
      for (const { type, data } of events) {
        if (type === 'PaymentFailed') {
          const refund = legsOf.get(data.paymentId)
          if (refund) give(refund.of, refund.legs, -1n)
        }
        if (type !== 'PaymentPosted' && type !== 'PaymentInitiated') continue
        if (!data.reverses) {
          left.set(data.paymentId, movedBy(data.legs))
          continue
        }
        const { paymentId: of } = data.reverses
        const state = begun.get(of)?.state
        if (state !== undefined && state !== 'completed') return `${of} is ${state}`
        legsOf.set(data.paymentId, { of, legs: data.legs })
        const wrong = give(of, data.legs, 1n)
        if (wrong !== undefined) return wrong
      }
      return undefined
    },
  }
}

function movedBy(legs: readonly Leg[]): Map<string, bigint> {
  const moved = new Map<string, bigint>()
  for (const { account, amount } of legs) moved.set(account, (moved.get(account) ?? 0n) + BigInt(amount))
  return moved
}
