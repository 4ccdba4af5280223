import { createHash } from 'node:crypto'
import type { Server } from 'node:net'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Clock } from '@micropay/runtime/clock'
import { newLedgerPartitions, port } from '@micropay/runtime/config'
import { z } from 'zod'
import { serverIn } from '../server-in.ts'

export const usage = `npx pnpm@12 start: runs all of MicroPay on this machine

  --fresh        delete the state directory (.micropay) first, and start anew
  --no-seed      do not book the small example ledger on the first start
  --restore FOLDER  put that backup into the log, which must be empty, before any service starts (docs/backup.md)
  --complete     with --restore: nothing was acknowledged behind the backup
  --observe      start Prometheus and Alertmanager beside it, whose alerts come to this terminal
  --help         this text

  PORT           where it is reached (8080); 0 for any free port
  LOG            postgres (default), kafka or eventstoredb: where the ledger's events are kept
  KAFKA_BROKERS  with LOG=kafka: brokers of yours, host:port,...; without it a broker is started here
  KAFKA_TOPIC    with KAFKA_BROKERS: the topic (made when it is missing)
  EVENTSTORE_URL with LOG=eventstoredb: the server of yours, esdb://host:2113?tls=true
  PARTITIONS     how many partitions a new ledger begins with (1); one that is there keeps its number
  TLS            off: services speak plain HTTP with each other, and not mutual TLS by certificates made here (on)
  MICROPAY_HOME  the state directory, instead of .micropay
  LOG_LEVEL      what the services log to <state directory>/logs (info)
`

const brokers = z
  .string()
  .regex(/^[^\s:,]+:[0-9]{1,5}(\s*,\s*[^\s:,]+:[0-9]{1,5})*$/, { error: 'must be host:port, or several with commas' })

const neverInProduction =
  'must be development, or left out: start has an issuer that signs anyone in without a password, ' +
  'and docs/deployment.md says how production is run'

/** The variables that `start` reads; its services get the others as they are. */
export const StartEnvironment = z.object({
  PORT: port(8080),
  LOG: z
    .enum(['postgres', 'kafka', 'eventstoredb'], { error: 'must be postgres, kafka or eventstoredb' })
    .default('postgres'),
  KAFKA_BROKERS: brokers.optional(),
  KAFKA_TOPIC: z.string().min(1).optional(),
  PARTITIONS: newLedgerPartitions,
  EVENTSTORE_URL: z.string().min(1).optional(),
  EVENTSTORE_STREAM: z.string().min(1).optional(),
  MICROPAY_HOME: z.string().min(1).optional(),
  MICROPAY_MODE: z.literal('development', { error: neverInProduction }).default('development'),
  TLS: z.enum(['on', 'off'], { error: 'must be on or off' }).default('on'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
})
export type StartEnvironment = z.infer<typeof StartEnvironment>

/** What all is started with. */
export type StartAll = {
  readonly environment: StartEnvironment
  /** Whether Prometheus and Alertmanager are started beside it. */
  readonly observe?: boolean
  /** The port where everything is reached, held. */
  readonly publicSocket: Server
  readonly home: string
  readonly restore?: StartFlags['restore']
  readonly repositoryRoot: string
  readonly inherited: NodeJS.ProcessEnv
  readonly clock: Clock
  readonly say: (text: string) => void
  readonly onGivenUp: (error: Error) => void
  /** Whether each service gets a port for its metrics. */
  readonly withMetrics?: boolean
}

export type StartFlags = {
  readonly fresh: boolean
  readonly seed: boolean
  readonly observe: boolean
  readonly help: boolean
  readonly restore: { readonly folder: string; readonly isComplete: boolean } | undefined
}

/** Reads the flags; throws an Error that names one that does not exist. */
export function readFlags(argv: readonly string[]): StartFlags {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      fresh: { type: 'boolean', default: false },
      'no-seed': { type: 'boolean', default: false },
      restore: { type: 'string' },
      complete: { type: 'boolean', default: false },
      observe: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { fresh, help, observe, restore: folder, complete: isComplete } = values
  if (isComplete && folder === undefined) throw new Error('--complete goes with --restore FOLDER')
  // What is restored was a ledger of somebody's: no examples are booked into it.
  const seed = !values['no-seed'] && folder === undefined
  const restore = folder === undefined ? undefined : { folder: resolve(folder), isComplete }
  return { fresh, seed, observe, help, restore }
}

/** Each log has state, leases and read models of its own, so that a clone can go from one to the other and back. */
export function storeName(
  environment: Omit<StartEnvironment, 'PORT' | 'LOG_LEVEL' | 'PARTITIONS' | 'TLS' | 'MICROPAY_MODE'>,
): string {
  const { LOG, KAFKA_BROKERS, KAFKA_TOPIC, EVENTSTORE_URL, EVENTSTORE_STREAM } = environment
  if (LOG === 'postgres') return 'postgres'
  if (LOG === 'eventstoredb')
    return `eventstoredb_${digestOf(`${serverIn(EVENTSTORE_URL)} ${EVENTSTORE_STREAM ?? ''}`)}`
  return KAFKA_BROKERS === undefined ? 'kafka' : `kafka_${digestOf(`${KAFKA_BROKERS} ${KAFKA_TOPIC ?? ''}`)}`
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
