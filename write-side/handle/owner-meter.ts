import type { Clock } from '@micropay/runtime/clock'
import { createMeter } from '@micropay/runtime/meter'
import type { ProblemCode } from '@micropay/schemas/api/problem'
import type { VoidReason } from '@micropay/schemas/log/void-reason'
import type { CommandRequest, CommandResult } from './command.ts'
import type { PaymentOutcome } from './payment-outcomes.ts'

/** So many of the newest void records are kept to be shown. */
const LAST_VOIDS = 20

export type SeenVoid = { readonly offset: bigint; readonly reason: VoidReason; readonly seenAt: string }

/** What a partition's owner counts for those who watch it: counters alone, so that the hot path does not feel it. */
export type OwnerMeter = {
  appended(latencyMs: number): void
  counted(commits: number): void
  /** A void record was read; one that is read again after another claim is not counted twice. */
  voided(reason: VoidReason, offset: bigint): void
  /** What the sender of a command is told. */
  told(result: CommandResult, request: Pick<CommandRequest, 'dryRun'>): void
  /** A record of the owner counts, by which payments are decided. */
  decided(payments: readonly PaymentOutcome[]): void
  read(): {
    readonly commitsPerSecond: number
    readonly commitsSinceStart: number
    /** By what their senders were told. */
    readonly commandsSinceStart: Readonly<Partial<Record<CommandOutcome, number>>>
    readonly paymentsSinceStart: Readonly<Partial<Record<PaymentOutcome, number>>>
    readonly appendLatencyMs: { readonly p50: number; readonly p99: number } | undefined
    readonly voidsSinceStart: Readonly<Partial<Record<VoidReason, number>>>
    /** Newest first. */
    readonly lastVoids: readonly SeenVoid[]
  }
}

/** For what was refused, the code of docs/errors.md. */
type CommandOutcome = 'accepted' | 'rejected' | 'replayed' | 'dry_run' | ProblemCode

/** `timeAppend` is told of each one, besides. */
export function createOwnerMeter(clock: Clock, timeAppend?: (latencyMs: number) => void): OwnerMeter {
  const appends = createMeter(clock)
  const commits = createMeter(clock)
  const byReason: Partial<Record<VoidReason, number>> = {}
  const told: Partial<Record<CommandOutcome, number>> = {}
  const payments: Partial<Record<PaymentOutcome, number>> = {}
  let last: SeenVoid[] = []
  let readTo = -1n
  return {
    appended(latencyMs) {
      appends.add(1, latencyMs)
      timeAppend?.(latencyMs)
    },
    counted: (count) => commits.add(count),
    voided(reason, offset) {
      if (offset <= readTo) return
      readTo = offset
      byReason[reason] = (byReason[reason] ?? 0) + 1
      last = [{ offset, reason, seenAt: new Date(clock.nowMs()).toISOString() }, ...last.slice(0, LAST_VOIDS - 1)]
    },
    told(result, { dryRun }) {
      const outcome = outcomeOf(result, dryRun)
      told[outcome] = (told[outcome] ?? 0) + 1
    },
    decided(outcomes) {
      for (const outcome of outcomes) payments[outcome] = (payments[outcome] ?? 0) + 1
    },
    read: () => ({
      commitsPerSecond: commits.perSecond(),
      commitsSinceStart: commits.total(),
      commandsSinceStart: { ...told },
      paymentsSinceStart: { ...payments },
      appendLatencyMs: appends.latencyMs(),
      voidsSinceStart: { ...byReason },
      lastVoids: last,
    }),
  }
}

function outcomeOf(result: CommandResult, dryRun: boolean): CommandOutcome {
  if (result.kind === 'refused') return result.code
  if (dryRun) return 'dry_run'
  return result.replayed ? 'replayed' : result.kind
}
