import type { PaymentId } from '@micropay/schemas/identifiers'
import type { Answer } from '@micropay/schemas/log/message'
import type { Heard } from '../../decide/stepped.ts'

/**
 * What a coordinator was answered since its claim, by payment and partition. It is nowhere else and need not be: who is
 * asked again says it again.
 */
export type HeardAnswers = {
  of(payment: PaymentId): Heard
  /** `isThere` says of one that was heard before whether its commit still is. */
  add(answer: Answer, isThere?: (known: Answer) => boolean): void
  forget(payment: PaymentId): void
  clear(): void
}

const nothing: Heard = new Map()

export function createHeard(): HeardAnswers {
  const heard = new Map<PaymentId, Map<number, Answer>>()
  return {
    of: (payment) => heard.get(payment) ?? nothing,
    add(answer, isThere = () => true) {
      const answers = heard.get(answer.payment) ?? new Map<number, Answer>()
      heard.set(answer.payment, answers)
      // What was promised is posted or refused later, and never the other way round.
      const known = answers.get(answer.from)
      if (answer.kind === 'prepared' && known && isThere(known)) return
      answers.set(answer.from, answer)
    },
    forget: (payment) => heard.delete(payment),
    clear: () => heard.clear(),
  }
}
