import { VerificationState } from '@micropay/schemas/api/audit'
import { ProjectionStatusList } from '@micropay/schemas/api/projection'
import { WorkerStatusList } from '@micropay/schemas/api/worker'
import type { LedgerClient } from '@micropay/sdk/ledger-client'

/** What may help: no resume where nothing is stopped, or only by a clock or a disk of this machine. */
export type Help = 'resume' | 'restore' | 'mend this machine'

/** What stands still, and what was found wrong with the log though nothing does. */
export type Stops = {
  /** False where a partition of the ledger itself is stopped. */
  readonly isServed: boolean
  /** False where a read model is stopped. */
  readonly isFollowed: boolean
  readonly help: Help
  /** What it is, and why. */
  readonly lines: readonly string[]
}

/** A service that does not answer now is told by its own words, and stops nothing here. */
export async function findStops(ledger: LedgerClient): Promise<Stops> {
  const workers = WorkerStatusList.safeParse((await ledger.send({ method: 'GET', path: '/v1/workers' })).body).data
  const stopped = (workers?.items ?? []).filter((worker) => worker.stopped !== null)
  const answer = await ledger.send({ method: 'GET', path: '/v1/projections' })
  const models = ProjectionStatusList.safeParse(answer.body).data
  const still = (models?.items ?? []).filter((model) => model.stopped !== null)
  const verified = await ledger.send({ method: 'GET', path: '/v1/audit/verifications' })
  const { sound, lastAt, finding } = VerificationState.safeParse(verified.body).data ?? {}
  const reasons = [...stopped, ...still].map((one) => reasonIn(one.stopped))
  return {
    isServed: stopped.length === 0,
    isFollowed: still.length === 0,
    help: helpFor(reasons, sound !== false),
    lines: [
      ...stopped.map((worker) => `partition ${worker.partition}: ${reasonIn(worker.stopped)}`),
      ...still.map((model) => `read model ${model.schema}, partition ${model.partition}: ${reasonIn(model.stopped)}`),
      ...(sound === false ? [`the log is NOT sound, verified at ${lastAt}: ${finding}`] : []),
    ],
  }
}

export function helpFor(reasons: readonly string[], isSound: boolean): Help {
  if (reasons.some((reason) => !isOfHost(reason))) return 'resume'
  return isSound ? 'mend this machine' : 'restore'
}

/** What goes on once this machine has the right time, or room: the log is as it was. */
function isOfHost(reason: string): boolean {
  return /^the (clock of this host|disk that holds the state) /.test(reason)
}

/** Without what stands in the heading, and the page that is named behind it. */
function reasonIn(stopped: string | null): string {
  return (stopped ?? '').replace(/^stopped: /, '').replace(/; docs\/operations\.md says what to do$/, '')
}
