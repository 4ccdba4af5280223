import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** What `npx pnpm@12 bench:sizes` printed: bytes a payment, wherever it is stored. */
const Sizes = z.object({
  payments: z.int().min(10_000),
  'log in postgres': z.int(),
  'log in kafka': z.int(),
  'accounts read model': z.int(),
  'reconciliation read model': z.int(),
  'audit read model': z.int(),
  'state of a worker': z.int(),
  backup: z.int(),
})
export const sizes = Sizes.parse(JSON.parse(readFileSync(new URL('sizes.json', import.meta.url), 'utf8')))

/** A figure of docs/performance.md, and the words in which it stands there. */
export type Figure = { readonly value: number; readonly said: string }

/** CPU time a payment, in µs, of single payments by 64 callers on Kafka. */
export const cpuMicros = {
  gateway: { value: 132, said: '| gateway: CPU of gateway | 132.3 µs |' },
  worker: { value: 141, said: '| payments: CPU of write-side | 141.4 µs |' },
  broker: { value: 28, said: '95 µs in the worker (25 of them are HTTP), 28 µs in the broker' },
  'projection of accounts': { value: 19, said: 'accounts 21.7 and 19.0 µs live' },
  'projection of reconciliation': { value: 19, said: 'reconciliation 20.5 and 19.2' },
  'projection of the audit': { value: 6, said: 'audit 7.4 and 5.8' },
} as const satisfies Record<string, Figure>

/** Payments that one partition decided in a second, one by one. */
export const decided: Figure = { value: 6_979, said: '| payments: rate | 7,527/s | 6,979/s |' }

/** The rate of payments across partitions, of that of those inside. */
export const across: Figure = { value: 0.29, said: 'the same run: 0.29 (0.23 to 0.33) with 256 callers' }

/** Records a second that a read model is built with, of one partition. */
export const rebuilt = {
  accounts: { value: 39_578, said: '| accounts | 138,820 | 174,519 | 64,583 | 21,699 | 39,578 |' },
  reconciliation: { value: 44_200, said: '| reconciliation | 198,366 | 223,624 | 96,349 | 20,684 | 44,200 |' },
  audit: { value: 97_673, said: '| audit | 509,484 | 720,237 | 196,504 | 77,814 | 97,673 |' },
} as const satisfies Record<string, Figure>

/** Bytes of a snapshot a payment. */
export const snapshot: Figure = { value: 46, said: '46 MB, 46 bytes a payment' }
