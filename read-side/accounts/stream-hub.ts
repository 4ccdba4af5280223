import type { AccountsDatabase } from '@micropay/projections/accounts/tables'
import type { Logger } from '@micropay/runtime/logger'
import type { Position } from '@micropay/schemas/position'
import type { AccountName } from '../position/account-name.ts'
import type { Change, ChangeFeed } from '../position/change-feed.ts'
import type { ReadModel } from '../position/open-database.ts'
import { inSnapshot } from '../position/snapshot.ts'
import { loadAccountRows } from './account-queries.ts'
import type { AccountStream } from './account-stream.ts'

/**
 * Hands what the projection tells to every live stream of this process. The accounts that changed are read once for all
 * of them, and while that goes on the next changes gather.
 */
export function createStreamHub(deps: {
  model: ReadModel<AccountsDatabase>
  feed: ChangeFeed
  logger: Logger
}): StreamHub {
  const streams = new Map<AccountStream, () => void>()
  const gathered: Gathered = { positions: new Map(), accounts: new Map() }
  let loading = false
  const missAll = () => {
    gathered.positions.clear()
    gathered.accounts.clear()
    for (const [stream, wake] of streams) {
      stream.miss()
      wake()
    }
  }
  const load = async () => {
    const positions = [...gathered.positions].map(([partition, seq]) => ({ partition, seq }))
    const accounts = [...gathered.accounts.values()]
    gathered.positions.clear()
    gathered.accounts.clear()
    try {
      const rows = await inSnapshot(deps.model, ({ db }) => loadAccountRows(db, accounts))
      if (!rows) return missAll()
      for (const [stream, wake] of streams) {
        stream.offer(positions, rows)
        if (stream.hasEvents()) wake()
      }
    } catch (error) {
      deps.logger.warn({ err: error }, 'changed accounts could not be read for the live streams')
      missAll()
    }
  }
  const loadAll = async () => {
    loading = true
    while (gathered.positions.size > 0) await load()
    loading = false
  }
  const unsubscribe = deps.feed.subscribe((change: Change) => {
    if (streams.size === 0) return
    if (!change.accounts || !change.position) return missAll()
    gather(gathered, change.position, change.accounts)
    if (gathered.accounts.size > MAX_GATHERED) return missAll()
    if (!loading) void loadAll()
  })
  return {
    size: () => streams.size,
    add(stream, wake) {
      streams.set(stream, wake)
      return () => void streams.delete(stream)
    },
    close: unsubscribe,
  }
}

export type StreamHub = {
  size(): number
  /** `wake` is called when the stream has events; the answer removes it. */
  add(stream: AccountStream, wake: () => void): () => void
  close(): void
}

const MAX_GATHERED = 5_000

type Gathered = {
  readonly positions: Map<number, number>
  /** Each once, by tenant and id. */
  readonly accounts: Map<string, AccountName>
}

function gather(gathered: Gathered, { partition, seq }: Position, accounts: readonly AccountName[]): void {
  gathered.positions.set(partition, seq)
  // No id of an account holds a space.
  for (const account of accounts) gathered.accounts.set(`${account.tenant} ${account.accountId}`, account)
}
