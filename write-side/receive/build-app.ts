import { buildHttp, type Http } from '@micropay/runtime/http'
import type { Logger } from '@micropay/runtime/logger'
import type { VerifyToken } from '@micropay/runtime/verify-token'
import { partitionFor } from '../decide/decide.ts'
import { troubleOf } from '../handle/owner-status.ts'
import type { PartitionOwner } from '../handle/partition-owner.ts'
import { requestHashKey } from '../handle/request-hash.ts'
import { receiveAccountCommands } from './accounts.ts'
import { receiveApprovals } from './approvals.ts'
import { createBatches } from './batches.ts'
import { receivePayeeCommands } from './payees.ts'
import { receivePaymentCommands } from './payments.ts'
import { receivePeriodCommands } from './periods.ts'
import { receiveRefunds } from './refunds.ts'
import { receiveStatements } from './statements.ts'
import { receiveStatementWithdrawals } from './withdraw-statement.ts'

export type CommandAppOptions = {
  readonly owners: readonly PartitionOwner[]
  readonly requestHashKey: string
  readonly verifyToken: VerifyToken
  readonly log: Logger
}

/** The command API: every command goes to the owner of the partition that decides it. */
export async function buildCommandApp(options: CommandAppOptions): Promise<Http> {
  const { owners, verifyToken, log } = options
  const notReadyBecause = () => owners.map((owner) => owner.notServingBecause()).find((reason) => reason !== undefined)
  const troubledBy = () => owners.map((owner) => troubleOf(owner.status())).find((trouble) => trouble !== undefined)
  const app = await buildHttp({ log, title: 'MicroPay commands', verifyToken, notReadyBecause, troubledBy })
  const dependencies = {
    requestHashKey: requestHashKey(options.requestHashKey),
    submit: (request: Parameters<PartitionOwner['submit']>[0]) => {
      const owner = owners[partitionFor(request.command, owners.length)]
      if (!owner) throw new RangeError('there is an owner for every partition')
      return owner.submit(request)
    },
  }
  const batches = createBatches(dependencies)
  receiveAccountCommands(app, dependencies, batches)
  receivePaymentCommands(app, dependencies, batches)
  receiveStatements(app, dependencies)
  receiveStatementWithdrawals(app, dependencies)
  receivePayeeCommands(app, dependencies)
  receivePeriodCommands(app, dependencies)
  receiveRefunds(app, dependencies)
  receiveApprovals(app, dependencies)
  return app
}
