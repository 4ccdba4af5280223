import type { CommandRequest, CommandResult } from './command.ts'
import { runLeaseLoop } from './lease-loop.ts'
import { notServingBecause, type OwnerStatus, statusOf } from './owner-status.ts'
import { createOwnership, type OwnershipOptions } from './ownership.ts'
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
    submit(request) {
      if (owner.stopping.signal.aborted) return Promise.resolve(shuttingDown)
      if (owner.stoppedBecause !== undefined) return Promise.resolve(ledgerStopped(owner.stoppedBecause))
      if (owner.phase === 'waiting for the lease') return Promise.resolve(elsewhere)
      return owner.queue.add(request)
    },
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
