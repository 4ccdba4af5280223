import { type Account, AccountPage } from '@micropay/schemas/api/account'
import { VerificationState } from '@micropay/schemas/api/audit'
import { type ProjectionStatus, ProjectionStatusList } from '@micropay/schemas/api/projection'
import { type WorkerStatus, WorkerStatusList } from '@micropay/schemas/api/worker'
import { type LedgerClient, problemOf } from '@micropay/sdk/ledger-client'
import { z } from 'zod'
import { sumText } from './moved.ts'
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
  const unsettled = await askUnsettled(ledger)
  if (ready.status === 200) print(`${url}: ${headline(owners, models?.items ?? [], soundness, troubleIn(ready.body))}`)
  showOwners(owners, print)
  showMessages(owners, print)
  if (models === undefined) throw new Error(`the read models cannot be asked: ${problemOf(answer)}`)
  showModels(models, print)
  const isSound = soundness?.sound !== false
  for (const account of unsettled) print(`  ${unsettledText(account)}`)
  if (!isSound) print(`  the log is NOT SOUND, verified at ${soundness?.lastAt}: ${soundness?.finding}`)
  const isWell =
    troubleIn(ready.body) === undefined &&
    owners.every(({ stopped, stateDiscarded, recordChanged }) => !stopped && !stateDiscarded && !recordChanged) &&
    parkedIn(owners).length === 0 &&
    overdueIn(owners).length === 0 &&
    models.items.every(({ stopped, lastFailure }) => stopped === null && lastFailure === null)
  return ready.status === 200 && models.unreachable.length === 0 && isWell && isSound
}

/** What the gateway lacks although it is ready, in its own words. */
function troubleIn(body: unknown): string | undefined {
  return z.object({ trouble: z.string().optional() }).safeParse(body).data?.trouble
}

/** A gateway is ready though nothing is decided behind it: whoever reads one line must read that. */
function headline(
  owners: readonly WorkerStatus[],
  models: ProjectionStatusList['items'],
  soundness: VerificationState | undefined,
  trouble: string | undefined,
): string {
  const served = new Set(owners.filter(({ phase }) => phase === 'serving').map(({ partition }) => partition))
  const stopped = new Set(owners.filter((owner) => owner.stopped !== null).map(({ partition }) => partition))
  const all = [...new Set(owners.map(({ partition }) => partition))].sort((a, b) => a - b)
  const still = all.filter((partition) => !served.has(partition) && stopped.has(partition))
  const waiting = all.filter((partition) => !served.has(partition) && !stopped.has(partition))
  const stoppedModels = new Set(models.filter(({ stopped }) => stopped !== null).map(({ schema }) => schema)).size
  const troubles = [
    ...still.map((partition) => `partition ${partition} of the ledger is STOPPED`),
    ...(waiting.length > 0
      ? [`${named(waiting)} of the ledger ${waiting.length > 1 ? 'are' : 'is'} not served yet`]
      : []),
    ...(parkedIn(owners).length > 0 ? ['messages between partitions are PARKED'] : []),
    ...(overdueIn(owners).length > 0 ? ['payments across partitions DO NOT END'] : []),
    ...(stoppedModels > 0 ? [`${counted(stoppedModels, 'read model')} STOPPED`] : []),
    ...(soundness?.sound === false ? ['the log is NOT SOUND'] : []),
    ...(trouble === undefined ? [] : [trouble]),
  ]
  return troubles.length === 0 ? 'ready' : `it answers, but ${troubles.join(', ')}`
}

function showOwners(owners: readonly WorkerStatus[], print: (line: string) => void): void {
  const written = Map.groupBy(
    owners,
    ({ worker, generation }) => `${worker} ${generation?.written} ${generation?.known}`,
  )
  for (const alike of written.values()) {
    const [first] = alike
    if (!first?.generation) continue
    const partitions = alike.map(({ partition }) => partition)
    print(`  ${named(partitions)} (worker ${first.worker}): ${generationText(first.generation)}`)
  }
  for (const { worker, partition, stopped, stateDiscarded, recordChanged, snapshot } of owners) {
    const who = `  partition ${partition} (worker ${worker})`
    if (stopped) print(`${who}: ${stopped}`)
    if (recordChanged) print(`${who}: THE LOG WAS CHANGED, found at ${recordChanged.at}: ${recordChanged.reason}`)
    if (stateDiscarded) print(`${who}: STATE FOLDED ANEW at ${stateDiscarded.at}: ${stateDiscarded.reason}`)
    const { refused, failed } = snapshot ?? {}
    if (refused) print(`${who}: SNAPSHOT ${refused.name} IS NOT USED, found at ${refused.at}: ${refused.reason}`)
    if (failed) print(`${who}: no snapshots since ${failed.at}: ${failed.reason}`)
  }
}

/** So long behind the deadline of a payment somebody has to look why it is open. */
const OPEN_TOO_LONG_MS = 60_000

/** Each partition that others wait for too long, once, with those that do. */
function overdueIn(owners: readonly WorkerStatus[]) {
  const late = owners.flatMap(({ partition: of, underWay }) =>
    (underWay?.waitsFor ?? [])
      .filter(({ pastDeadlineMs }) => pastDeadlineMs > OPEN_TOO_LONG_MS)
      .map((other) => ({ of, ...other })),
  )
  return [...Map.groupBy(late, ({ partition }) => partition)]
}

