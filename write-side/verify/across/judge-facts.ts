import { hash } from 'node:crypto'
import type { AcrossFault } from '@micropay/schemas/api/across'
import type { Cause, Commit } from '@micropay/schemas/log/commit'
import { formatPosition, type Position } from '@micropay/schemas/position'
import { HOME, isLedgerFact } from '../../decide/ledger-facts.ts'
import type { Found } from './found.ts'

/** What another partition says that the home of facts has decided. */
type Taken = { readonly place: Position; readonly cause: Cause | undefined; readonly digest: string }

/**
 * Whether facts of the whole ledger that partitions took over are those that their home has decided. They are few: all
 * of them are remembered.
 */
export function createFactsJudge() {
  const decided = new Map<number, { readonly hash: string; readonly digest: string }>()
  const taken: Taken[] = []
  const waits = ({ cause }: Taken, readHome: number) => cause?.partition === HOME && cause.seq > readHome
  return {
    take(commit: Commit, { partition, seq, hash }: Position & { readonly hash: string }): void {
      const fact = commit.events.find(isLedgerFact)
      if (!fact) return
      const digest = digestOf(commit.tenant, fact)
      if (partition === HOME) decided.set(seq, { hash, digest })
      else taken.push({ place: { partition, seq }, cause: commit.causes?.[0], digest })
    },
    /** The highest seq of the home that one rests on, or 0. */
    wanted: () => taken.reduce((most, { cause }) => Math.max(most, cause?.partition === HOME ? cause.seq : 0), 0),
    waiting: (readHome: number) => taken.filter((each) => waits(each, readHome)).length,
    /** What was taken over and is gone at its home is none. */
    faults: (readHome: number, isGone: (place: Position) => boolean): Found[] =>
      taken
        .filter((each) => !waits(each, readHome) && !(each.cause && isGone(each.cause)))
        .flatMap(({ place, cause, digest }) => {
          const found = cause?.partition === HOME ? decided.get(cause.seq) : undefined
          const named = [{ partition: HOME, seq: 0 }]
          const tell = (code: AcrossFault['code'], detail: string): Found[] => [
            { code, position: formatPosition(place), paymentId: null, detail, named },
          ]
          const where = cause ? formatPosition(cause) : 'nothing'
          if (!cause || !found) return tell('cause_missing', `it took over ${where}, which is no fact of the ledger`)
          if (found.hash !== cause.hash) return tell('cause_changed', `it took over ${where}, which had another hash`)
          return found.digest === digest ? [] : tell('fact_differs', `it took over ${where}, which says otherwise`)
        }),
  }
}

/** What a person gave for a reason stands at home alone. */
function digestOf(tenant: string, fact: { readonly type: string; readonly data: object }): string {
  const { personal: _, ...data } = { personal: undefined, ...fact.data }
  return hash('sha256', JSON.stringify([tenant, fact.type, data]), 'base64url')
}
