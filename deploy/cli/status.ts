import { VerificationState } from '@micropay/schemas/api/audit'
import { ProjectionStatusList } from '@micropay/schemas/api/projection'
import { type WorkerStatus, WorkerStatusList } from '@micropay/schemas/api/worker'
import { type LedgerClient, problemOf } from '@micropay/sdk/ledger-client'
import { counted } from './progress.ts'

/**
 * Whether the gateway is ready, which partitions are stopped or had a state that was not to be believed, how far each
 * read model is, and what the last verification found; true when nothing stands still, failed or was changed.
 */
export async function showStatus(ledger: LedgerClient, url: string, print: (line: string) => void): Promise<boolean> {
  const ready = await ledger.send({ method: 'GET', path: '/health/ready' })
  print(`${url}: ${ready.status === 200 ? 'ready' : problemOf(ready)}`)
  const workers = await ledger.send({ method: 'GET', path: '/v1/workers' })
  const owners = workers.status === 200 ? WorkerStatusList.parse(workers.body).items : []
  for (const { worker, partition, stopped, stateDiscarded, generation } of owners) {
    const who = `  partition ${partition} (worker ${worker})`
    if (generation) print(`${who}: ${generationText(generation)}`)
    if (stopped) print(`${who}: ${stopped}`)
    if (stateDiscarded) print(`${who}: STATE FOLDED ANEW at ${stateDiscarded.at}: ${stateDiscarded.reason}`)
  }
  const answer = await ledger.send({ method: 'GET', path: '/v1/projections' })
  if (answer.status !== 200) throw new Error(`the read models cannot be asked: ${problemOf(answer)}`)
  const { items, unreachable } = ProjectionStatusList.parse(answer.body)
  for (const model of items) {
    const name = `${model.service}/${model.name} v${model.version} (${model.schema}, ${model.state})`
    const records = model.lagRecords === null ? '? records' : counted(model.lagRecords, 'record')
    const lag = `${records} and ${model.lagSeconds.toFixed(1)} s behind`
    if (model.givenUpBy !== null) {
      print(`  ${name}: position ${model.position}, built on a history before the resume at ${model.givenUpBy}`)
      continue
    }
    print(`  ${name}: position ${model.position}, ${lag}${model.stopped ? `, STOPPED: ${model.stopped}` : ''}`)
  }
  const failed = new Map(items.map(({ service, name, lastFailure }) => [`${service}/${name}`, lastFailure]))
  for (const [name, failure] of failed) {
    if (failure) print(`  ${name}: LAST ${failure.what.toUpperCase()} FAILED at ${failure.at}: ${failure.reason}`)
  }
  for (const { service, reason } of unreachable) print(`  ${service}: ${reason}`)
  const isSound = await showSoundness(ledger, print)
  const isWell =
    owners.every(({ stopped, stateDiscarded }) => stopped === null && stateDiscarded === null) &&
    items.every(({ stopped, lastFailure }) => stopped === null && lastFailure === null)
  return ready.status === 200 && unreachable.length === 0 && isWell && isSound
}

function generationText({ written, known }: NonNullable<WorkerStatus['generation']>): string {
  const newest = `written in generation ${written}, and the newest known is ${known}`
  return written < known ? `${newest}: raise WRITE_GENERATION once all services are upgraded` : newest
}

/** Whoever was not verified yet, or cannot say, is not taken for changed. */
async function showSoundness(ledger: LedgerClient, print: (line: string) => void): Promise<boolean> {
  const answer = await ledger.send({ method: 'GET', path: '/v1/audit/verifications' })
  if (answer.status !== 200) return true
  const { sound, lastAt, finding } = VerificationState.parse(answer.body)
  if (sound === false) print(`  the log is NOT SOUND, verified at ${lastAt}: ${finding}`)
  return sound !== false
}
