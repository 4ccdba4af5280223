import { ProjectionStatusList } from '@micropay/schemas/api/projection'
import { WorkerStatusList } from '@micropay/schemas/api/worker'
import { type LedgerClient, problemOf } from '@micropay/sdk/ledger-client'
import { count } from './progress.ts'

/**
 * Whether the gateway is ready, which partitions are stopped, and how far each read model is; true when nothing stands
 * still or failed.
 */
export async function showStatus(ledger: LedgerClient, url: string, print: (line: string) => void): Promise<boolean> {
  const ready = await ledger.send({ method: 'GET', path: '/health/ready' })
  print(`${url}: ${ready.status === 200 ? 'ready' : problemOf(ready)}`)
  const workers = await ledger.send({ method: 'GET', path: '/v1/workers' })
  const stopped = workers.status === 200 ? WorkerStatusList.parse(workers.body).items.filter((one) => one.stopped) : []
  for (const worker of stopped) print(`  partition ${worker.partition} (worker ${worker.worker}): ${worker.stopped}`)
  const answer = await ledger.send({ method: 'GET', path: '/v1/projections' })
  if (answer.status !== 200) throw new Error(`the read models cannot be asked: ${problemOf(answer)}`)
  const { items, unreachable } = ProjectionStatusList.parse(answer.body)
  for (const model of items) {
    const name = `${model.service}/${model.name} v${model.version} (${model.schema}, ${model.state})`
    const lag = `${model.lagRecords === null ? '?' : count(model.lagRecords)} records and ${model.lagSeconds.toFixed(1)} s behind`
    print(`  ${name}: position ${model.position}, ${lag}${model.stopped ? `, STOPPED: ${model.stopped}` : ''}`)
  }
  const failed = new Map(items.map(({ service, name, lastFailure }) => [`${service}/${name}`, lastFailure]))
  for (const [name, failure] of failed) {
    if (failure) print(`  ${name}: LAST ${failure.what.toUpperCase()} FAILED at ${failure.at}: ${failure.reason}`)
  }
  for (const { service, reason } of unreachable) print(`  ${service}: ${reason}`)
  const isWell =
    stopped.length === 0 && items.every(({ stopped, lastFailure }) => stopped === null && lastFailure === null)
  return ready.status === 200 && unreachable.length === 0 && isWell
}
