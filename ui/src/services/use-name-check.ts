import type { PayeeChecked } from '@micropay/schemas/api/payee'
import { useState } from 'react'
import type { FailedIntent } from '../api/idempotent-intent.ts'
import { checkPayee, type NameQuestion } from '../data/payees/payees.ts'
import { useServices } from './app-context.ts'
import { useIntent } from './use-intent.ts'

/** What one was told of a name, or why nothing was told; undefined as long as it was not asked. */
export type NameCheck =
  | { readonly kind: 'told'; readonly question: NameQuestion; readonly told: PayeeChecked }
  | { readonly kind: 'failed'; readonly question: NameQuestion; readonly failure: FailedIntent<NameQuestion> }

/** Asks each question once: what was told stays, since every question counts towards those of a day. */
export function useNameCheck() {
  const { client } = useServices()
  const [told, setTold] = useState<readonly NameCheck[]>([])
  const asking = useIntent(
    (question: NameQuestion, key) => checkPayee(client, question, key),
    ({ value }, question) => setTold((before) => [...before, { kind: 'told', question, told: value }]),
  )
  const { failure } = asking
  const of = (question: NameQuestion): NameCheck | undefined => {
    const known = told.find((each) => isSame(each.question, question))
    if (known || !failure || !isSame(failure.intent.request, question)) return known
    return { kind: 'failed', question, failure }
  }
  return {
    of,
    /** Nothing is asked where no name was typed, or it was told before. */
    ask: (question: NameQuestion) => {
      if (question.name !== '' && of(question)?.kind !== 'told' && !asking.isPending) asking.submit(question)
    },
    isPending: asking.isPending,
  }
}

function isSame(one: NameQuestion, other: NameQuestion): boolean {
  return one.accountId === other.accountId && one.name === other.name
}
