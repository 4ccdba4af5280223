import { buildHttp, type Http } from '@micropay/runtime/http'
import type { Logger } from '@micropay/runtime/logger'
import { keysOf, type Secret } from '@micropay/runtime/settings/key-ring'
import { type StepUp, usualStepUp } from '@micropay/runtime/step-up'
import type { Metrics } from '@micropay/runtime/telemetry/told'
import type { ServiceTls } from '@micropay/runtime/tls/service-tls'
import type { VerifyToken } from '@micropay/runtime/verify-token'
import type { AccountId } from '@micropay/schemas/identifiers'
import { partitionOf } from '@micropay/schemas/placement'
import type { Elsewhere } from '../decide/ledger.ts'
import type { CommandRequest } from '../handle/command.ts'
import { troubleOf } from '../handle/owner-status.ts'
import type { PartitionOwner } from '../handle/partition-owner.ts'
import { requestHashKey } from '../handle/request-hash.ts'
import { receiveAccountCommands } from './accounts.ts'
import { receiveApprovals } from './approvals.ts'
import { createBatches } from './batches.ts'
import { receiveCancellations } from './cancel-payment.ts'
import { answerLooks, createLookElsewhere } from './look-elsewhere.ts'
import { answerElsewhere, createPassOn } from './pass-on.ts'
import { receivePayeeCommands } from './payees.ts'
import { receivePaymentCommands } from './payments.ts'
import { receivePeriodCommands } from './periods.ts'
import { readinessOf, type Standing } from './readiness.ts'
import { receiveRefunds } from './refunds.ts'
import { reportDirectory } from './report-directory.ts'
import { ElsewhereError, type Peers, submitTo } from './route-commands.ts'
import { receiveStatements } from './statements.ts'
import { receiveStatementWithdrawals } from './withdraw-statement.ts'

export type CommandAppOptions = {
  readonly owners: readonly PartitionOwner[]
  /** What all workers of the ledger share. */
  readonly requestHashKey: Secret
  readonly verifyToken: VerifyToken
  readonly stepUp?: StepUp
  readonly log: Logger
  /** The other workers of the ledger, and this one's name among them. */
  readonly peers?: Peers & { readonly workerId: string }
  readonly tls?: ServiceTls | undefined
  readonly metrics?: Metrics | undefined
}

/** The command API: every command goes to the owner of the partition that decides it. */
export async function buildCommandApp(options: CommandAppOptions): Promise<Http> {
  const { owners, verifyToken, log } = options
  const looks = options.peers && {
    ...{ secret: options.requestHashKey, partitions: owners.length },
    ...{ peers: options.peers, clock: options.peers.clock, fetchWorker: options.peers.fetchWorker },
  }
  const peers = looks && { ...looks.peers, look: createLookElsewhere(looks) }
  const passOn = peers && createPassOn(peers, peers.workerId)
  const readiness = () => readinessOf(owners.map(standingOf))
  const app = await buildHttp({
    ...{ log, title: 'MicroPay commands', verifyToken, tls: options.tls, metrics: options.metrics },
    notReadyBecause: () => readiness().notReady,
    troubledBy: () => readiness().trouble,
    answerError: (error, request, reply) =>
      error instanceof ElsewhereError ? answerElsewhere(passOn, error, request, reply) : undefined,
  })
  const dependencies = {
    requestHashKeys: keysOf(options.requestHashKey, requestHashKey),
    partitions: owners.length,
    stepUp: options.stepUp ?? usualStepUp,
    submit: (request: CommandRequest) => submitTo(owners, peers, request),
    isUnlimited(tenant: string, accountId: string) {
      const hasNone = (seen: Elsewhere | undefined) => seen?.account?.overdraftLimit === 'unlimited'
      const here = owners[partitionOf(accountId, owners.length)]?.look(tenant, accountId as AccountId)
      if (here || !peers) return hasNone(here)
      return peers.look(tenant, accountId as AccountId).then(hasNone)
    },
    passOn,
  }
  const batches = createBatches(dependencies)
  receiveAccountCommands(app, dependencies, batches)
  receivePaymentCommands(app, dependencies, batches)
  receiveStatements(app, dependencies)
  receiveStatementWithdrawals(app, dependencies)
  receivePayeeCommands(app, dependencies)
  receivePeriodCommands(app, dependencies)
  receiveRefunds(app, dependencies)
  receiveCancellations(app, dependencies)
  receiveApprovals(app, dependencies)
  if (peers) reportDirectory(app, peers)
  if (looks) answerLooks(app, owners, looks)
  return app
}

function standingOf(owner: PartitionOwner): Standing {
  const status = owner.status()
  return { phase: status.phase, notServing: owner.notServingBecause(), trouble: troubleOf(status) }
}
