import { ChangeStatus, OpenAccount } from '@micropay/schemas/api/account'
import { MakePayment } from '@micropay/schemas/api/payment'
import { AccountId } from '@micropay/schemas/identifiers'
import type { LedgerCommand } from '@micropay/write-side/decide/decide'
import { type FaultKind, faultKinds } from './fault-names.ts'
import type { Habits } from './habits.ts'
import { createRandom, type Random } from './random.ts'

/**
 * All that a seed means to do, as data: what is taken out of it leaves the rest as it was, so that a schedule that
 * fails can be made short.
 */
export type Plan = {
  readonly seed: number
  readonly owners: number
  /** In phases: all faults of one are over before the calm that follows, in which the ledger must get on. */
  readonly phases: readonly Phase[]
  readonly commands: readonly PlannedCommand[]
  readonly habits: Habits
}

export type Phase = { readonly fromMs: number; readonly toMs: number; readonly faults: readonly PlannedFault[] }

export type PlannedFault = {
  readonly id: string
  readonly kind: FaultKind
  readonly atMs: number
  readonly lengthMs: number
  /** Which machine it hits, where it hits one. */
  readonly host: number
}

export type PlannedCommand = {
  readonly id: string
  readonly atMs: number
  readonly key: string
  readonly command: LedgerCommand
  readonly tenant: string
  readonly dryRun: boolean
  /** How often its client asks before it gives up without an answer. */
  readonly attempts: number
}

export const PHASES = 3
const FAULTS_A_PHASE = 5
const FAULTS_WITHIN_MS = 20_000
const LONGEST_FAULT_MS = 15_000
/** So long the ledger has to acknowledge something once all is well again. */
export const PROGRESS_WITHIN_MS = 30_000
/** So long a person may take to see that all is well, or to say that it is, after a fault of the log. */
export const REPAIR_MS = 12_000
const COMMANDS = 210
const SETUP_MS = 3_000
const PHASE_MS = FAULTS_WITHIN_MS + LONGEST_FAULT_MS + REPAIR_MS + PROGRESS_WITHIN_MS

/** Nobody begins to ask later. */
const LAST_MS = SETUP_MS + PHASES * PHASE_MS

export function planOf(seed: number): Plan {
  const random = createRandom(`seed ${seed}`)
  const owners = random.chance(0.5) ? 2 : 3
  const phases = Array.from({ length: PHASES }, (_, phase) => planPhase(random.fork(`phase ${phase}`), phase, owners))
  const commands = Array.from({ length: COMMANDS }, (_, index) =>
    planCommand(random.fork(`command ${index}`), index, phases),
  )
  return {
    ...{ seed, owners, phases, habits: planHabits(random.fork('habits')) },
    commands: [...planAccounts(), ...commands, ...planRetries(random.fork('retries'), commands)],
  }
}

function planHabits(random: Random): Habits {
  return {
    hearsOfTruncation: random.chance(0.5),
    legMs: random.pick([1.5, 1.5, 10, 60]),
    answerWithinMs: random.pick([1_000, 3_000, 10_000]),
    heartbeatMs: random.pick([2_000, 5_000]),
  }
}

function planPhase(random: Random, phase: number, owners: number): Phase {
  const fromMs = SETUP_MS + phase * PHASE_MS
  // What comes alone is mostly harmless.
  const together = random.chance(0.6) ? fromMs + random.between(0, FAULTS_WITHIN_MS) : undefined
  const faults = Array.from({ length: FAULTS_A_PHASE }, (_, index) => ({
    id: `f${phase}.${index}`,
    kind: random.pick(faultKinds),
    atMs: together === undefined ? fromMs + random.between(0, FAULTS_WITHIN_MS) : together + random.between(0, 1_500),
    lengthMs: random.between(200, LONGEST_FAULT_MS),
    host: random.below(owners),
  }))
  const toMs = Math.max(...faults.map(({ atMs, lengthMs }) => atMs + lengthMs))
  return { fromMs, toMs, faults: faults.toSorted((one, other) => one.atMs - other.atMs) }
}

const customers = ['ada', 'ben', 'cid', 'dan', 'eve', 'fay']
const everybody = [...customers, 'bank']
/** It is named by legs of zero alone, so that everybody knows where it stands. */
const quiet = 'quiet'

/** Both tenants have accounts of the same ids. */
function planAccounts(): PlannedCommand[] {
  const planOf = (tenant: string) => (accountId: string, index: number) => ({
    ...{ id: `${tenant[0]}a${index}`, atMs: index, key: `open ${accountId}`, command: opening(accountId) },
    ...{ tenant, dryRun: false, attempts: Number.POSITIVE_INFINITY },
  })
  return [...[...everybody, quiet].map(planOf('main')), ...everybody.map(planOf('other'))]
}

