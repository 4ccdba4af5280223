import type { MakePayment } from '@micropay/schemas/api/payment'
import { partitionOf } from '@micropay/schemas/placement'
import { type LedgerCommand, partitionFor } from '../decide/decide.ts'

/**
 * Keeps the order of a batch where partitions do not: each decides its own in the order in which they come, but what a
 * payment across them brings to another one is there only once it is decided. Whoever pays from there waits for it.
 */
export type BatchOrder<Outcome> = {
  /** What has to be known before an item is decided; undefined where it may be handed over at once. */
  before(command: LedgerCommand): Promise<readonly Outcome[]> | undefined
  /** It was handed over, or will be; nothing waits for it once `outcome` is a decision, which never rejects. */
  add(command: LedgerCommand, outcome: Promise<Outcome>, isLate: boolean): void
}

type Options<Outcome> = {
  readonly partitions: number
  /** Whether an account is known to have no limit: then no order matters to it. Asked elsewhere, it is asked once. */
  readonly isUnlimited: (accountId: string) => boolean | Promise<boolean>
  /** Whether an outcome says what became of an item: what pays from its accounts is not tried otherwise. */
  readonly isDecided: (outcome: Outcome) => boolean
}

export function createBatchOrder<Outcome>({
  partitions,
  isUnlimited,
  isDecided,
}: Options<Outcome>): BatchOrder<Outcome> {
  /** By account, what is to change it and is not decided on its partition yet. */
  const coming = new Map<string, Set<Promise<Outcome>>>()
  const told = new Map<string, boolean | Promise<boolean>>()
  function asked(accountId: string): boolean | Promise<boolean> {
    const known = told.get(accountId) ?? isUnlimited(accountId)
    if (!told.has(accountId) && typeof known !== 'boolean') {
      told.set(accountId, known)
      void known.then((answer) => told.set(accountId, answer))
    }
    return known
  }
  function expect(accountId: string, outcome: Promise<Outcome>): void {
    const all = coming.get(accountId) ?? new Set()
    coming.set(accountId, all.add(outcome))
    void outcome.then((known) => {
      if (!isDecided(known)) return
      all.delete(outcome)
      if (all.size === 0 && coming.get(accountId) === all) coming.delete(accountId)
    })
  }
  return {
    before(command) {
      if (command.type !== 'MakePayment' || coming.size === 0) return undefined
      const awaited = sidesOf(command.data).debited.flatMap((id): Promise<readonly Outcome[]>[] => {
        const all = coming.get(id)
        const isFree = all ? asked(id) : true
        if (!all || isFree === true) return []
        const outcomes = Promise.all(all)
        return [isFree === false ? outcomes : isFree.then((answer) => (answer ? [] : outcomes))]
      })
      return awaited.length === 0 ? undefined : Promise.all(awaited).then((each) => each.flat())
    },
    add(command, outcome, isLate) {
      if (command.type !== 'MakePayment') return
      const { debited, credited } = sidesOf(command.data)
      const decidedOn = partitionFor(command, partitions)
      const isElsewhere = (id: string) => partitionOf(id, partitions) !== decidedOn
      const isAcross = [...debited, ...credited].some(isElsewhere)
      if (!isAcross && !isLate) return
      // What it takes where it is decided is held from then on.
      const taken = isLate ? debited : debited.filter(isElsewhere)
      for (const id of new Set([...credited, ...taken])) expect(id, outcome)
    },
  }
}

type Asked = Pick<MakePayment, 'postings' | 'legs'>

function sidesOf({ postings = [], legs = [] }: Asked) {
  const isDebit = ({ amount }: { readonly amount: string }) => amount.startsWith('-')
  return {
    debited: [...postings.map(({ from }) => from), ...legs.filter(isDebit).map(({ account }) => account)],
    credited: [...postings.map(({ to }) => to), ...legs.filter((leg) => !isDebit(leg)).map(({ account }) => account)],
  }
}
