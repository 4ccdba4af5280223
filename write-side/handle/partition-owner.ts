import type { CommandRequest, CommandResult } from './command.ts'
import { runLeaseLoop } from './lease-loop.ts'
import { notServingBecause, type OwnerStatus, statusOf } from './owner-status.ts'
import { createOwnership, type Ownership, type OwnershipOptions } from './ownership.ts'
import { elsewhere, ledgerStopped, shuttingDown } from './refusals.ts'

/**
 * The one that decides for a partition: it takes the lease, claims the partition in the log, and then appends batch
 * after batch, one in flight at a time. A command is answered with success exactly when its own record counts.
 */
export type PartitionOwner = {
  /** Resolves when it is known what became of the command, or when that takes too long. Never rejects. */
  submit(request: CommandRequest): Promise<CommandResult>
  /** Undefined while it serves, otherwise what it waits for. */
  notServingBecause(): string | undefined
  status(): OwnerStatus
  /** Takes no more commands, finishes those it has, writes its state, and gives the lease back. */
  stop(): Promise<void>
}

export function startPartitionOwner(options: OwnershipOptions): PartitionOwner {
  const owner = createOwnership(options)
  const running = runLeaseLoop(owner)
  return {
    submit: (request) => owner.queue.add(request, refusalOf(owner)),
    notServingBecause: () => notServingBecause(owner),
    status: () => statusOf(owner),
    async stop() {
      owner.stopping.abort()
      const timer = owner.clock.timer(owner.limits.answerWithinMs, () => owner.closing.abort())
      await running
      timer.cancel()
    },
  }
}

/** What a new command is told where this worker decides none. */
function refusalOf({ stopping, stoppedBecause, phase }: Ownership): CommandResult | undefined {
  if (stopping.signal.aborted) return shuttingDown
  if (stoppedBecause !== undefined) return ledgerStopped(stoppedBecause)
  return phase === 'waiting for the lease' ? elsewhere : undefined
}
