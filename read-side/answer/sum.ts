import { ProblemError } from '@micropay/runtime/problem-error'
import { SumMinor } from '@micropay/schemas/money'

/**
 * What amounts add up to, in minor units, as answers and files tell it. One that no answer can hold is a 400 that says
 * so, wherever it is told: it is exact, or it is not told at all.
 */
export function toldSum(minor: bigint | string): SumMinor {
  const { data } = SumMinor.safeParse(String(minor))
  if (data !== undefined) return data
  throw new ProblemError('invalid_request', `amounts add up to more than 38 digits here: ${narrow}`)
}

const narrow = 'ask for fewer days, one currency, or one account'
