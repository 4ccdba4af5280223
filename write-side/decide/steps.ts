import assert from 'node:assert/strict'
import { type PaymentId, paymentIdAt, placeOfId } from '@micropay/schemas/identifiers'
import type { Leg } from '@micropay/schemas/log/payment-legs'
import type { LegsRefused, Sides } from '@micropay/schemas/log/saga-events'
import { asItIs, type CommitFacts, type LedgerView, type Put, put, remove, stateTable } from './ledger.ts'

/** The commit that says what a partition says: seq, and the hash behind it. */
export type SaidAt = { readonly seq: number; readonly hash: string }

/** What this partition has done of a payment that another one coordinates, for as long as it may be asked. */
export type Step = {
  readonly state: 'prepared' | 'posted' | 'refused'
  readonly at: SaidAt
  /** While they are promised. */
  readonly promised?: { readonly tenant: string; readonly legs: readonly Leg[]; readonly effectiveAt: string }
  readonly sides?: Sides
  readonly rejection?: LegsRefused['rejection']
}

/** By partition the payments of it that steps are kept of: they are listed in chunks, so that each step changes one. */
export const steps = stateTable('steps', (paymentId: PaymentId) => paymentId, asItIs<Step>())
type Chunk = { readonly coordinator: number; readonly chunk: number }
const stepChunks = stateTable('step-chunks', (coordinator: number) => `${coordinator}`, asItIs<readonly number[]>())
const chunkSteps = stateTable(
  'chunk-steps',
  ({ coordinator, chunk }: Chunk) => `${coordinator}:${chunk}`,
  asItIs<readonly number[]>(),
)
/** By coordinator: no payment of it below that seq is open with this partition. */
const lows = stateTable('lows', (coordinator: number) => `${coordinator}`, asItIs<number>())
export const stepTables = [steps, stepChunks, chunkSteps, lows]

/** So many seqs of a coordinator are one chunk. */
const CHUNK = 256

/** No payment of that coordinator below it is open with this partition, as far as it was told. */
export function lowOf(coordinator: number, ledger: LedgerView): number {
  return ledger.read(lows, coordinator) ?? 0
}

/** The payments of that coordinator whose steps are kept here. */
export function stepsFor(coordinator: number, ledger: LedgerView): PaymentId[] {
  const chunks = ledger.read(stepChunks, coordinator) ?? []
  return chunks.flatMap((chunk) => {
    return (ledger.read(chunkSteps, { coordinator, chunk }) ?? []).map((seq) => paymentIdAt(coordinator, seq))
  })
}

/** A payment of that coordinator that is promised here, though it says that it has none open below `low`. */
export function promisedBelow(coordinator: number, low: number, ledger: LedgerView): PaymentId | undefined {
  if (low <= lowOf(coordinator, ledger)) return undefined
  const chunks = (ledger.read(stepChunks, coordinator) ?? []).filter((chunk) => chunk <= chunkOf(low))
  return chunks
    .flatMap((chunk) => ledger.read(chunkSteps, { coordinator, chunk }) ?? [])
    .filter((seq) => seq < low)
    .map((seq) => paymentIdAt(coordinator, seq))
    .find((payment) => ledger.read(steps, payment)?.state === 'prepared')
}

/** What a participant's commit says of its coordinator besides: what is below `low` is forgotten. */
export function forgetBelow(coordinator: number, low: number, ledger: LedgerView): Put[] {
  if (low <= lowOf(coordinator, ledger)) return []
  return [put(lows, coordinator, low), ...forgetSteps(coordinator, { from: 0, below: low }, ledger)]
}

/** What was done of the payments of a coordinator whose seqs lie there is forgotten: nobody will ask for it. */
export function forgetSteps(
  coordinator: number,
  { from, below }: { readonly from: number; readonly below: number },
  ledger: LedgerView,
): Put[] {
  const puts: Put[] = []
  const chunks = ledger.read(stepChunks, coordinator) ?? []
  const left = new Set(chunks)
  for (const chunk of chunks) {
    if (chunk < chunkOf(from)) continue
    if (chunk > chunkOf(below)) break
    const key = { coordinator, chunk }
    const seqs = ledger.read(chunkSteps, key) ?? []
    const kept = seqs.filter((seq) => seq < from || seq >= below)
    if (kept.length === 0) left.delete(chunk)
    if (kept.length === seqs.length) continue
    puts.push(kept.length === 0 ? remove(chunkSteps, key) : put(chunkSteps, key, kept))
    for (const seq of seqs)
      if (seq >= from && seq < below) puts.push(forgottenStep(paymentIdAt(coordinator, seq), ledger))
  }
  if (left.size < chunks.length)
    puts.push(left.size === 0 ? remove(stepChunks, coordinator) : put(stepChunks, coordinator, [...left]))
  return puts
}

function forgottenStep(paymentId: PaymentId, ledger: LedgerView): Put {
  assert(ledger.read(steps, paymentId)?.state !== 'prepared', `the promise for ${paymentId} would be forgotten`)
  return remove(steps, paymentId)
}

export function putStep(paymentId: PaymentId, step: Step, ledger: LedgerView): Put[] {
  const own = put(steps, paymentId, step)
  if (ledger.read(steps, paymentId)) return [own]
  const { partition: coordinator, seq } = placeOfId(paymentId)
  const key = { coordinator, chunk: chunkOf(seq) }
  const seqs = ledger.read(chunkSteps, key)
  const listed = put(chunkSteps, key, [...(seqs ?? []), seq])
  if (seqs) return [own, listed]
  const chunks = [...(ledger.read(stepChunks, coordinator) ?? []), key.chunk].sort((a, b) => a - b)
  return [own, listed, put(stepChunks, coordinator, chunks)]
}

function chunkOf(seq: number): number {
  return Math.floor(seq / CHUNK)
}

export function saidAt({ seq, hash }: CommitFacts): SaidAt {
  return { seq, hash }
}
