import { type WorkerStatus, WorkerStatusList } from '@micropay/schemas/api/worker'
import { type LedgerClient, problemOf } from '@micropay/sdk/ledger-client'

/**
 * A line for each partition at each worker that has something to do with it; those who did not answer stand behind
 * them. True when all answered, and each partition is served by one of them.
 */
export async function showWorkers(ledger: LedgerClient, print: (line: string) => void): Promise<boolean> {
  const answer = await ledger.send({ method: 'GET', path: '/v1/workers' })
  if (answer.status !== 200) throw new Error(`the workers cannot be asked: ${problemOf(answer)}`)
  const { items, unreachable = [] } = WorkerStatusList.parse(answer.body)
  for (const line of workerLines(items)) print(line)
  for (const { worker, url, reason } of unreachable) print(`${worker} at ${url} ${reason}`)
  const partitions = new Set(items.map(({ partition }) => partition))
  const served = new Set(items.filter(({ phase }) => phase === 'serving').map(({ partition }) => partition))
  return unreachable.length === 0 && partitions.size > 0 && served.size === partitions.size
}

const heads = ['PARTITION', 'WORKER', 'PHASE', 'EPOCH', 'SEQ', 'QUEUE', 'OPEN', 'OLDEST', 'INBOX', 'PARKED', 'URL']

/** As a table: the payments across partitions that are open, how old the oldest is, and messages that came. */
export function workerLines(items: readonly WorkerStatus[]): readonly string[] {
  const rows = [heads, ...items.map(cellsOf)]
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

function cellsOf({ worker, partition, phase, part, epoch, seq, queued, ...rest }: WorkerStatus): readonly string[] {
  const shown = phase === 'waiting for the lease' && part === 'follow' ? 'follows' : phase
  const { underWay, parked, url } = rest
  const { open, oldestMs, received } = underWay ?? {}
  const oldest = open === undefined || open === 0 || oldestMs === undefined ? '-' : `${(oldestMs / 1000).toFixed(1)} s`
  const counts = [open, received, parked?.kept].map((count) => (count === undefined ? '-' : String(count)))
  const [opened = '', came = '', left = ''] = counts
  const place = [String(partition), worker, shown, String(epoch), String(seq), String(queued)]
  return [...place, opened, oldest, came, left, url ?? '-']
}
