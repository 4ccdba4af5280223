import { firstDebited, homeOf, placeOf } from './placement.ts'
import { type Attempt, legsOf } from './read-journal.ts'

/** The partition that decides what was asked: a key with another one is another key. */
export function placeOfAttempt({ path, body }: Pick<Attempt, 'path' | 'body'>, partitions: number): number {
  const [, , of, id = ''] = path.split('/')
  if (of === 'accounts') return homeOf(id === '' ? (body.accountId ?? '') : id, partitions)
  if (of === 'payments' && id === '') return homeOf(firstDebited(legsOf(body)), partitions)
  // What holds for the whole ledger is decided on the first.
  return placeOf(id)?.partition ?? 0
}
