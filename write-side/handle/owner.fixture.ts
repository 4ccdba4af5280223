import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { type Appender, type EventLog, LogError, type NewRecord } from '@micropay/event-log/event-log'
import { foldToEnd } from '@micropay/event-log/log-reading.fixture'
import { type Clock, systemClock } from '@micropay/runtime/clock'
import { type Lease, NOTICE_MS } from '@micropay/runtime/leases'
import { createLogger, type Logger } from '@micropay/runtime/logger'
import { OpenAccount } from '@micropay/schemas/api/account'
import { MakePayment } from '@micropay/schemas/api/payment'
import { AccountId } from '@micropay/schemas/identifiers'
import type { LedgerCommand } from '../decide/decide.ts'
import type { Share } from '../share/share.ts'
import { lmdbDisk } from '../state/lmdb/disk.ts'
import type { Snapshots } from '../state/snapshots/snapshots.ts'
import { createStateOpener } from '../state/state-opener.ts'
import { type OpenedState, openStateStore } from '../state/state-store.ts'
import type { CommandRequest, CommandResult } from './command.ts'
import type { OwnerLimits } from './owner-limits.ts'
import type { OwnershipOptions } from './ownership.ts'
import { type PartitionOwner, startPartitionOwner } from './partition-owner.ts'
import { requestHashKey, requestHashOf } from './request-hash.ts'
import type { SagaPorts } from './sagas/engine-state.ts'

export const ledgerId = 'owner-test'

/**
 * What an append meets on its way: it passes, its answer is lost, it never arrives, or it arrives when `release` is
 * called.
 */
export type Fault = 'pass' | 'lose-answer' | 'never' | 'late'

/** The real log, with faults on the way to it: `next` says what the next append of commits meets. */
export function faultyLog(eventLog: EventLog, next: () => Fault): { readonly log: EventLog; release(): Promise<void> } {
  const held: { readonly partition: number; readonly records: readonly NewRecord[] }[] = []
  const unknown = () => new LogError('append_unknown', 'the connection was lost')
  const openAppender = async (partition: number): Promise<Appender> => {
    const appender = await eventLog.openAppender(partition)
    return {
      async append(records) {
        const fault = records.some((record) => record.key !== '') ? next() : 'pass'
        if (fault === 'late') held.push({ partition, records })
        if (fault === 'late' || fault === 'never') throw unknown()
        const appended = await appender.append(records)
        if (fault === 'lose-answer') throw unknown()
        return appended
      },
      close: () => appender.close(),
    }
  }
  return {
    log: { ...eventLog, openAppender },
    async release() {
      for (const { partition, records } of held.splice(0)) {
        const appender = await eventLog.openAppender(partition)
        await appender.append(records)
        await appender.close()
      }
    },
  }
}

/** The real log, in which appends stand still from `hold`, which resolves when the first does, until `release`. */
export function standingLog(eventLog: EventLog): { readonly log: EventLog; hold(): Promise<void>; release(): void } {
  const gate = Promise.withResolvers<void>()
  const arrived = Promise.withResolvers<void>()
  let held = false
  const openAppender = async (partition: number): Promise<Appender> => {
    const appender = await eventLog.openAppender(partition)
    const append: Appender['append'] = async (records) => {
      if (held) arrived.resolve()
      if (held) await gate.promise
      return appender.append(records)
    }
    return { ...appender, append }
  }
  return {
    log: { ...eventLog, openAppender },
    hold() {
      held = true
      return arrived.promise
    },
    release() {
      held = false
      gate.resolve()
    },
  }
}

/** For leases under which nobody says anything to others. */
export const unheard: Notices = { tell: async () => {}, told: async () => [], forget: async () => {} }

type Notices = Pick<Lease, 'tell' | 'told' | 'forget'>

/** What workers say to each other under one lease. */
export function sharedNotices(clock: Clock = systemClock) {
  const notices = new Map<string, { readonly text: string; readonly saidMs: number }>()
  return {
    of: (ownerId: string): Notices => ({
      tell: async (text) => void notices.set(ownerId, { text, saidMs: clock.monotonicMs() }),
      told: async () =>
        Array.from(notices, ([owner, { text, saidMs }]) => ({
          ...{ ownerId: owner, text, isRepeated: clock.monotonicMs() - saidMs < NOTICE_MS },
        })),
      async forget(notice) {
        if (notices.get(notice.ownerId)?.text === notice.text) notices.delete(notice.ownerId)
      },
    }),
    owners: () => [...notices.keys()],
  }
}

/** A lease that everybody gets: only the log's claims decide then who owns the partition. */
export const freeLease: Lease = { acquire: async () => true, release: async () => {}, ...unheard }

/**
 * Leases of which one worker has the only one at a time, and which `pass` gives to another without telling: the first
 * goes on until the log tells it, as after a pause that outlasted its lease.
 */
export function passingLease(ownerIds: readonly string[]): { of(ownerId: string): Lease; pass(): void } {
  let holder = 0
  const notices = sharedNotices()
  return {
    of: (ownerId) => ({
      async acquire(signal, onWait) {
        while (ownerIds[holder] !== ownerId) {
          onWait?.('held')
          if (!(await systemClock.sleep(1, signal))) return false
        }
        return !signal.aborted
      },
      release: async () => {},
      ...notices.of(ownerId),
    }),
    pass() {
      holder = (holder + 1) % ownerIds.length
    },
  }
}

