import { across, cpuMicros, decided, rebuilt, sizes, snapshot } from './figures.ts'

/** What docs/capacity.md plans for. */
export const RATES = [1, 100, 10_000] as const
export const YEARS = 10

/** What is assumed, since nobody can measure it beforehand. */
export const assumed = {
  /** The busiest second has so many times the average of ten years. */
  peak: 5,
  /** A partition, or a processor, is not planned to be busier than that at the peak. */
  busy: 0.4,
  /** Of a ledger of several partitions, so many payments cross them: accounts that pay each other share a tag. */
  crossing: 0.5,
  copies: 3,
  /** A broker's disk, and how full it may be. */
  brokerBytes: 10e12,
  full: 0.7,
} as const

const SECONDS_A_YEAR = 31_557_600
/** One table of PostgreSQL holds 2^32 pages of 8 KiB. */
const TABLE_BYTES = 2 ** 45

/** All that follows from an average of so many payments a second. Bytes, processors, seconds, years. */
export function capacityOf(perSecond: number) {
  const payments = perSecond * SECONDS_A_YEAR * YEARS
  const atPeak = perSecond * assumed.peak
  const mostOfPartition = decided.value * assumed.busy
  const isSplit = atPeak > mostOfPartition
  const asInside = isSplit ? 1 - assumed.crossing + assumed.crossing / across.value : 1
  const partitions = isSplit ? powerOfTwo((atPeak * asInside) / mostOfPartition) : 1
  const processors = (micros: number) => (atPeak * micros) / 1e6 / assumed.busy
  const log = payments * sizes['log in kafka']
  return {
    payments,
    atPeak,
    partitions,
    bytes: {
      log,
      logCopies: log * assumed.copies,
      logInPostgres: payments * sizes['log in postgres'],
      backup: payments * sizes.backup,
      accounts: payments * sizes['accounts read model'],
      reconciliation: payments * sizes['reconciliation read model'],
      audit: payments * sizes['audit read model'],
      state: payments * sizes['state of a worker'],
      snapshot: payments * snapshot.value,
    },
    processors: {
      gateways: processors(cpuMicros.gateway.value),
      workers: processors(cpuMicros.worker.value * asInside),
      brokers: processors(cpuMicros.broker.value * asInside),
      projections: processors(
        cpuMicros['projection of accounts'].value +
          cpuMicros['projection of reconciliation'].value +
          cpuMicros['projection of the audit'].value,
      ),
    },
    brokers: Math.max(3, Math.ceil((log * assumed.copies) / (assumed.brokerBytes * assumed.full))),
    rebuildSeconds: payments / partitions / rebuilt.accounts.value,
    yearsUntilTableIsFull: TABLE_BYTES / (perSecond * SECONDS_A_YEAR * sizes['log in postgres']),
  }
}

export type Capacity = ReturnType<typeof capacityOf>

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least))
}
