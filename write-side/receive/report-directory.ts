import type { Http } from '@micropay/runtime/http'
import type { Directory } from '@micropay/schemas/api/directory'
import type { Shares } from '../share/shares.ts'

/** GET /directory, for gateways: nobody signs in for it, as for /health, and it says nothing of the ledger. */
export function reportDirectory(app: Http, shares: Pick<Shares, 'view' | 'ownerOf'>): void {
  app.get('/directory', { schema: { hide: true } }, async () => directoryOf(shares))
}

function directoryOf({ view, ownerOf }: Pick<Shares, 'view' | 'ownerOf'>): Directory {
  const { workers = new Map(), holders = [] } = view() ?? {}
  const names = [...workers.keys()]
  const owners = holders.map((_, partition) => {
    const at = names.indexOf(ownerOf(partition)?.workerId)
    return at < 0 ? null : at
  })
  return { workers: Array.from(workers, ([worker, { url }]) => ({ worker, url })), owners }
}