export type TestOwner = PartitionOwner & { readonly directory: string; readonly fatal: Error[] }

export function startOwner(
  eventLog: EventLog,
  options: {
    directory?: string
    openStore?: OwnershipOptions['openStore']
    lease?: Lease
    limits?: Partial<OwnerLimits>
    clock?: Clock
    ownerId?: string
    ledgerId?: string
    partition?: number
    partitions?: number
    writeGeneration?: number
    log?: Logger
    sagas?: SagaPorts
    share?: Share
    snapshots?: Snapshots
  } = {},
): TestOwner {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'micropay-owner-'))
  const fatal: Error[] = []
  const { partition = 0, partitions = 1, sagas, share } = options
  const owner = startPartitionOwner({
    eventLog,
    openStore: options.openStore ?? openerOf(directory, options.ledgerId, partition),
    lease: options.lease ?? freeLease,
    context: { ledgerId: options.ledgerId ?? ledgerId, partition },
    partitions,
    ...(sagas ? { sagas } : {}),
    ...(share ? { share } : {}),
    snapshots: options.snapshots,
    ownerId: options.ownerId ?? 'worker-1',
    writeGeneration: options.writeGeneration,
    clock: options.clock ?? systemClock,
    log: options.log ?? createLogger('owner-test', process.env.LOG_LEVEL ?? 'silent'),
    limits: options.limits ?? {},
    onFatal: (error) => fatal.push(error),
  })
  const testOwner = { ...owner, directory, fatal }
  started.add(testOwner)
  return testOwner
}

function openerOf(directory: string, ofLedger = ledgerId, partition = 0): OwnershipOptions['openStore'] {
  return createStateOpener(lmdbDisk(directory, partition, systemClock), { ledgerId: ofLedger, partition })
}

/** The state that an owner has in a directory, opened beside it or behind it. */
export function openState(directory: string): Promise<OpenedState> {
  return openStateStore(lmdbDisk(directory, 0, systemClock), { ledgerId, partition: 0 })
}

/** Owners beat on for ever: one that a failed test left behind would keep its file from ending. */
const started = new Set<TestOwner>()
after(() => Promise.all(Array.from(started, stopOwner)))

export async function stopOwner(owner: TestOwner): Promise<void> {
  started.delete(owner)
  await owner.stop()
  await rm(owner.directory, { recursive: true, force: true })
}

export function requestFor(
  command: LedgerCommand,
  idempotencyKey: string,
  more: Partial<CommandRequest> = {},
): CommandRequest {
  return {
    command,
    tenant: 'main',
    actor: { subject: 'operator:olga', client: 'test' },
    mayBook: true,
    idempotencyKey,
    requestHash: requestHashOf(command, requestHashKey('a key')),
    dryRun: false,
    ...more,
  }
}

export function opening(accountId: string, key = `open-${accountId}`, overdraftLimit = '0'): CommandRequest {
  const fields = OpenAccount.parse({ type: 'customer', currency: 'EUR', owner: 'customer:ada', overdraftLimit })
  return requestFor({ type: 'OpenAccount', data: { ...fields, accountId: AccountId.parse(accountId) } }, key)
}

export function paying(
  key: string,
  from: string,
  to: string,
  amount: string,
  more: Partial<CommandRequest> = {},
): CommandRequest {
  const data = MakePayment.parse({ postings: [{ from, to, amount, currency: 'EUR' }] })
  return requestFor({ type: 'MakePayment', data }, key, more)
}

/** Submits as a client does: again with the same key while the answer is that it should. */
export async function submitUntilDecided(
  owners: readonly Pick<PartitionOwner, 'submit'>[],
  request: CommandRequest,
): Promise<CommandResult> {
  for (let attempt = 0; attempt < 2_000; attempt += 1) {
    const result = await (owners[attempt % owners.length] as Pick<PartitionOwner, 'submit'>).submit(request)
    const again =
      result.kind === 'refused' && ['not_owner', 'outcome_unknown', 'idempotency_key_in_flight'].includes(result.code)
    if (!again) return result
    await systemClock.sleep(5)
  }
  throw new Error(`${request.idempotencyKey} was not decided`)
}

/** What the log says by the fold alone: how often each key counts and where, and each account's balance. */
export async function ledgerIn(eventLog: EventLog) {
  const { state, folded } = await foldToEnd(eventLog, 0)
  const positions = new Map<string, number[]>()
  const balances = new Map<string, bigint>()
  for (const each of folded) {
    if (each.kind !== 'counted') continue
    const { idempotencyKey = '', seq, events } = each.commit
    positions.set(idempotencyKey, [...(positions.get(idempotencyKey) ?? []), seq])
    for (const event of events) {
      for (const { account, amount } of event.type === 'PaymentPosted' ? event.data.legs : []) {
        balances.set(account, (balances.get(account) ?? 0n) + BigInt(amount))
      }
    }
  }
  return { state, positions, balances }
}
