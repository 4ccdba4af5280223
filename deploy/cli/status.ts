import { VerificationState } from '@micropay/schemas/api/audit'
import { ProjectionStatusList } from '@micropay/schemas/api/projection'
import { type WorkerStatus, WorkerStatusList } from '@micropay/schemas/api/worker'
import { type LedgerClient, problemOf } from '@micropay/sdk/ledger-client'
import { counted } from './progress.ts'

/**
 * First in one line whether the gateway is ready and nothing is stopped or unsound behind it; then which partitions are
 * stopped or had a state that was not to be believed, how far each read model is, and what the last verification found.
 * True when nothing stands still, failed or was changed.
 */
export async function showStatus(ledger: LedgerClient, url: string, print: (line: string) => void): Promise<boolean> {
  const ready = await ledger.send({ method: 'GET', path: '/health/ready' })
  if (ready.status !== 200) print(`${url}: ${problemOf(ready)}`)
  const workers = await ledger.send({ method: 'GET', path: '/v1/workers' })
  const owners = workers.status === 200 ? WorkerStatusList.parse(workers.body).items : []
  const answer = await ledger.send({ method: 'GET', path: '/v1/projections' })
  const models = answer.status === 200 ? ProjectionStatusList.parse(answer.body) : undefined
  const soundness = await askSoundness(ledger)
  if (ready.status === 200) print(`${url}: ${headline(owners, models?.items ?? [], soundness)}`)
  showOwners(owners, print)
  if (models === undefined) throw new Error(`the read models cannot be asked: ${problemOf(answer)}`)
  showModels(models, print)
  const isSound = soundness?.sound !== false
  if (!isSound) print(`  the log is NOT SOUND, verified at ${soundness?.lastAt}: ${soundness?.finding}`)
  const isWell =
    owners.every(({ stopped, stateDiscarded, recordChanged }) => !stopped && !stateDiscarded && !recordChanged) &&
    models.items.every(({ stopped, lastFailure }) => stopped === null && lastFailure === null)
  return ready.status === 200 && models.unreachable.length === 0 && isWell && isSound
}

/** A gateway is ready though nothing is decided behind it: whoever reads one line must read that. */
function headline(
  owners: readonly WorkerStatus[],
  models: ProjectionStatusList['items'],
  soundness: VerificationState | undefined,
): string {
  const served = new Set(owners.filter(({ phase }) => phase === 'serving').map(({ partition }) => partition))
  const still = new Set(owners.filter(({ stopped }) => stopped !== null).map(({ partition }) => partition))
  const partitions = [...still].filter((partition) => !served.has(partition)).sort((a, b) => a - b)
  const stoppedModels = models.filter(({ stopped }) => stopped !== null).length
  const troubles = [
    ...partitions.map((partition) => `partition ${partition} of the ledger is STOPPED`),
    ...(stoppedModels > 0 ? [`${counted(stoppedModels, 'read model')} STOPPED`] : []),
    ...(soundness?.sound === false ? ['the log is NOT SOUND'] : []),
  ]
  return troubles.length === 0 ? 'ready' : `it answers, but ${troubles.join(', ')}`
}

function showOwners(owners: readonly WorkerStatus[], print: (line: string) => void): void {
  for (const { worker, partition, stopped, stateDiscarded, recordChanged, generation } of owners) {
    const who = `  partition ${partition} (worker ${worker})`
    if (generation) print(`${who}: ${generationText(generation)}`)
    if (stopped) print(`${who}: ${stopped}`)
    if (recordChanged) print(`${who}: THE LOG WAS CHANGED, found at ${recordChanged.at}: ${recordChanged.reason}`)
    if (stateDiscarded) print(`${who}: STATE FOLDED ANEW at ${stateDiscarded.at}: ${stateDiscarded.reason}`)
  }
}

function showModels({ items, unreachable }: ProjectionStatusList, print: (line: string) => void): void {
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
}

function generationText({ written, known }: NonNullable<WorkerStatus['generation']>): string {
  const newest = `written in generation ${written}, and the newest known is ${known}`
  return written < known ? `${newest}: raise WRITE_GENERATION once all services are upgraded` : newest
}

/** Whoever was not verified yet, or cannot say, is not taken for changed. */
async function askSoundness(ledger: LedgerClient): Promise<VerificationState | undefined> {
  const answer = await ledger.send({ method: 'GET', path: '/v1/audit/verifications' })
  return answer.status === 200 ? VerificationState.parse(answer.body) : undefined
}
