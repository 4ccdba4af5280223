import { type BackOff, backOff } from '@micropay/runtime/back-off'
import type { Clock } from '@micropay/runtime/clock'
import { partitionOf } from '@micropay/schemas/placement'
import { partitionFor } from '../decide/decide.ts'
import type { CommandRequest, CommandResult } from '../handle/command.ts'
import type { PartitionOwner } from '../handle/partition-owner.ts'
import { shuttingDown, unleased } from '../handle/refusals.ts'
import { submitKnowing } from '../handle/submit-knowing.ts'
import type { Shares } from '../share/shares.ts'
import type { LookElsewhere } from './look-elsewhere.ts'

/** What the workers of a ledger know of each other; without it there is one. */
export type Peers = Pick<Shares, 'ownerOf' | 'isAlone' | 'view' | 'viewChanged' | 'lookAgain'> & {
  readonly clock: Clock
  readonly look?: LookElsewhere
  /** How another worker is asked, where that is not by plain HTTP. */
  readonly fetchWorker?: typeof fetch | undefined
}

/**
 * Another worker decides it, or says what becomes of it; `result` is what is to be told where that one cannot be asked.
 */
export class ElsewhereError extends Error {
  readonly partition: number
  readonly result: CommandResult

  constructor(partition: number, result: CommandResult) {
    super(`another worker has partition ${partition}`)
    this.partition = partition
    this.result = result
  }
}

/** So long a command waits for somebody to own its partition. */
export const OWNED_WITHIN_MS = 9_000
const lookAfter: BackOff = { firstMs: 10, mostMs: 100 }

/**
 * Hands a command to the owner of its partition, with what that has to know of an account elsewhere. While the
 * partition goes to this worker it waits; ElsewhereError where another one has it, or is to have it.
 */
export async function submitTo(
  owners: readonly PartitionOwner[],
  peers: Peers | undefined,
  request: CommandRequest,
): Promise<CommandResult> {
  const partition = partitionFor(request.command, owners.length)
  const owner = owners[partition]
  if (!owner) throw new RangeError('there is an owner for every partition')
  if (!peers) return submitOnce(owners, peers, owner, request)
  // What it waits for its turn counts, too.
  const sinceMs = peers.clock.monotonicMs()
  let known: CommandResult | undefined
  let tries = 0
  for (;;) {
    const told = await submitOnce(owners, peers, owner, request)
    if (isMovedOn(told)) known = told
    else if (!isUndecided(told)) return told.kind === 'refused' ? (known ?? told) : told
    const result = known ?? told
    const other = peers.ownerOf(partition)
    if (other && !other.isOurs) throw new ElsewhereError(partition, result)
    // While it begins, a worker does not see itself either.
    const isFree = peers.view()?.holders[partition] === undefined
    const isToBeOurs = (other !== undefined || isFree) && told !== shuttingDown && told !== unleased
    // Who knows that it is under way waits for the rest no longer than they said.
    const untilMs = sinceMs + (known ? (request.wait?.ms ?? 0) : OWNED_WITHIN_MS)
    if ((peers.isAlone() && !isToBeOurs) || peers.clock.monotonicMs() >= untilMs) return result
    tries += 1
    await peers.viewChanged(backOff(tries, lookAfter))
  }
}

async function submitOnce(
  owners: readonly PartitionOwner[],
  peers: Peers | undefined,
  owner: PartitionOwner,
  request: CommandRequest,
): Promise<CommandResult> {
  return submitKnowing(owner, owners.length, request, async (accountId) => {
    const here = owners[partitionOf(accountId, owners.length)]?.look(request.tenant, accountId)
    return here ?? peers?.look?.(request.tenant, accountId)
  })
}

function isMovedOn(result: CommandResult): boolean {
  return result.kind !== 'refused' && result.movedOn === true
}

/** Nothing was appended, and somebody else may decide it. */
function isUndecided(result: CommandResult): boolean {
  return result.kind === 'refused' && result.code === 'not_owner'
}