function planCommand(random: Random, index: number, phases: readonly Phase[]): PlannedCommand {
  return {
    ...{ id: `c${index}`, atMs: planTime(random, phases), key: `key ${index}`, command: anyCommand(random) },
    tenant: random.chance(0.03) ? 'other' : 'main',
    dryRun: random.chance(0.03),
    attempts: random.chance(0.15) ? 1 + random.below(3) : Number.POSITIVE_INFINITY,
  }
}

/** Most come while something is wrong, and some together, so that they are decided together. */
function planTime(random: Random, phases: readonly Phase[]): number {
  const phase = random.pick(phases)
  if (random.chance(0.2)) return phase.fromMs + random.between(0, PHASE_MS)
  const { atMs, lengthMs } = random.pick(phase.faults)
  const anyTime = atMs + random.between(-100, lengthMs)
  return random.chance(0.5) ? Math.floor(anyTime / 1_000) * 1_000 : anyTime
}

/** The same again under the same key, at the same time or much later, and sometimes with another body. */
function planRetries(random: Random, commands: readonly PlannedCommand[]): PlannedCommand[] {
  return commands
    .filter(({ dryRun }) => !dryRun && random.chance(0.2))
    .map((planned) => ({
      ...planned,
      id: `${planned.id}r`,
      atMs: Math.min(LAST_MS, planned.atMs + (random.chance(0.5) ? random.between(0, 50) : random.between(0, 60_000))),
      command: random.chance(0.3) ? anyCommand(random) : planned.command,
    }))
}

function anyCommand(random: Random): LedgerCommand {
  const draw = random.next()
  const accountId = random.chance(0.05) ? 'nobody' : random.pick(everybody)
  if (draw < 0.82) return paying(random)
  if (draw < 0.87) return opening(random.chance(0.3) ? accountId : `new-${random.below(1_000)}`)
  const data = { ...ChangeStatus.parse({}), accountId: AccountId.parse(accountId) }
  if (draw < 0.91) return { type: 'FreezeAccount', data }
  return draw < 0.98 ? { type: 'UnfreezeAccount', data } : { type: 'CloseAccount', data }
}

function opening(accountId: string): LedgerCommand {
  const fields =
    accountId === 'bank'
      ? { type: 'external', currency: 'EUR', owner: 'house' }
      : { type: 'customer', currency: 'EUR', owner: 'customer:ada', overdraftLimit: '500' }
  return { type: 'OpenAccount', data: { ...OpenAccount.parse(fields), accountId: AccountId.parse(accountId) } }
}

function paying(random: Random): LedgerCommand {
  return random.chance(0.3) ? payingByLegs(random) : payingByPostings(random)
}

/**
 * Some accounts pay and others are paid, some twice and some nothing. Nobody knows what balances will be, so most
 * assertions fail; those of the quiet account do not.
 */
function payingByLegs(random: Random): LedgerCommand {
  const currency = random.chance(0.02) ? 'USD' : 'EUR'
  const payers = random.chance(0.3) ? ['bank'] : [random.pick(customers), random.pick(customers)]
  const payees = everybody.filter((accountId) => !payers.includes(accountId))
  const legs = [...payers, ...Array.from({ length: random.below(3) }, () => random.pick(payees))].map((account) => {
    const minor = random.chance(0.1) ? 0 : 1 + random.below(400)
    return { account, minor: payers.includes(account) ? -minor : minor, ...assertion(random) }
  })
  const over = legs.reduce((sum, { minor }) => sum + minor, 0)
  const last = { account: over > 0 ? String(payers[0]) : random.pick(payees), minor: 0 - over, ...assertion(random) }
  const still = random.chance(0.2) ? [{ account: quiet, minor: 0, stands: random.chance(0.9) ? '0' : '1' }] : []
  const asked = [...still, ...legs, last].map(({ minor, ...leg }) => ({ ...leg, amount: String(minor), currency }))
  return { type: 'MakePayment', data: MakePayment.parse({ legs: asked }) }
}

function assertion(random: Random): { readonly stands?: string } {
  return random.chance(0.03) ? { stands: String(random.below(500)) } : {}
}

function payingByPostings(random: Random): LedgerCommand {
  const postings = Array.from({ length: random.chance(0.8) ? 1 : 1 + random.below(3) }, () => {
    const from = random.chance(0.3) ? 'bank' : random.pick(customers)
    const to = random.pick(everybody.filter((accountId) => accountId !== from))
    const currency = random.chance(0.02) ? 'USD' : 'EUR'
    return { from, to, amount: String(1 + random.below(400)), currency }
  })
  return { type: 'MakePayment', data: MakePayment.parse({ postings }) }
}

/** A payment of which it is known that it can be made. */
export function probing(): LedgerCommand {
  const postings = [{ from: 'bank', to: 'probe', amount: '1', currency: 'EUR' }]
  return { type: 'MakePayment', data: MakePayment.parse({ postings }) }
}