/** Whichever worker says it: all of them ask one store. */
function parkedIn(owners: readonly WorkerStatus[]) {
  const kept = new Map(owners.flatMap(({ partition, parked }) => (parked ? [[partition, parked.kept] as const] : [])))
  return [...kept].filter(([, number]) => number > 0)
}

function showMessages(owners: readonly WorkerStatus[], print: (line: string) => void): void {
  for (const [partition, waiting] of overdueIn(owners)) {
    const open = waiting.reduce((sum, each) => sum + each.open, 0)
    const pastMs = Math.max(...waiting.map(({ pastDeadlineMs }) => pastDeadlineMs))
    const who = `${counted(open, 'payment')} of ${named(waiting.map(({ of }) => of))}`
    const late = `${counted(Math.round(pastMs / 1000), 'second')} past the first deadline`
    print(`  partition ${partition}: ${who} WAIT FOR IT, ${late}`)
  }
  for (const [partition, kept] of parkedIn(owners)) {
    print(`  partition ${partition}: ${counted(kept, 'message')} PARKED: micropay parked says why`)
  }
}

/** `partition 3`, or `partitions 0-5, 7`. */
function named(partitions: readonly number[]): string {
  const runs: [number, number][] = []
  for (const partition of partitions.toSorted((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last?.[1] === partition - 1) last[1] = partition
    else runs.push([partition, partition])
  }
  const texts = runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`))
  return `${partitions.length === 1 ? 'partition' : 'partitions'} ${texts.join(', ')}`
}

function showModels({ items, unreachable }: ProjectionStatusList, print: (line: string) => void): void {
  for (const partitions of Map.groupBy(items, ({ schema }) => schema).values()) {
    for (const line of modelLines(partitions)) print(`  ${line}`)
  }
  const failed = new Map(items.map(({ service, name, lastFailure }) => [`${service}/${name}`, lastFailure]))
  for (const [name, failure] of failed) {
    if (failure) print(`  ${name}: LAST ${failure.what.toUpperCase()} FAILED at ${failure.at}: ${failure.reason}`)
  }
  for (const { service, reason } of unreachable) print(`  ${service}: ${reason}`)
}

/** A version, in one line for all partitions that get on, and one for each that does not. */
function modelLines(partitions: readonly ProjectionStatus[]): string[] {
  const isStill = ({ givenUpBy, stopped }: ProjectionStatus) => givenUpBy !== null || stopped !== null
  const [getOn, still] = [partitions.filter((model) => !isStill(model)), partitions.filter(isStill)]
  const [first] = getOn
  const positions = getOn.length === 1 ? `position ${first?.position}` : `${counted(getOn.length, 'partition')}`
  return [
    ...(first ? [`${nameOf(first)}: ${positions}, ${lagOf(getOn)}`] : []),
    ...still.map((model) => {
      const at = `${nameOf(model)}: position ${model.position}`
      if (model.givenUpBy !== null) return `${at}, built on a history before the resume at ${model.givenUpBy}`
      return `${at}, ${lagOf([model])}, STOPPED: ${model.stopped}`
    }),
  ]
}

const nameOf = ({ service, name, version, schema, state }: ProjectionStatus) =>
  `${service}/${name} v${version} (${schema}, ${state})`

/** Where one of them is not known, the sum is not. */
function lagOf(models: readonly ProjectionStatus[]): string {
  const lags = models.map(({ lagRecords }) => lagRecords)
  const known = lags.filter((lag) => lag !== null)
  const sum = known.reduce((total, lag) => total + lag, 0)
  const records = known.length < lags.length ? '? records' : counted(sum, 'record')
  return `${records} and ${Math.max(...models.map(({ lagSeconds }) => lagSeconds)).toFixed(1)} s behind`
}

function generationText({ written, known }: NonNullable<WorkerStatus['generation']>): string {
  const newest = `written in generation ${written}, and the newest known is ${known}`
  return written < known ? `${newest}: raise WRITE_GENERATION once all services are upgraded` : newest
}

/** What lost history has left for staff to settle, the first of it; nothing where it may not be asked. */
async function askUnsettled(ledger: LedgerClient): Promise<AccountPage['items']> {
  const answer = await ledger.send({ method: 'GET', path: '/v1/accounts?unsettled=true&limit=100' })
  return answer.status === 200 ? AccountPage.parse(answer.body).items : []
}

function unsettledText({ accountId, balance, held, overdraftLimit, currency, belowLimitSince }: Account): string {
  if (belowLimitSince === null) return `${accountId}: ${sumText(currency, BigInt(balance))} TO SETTLE, in suspense`
  const below = BigInt(held) - BigInt(balance) - (overdraftLimit === 'unlimited' ? 0n : BigInt(overdraftLimit))
  return `${accountId}: ${sumText(currency, below)} BELOW ITS LIMIT since ${belowLimitSince}, by a payment posted again`
}

/** Whoever was not verified yet, or cannot say, is not taken for changed. */
async function askSoundness(ledger: LedgerClient): Promise<VerificationState | undefined> {
  const answer = await ledger.send({ method: 'GET', path: '/v1/audit/verifications' })
  return answer.status === 200 ? VerificationState.parse(answer.body) : undefined
}
