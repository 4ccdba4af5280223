import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Commit, commitOf, timeOf } from '@micropay/local/checkout'

/**
 * The newest commit of which a ledger is kept: the code before this one, as far as shapes go that are stored. Throws an
 * Error where the history of this checkout does not reach back to each.
 */
export async function releaseBefore(repository: string): Promise<Commit> {
  const names = readdirSync(join(repository, 'deploy/proof/ledgers'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
  const found = await Promise.all(
    names.map(async (name) => {
      const commit = await commitOf(repository, name)
      if (commit) return { commit, at: await timeOf(repository, commit) }
      throw new Error(
        `the commit ${name}, of which a ledger is kept, is not in the history of this checkout: ` +
          'fetch all of it (git fetch --unshallow), or nothing is known of the release before this one',
      )
    }),
  )
  const [newest] = found.toSorted((one, other) => other.at - one.at)
  if (!newest) throw new Error('no ledger of earlier code is kept')
  return newest.commit
}
