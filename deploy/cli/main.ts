import type { EventLog } from '@micropay/event-log/event-log'
import { findPartitions } from '@micropay/event-log/ledger-partitions'
import { homeDirectory, type Running } from '@micropay/local/running'
import { buildOf } from '@micropay/runtime/build'
import { systemClock } from '@micropay/runtime/clock'
import { clientCredentials } from '@micropay/sdk/access-token'
import { berkaPayments } from '@micropay/sdk/berka'
import { csvPayments } from '@micropay/sdk/csv-payments'
import { developmentSecret } from '@micropay/sdk/development-secret'
import { InputError } from '@micropay/sdk/input-error'
import { connectLedger, LedgerUnavailableError } from '@micropay/sdk/ledger-client'
import { backUpLog } from './backup/back-up-log.ts'
import { checkBackup } from './backup/check-backup.ts'
import { RestoreRefusedError, restoreLog } from './backup/restore-log.ts'
import { checkSecurityLog } from './check-security-log.ts'
import { type Command, type Connection, readCommandLine, UsageError, usage } from './command-line.ts'
import { keptPathOf, openKeptVerifications } from './kept-verifications.ts'
import type { KnownSources } from './known-folds.ts'
import { logToVerify } from './log-to-verify.ts'
import { moveLedger } from './move/move-ledger.ts'
import { openOldLog } from './move/open-old-log.ts'
import { handleParked } from './parked.ts'
import { resumeLog } from './resume-log.ts'
import { runImport } from './run-import.ts'
import { runningStart } from './running-start.ts'
import { releaseText, showConfiguration } from './show-configuration.ts'
import { showWorkers } from './show-workers.ts'
import { showStatus } from './status.ts'
import { verifyLog } from './verify-log.ts'

/** The `micropay` command: see command-line.ts for what it does, and docs/import.md for the files that it reads. */
const print = (line: string) => process.stdout.write(`${line}\n`)
const defaultUrl = 'http://127.0.0.1:8080'

try {
  const { command, connection } = readCommandLine(process.argv.slice(2))
  const running = await startOf(command, connection)
  process.exitCode = (await run(command, connection, running)) ? 0 : 1
} catch (error) {
  const expected = error instanceof InputError || error instanceof LedgerUnavailableError
  const text = error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error)
  process.stderr.write(`micropay: ${text}\n${error instanceof UsageError ? 'See micropay --help.\n' : ''}`)
  process.exitCode = error instanceof UsageError ? 2 : error instanceof RestoreRefusedError ? 3 : 1
}

/** The running start of this state directory, unless what is asked for is somewhere else, or nowhere. */
async function startOf(command: Command, connection: Connection): Promise<Running | undefined> {
  const { kind } = command
  if (kind === 'help' || kind === 'version' || kind === 'security-log') return undefined
  if (kind === 'backup' && command.what === 'check') return undefined
  const { MICROPAY_URL, MICROPAY_ISSUER, MICROPAY_TOKEN, LOG, MICROPAY_HOME } = process.env
  const [url, issuer] = [connection.url ?? MICROPAY_URL, connection.issuer ?? MICROPAY_ISSUER]
  const told: Record<Exclude<Command['kind'], 'help' | 'version' | 'security-log'>, boolean> = {
    verify: LOG !== undefined,
    backup: LOG !== undefined,
    restore: LOG !== undefined,
    resume: LOG !== undefined,
    token: issuer !== undefined,
    config: url !== undefined && (issuer ?? connection.token ?? MICROPAY_TOKEN) !== undefined,
    workers: url !== undefined && (issuer ?? connection.token ?? MICROPAY_TOKEN) !== undefined,
    status: url !== undefined && (issuer ?? connection.token ?? MICROPAY_TOKEN) !== undefined,
    parked: url !== undefined && (issuer ?? connection.token ?? MICROPAY_TOKEN) !== undefined,
    import: url !== undefined && (issuer ?? connection.token ?? MICROPAY_TOKEN) !== undefined,
    move: url !== undefined && (issuer ?? connection.token ?? MICROPAY_TOKEN) !== undefined,
  }
  return told[kind] ? undefined : runningStart(homeDirectory(MICROPAY_HOME))
}

async function run(command: Command, connection: Connection, running: Running | undefined): Promise<boolean> {
  const url = connection.url ?? process.env.MICROPAY_URL ?? running?.url ?? defaultUrl
  const tokenOf = (client: string) => {
    const issuer = connection.issuer ?? process.env.MICROPAY_ISSUER ?? running?.issuer
    if (!issuer)
      throw new InputError('no MicroPay was started here: give --token, or --issuer, or run "npx pnpm@12 start"')
    return clientCredentials(issuer, { id: client, secret: developmentSecret })
  }
  const given = connection.token ?? process.env.MICROPAY_TOKEN
  const connect = (onWait?: (reason: string) => void, client = 'cli') =>
    connectLedger({
      url,
      accessToken: given ? async () => given : tokenOf(client),
      patienceMs: connection.patienceMs,
      ...(onWait ? { onWait } : {}),
    })

  switch (command.kind) {
    case 'help':
      process.stdout.write(usage)
      return true
    case 'version':
      print(`micropay ${releaseText(buildOf())}`)
      return true
    case 'token':
      print(await tokenOf(command.persona)())
      return true
    case 'security-log':
      return checkSecurityLog(command, print)
    case 'status': {
      const ledger = connect()
      return showStatus(ledger, url, print).finally(() => ledger.close())
    }
    case 'workers': {
      const ledger = connect()
      return showWorkers(ledger, print).finally(() => ledger.close())
    }
    case 'config': {
      const ledger = connect(undefined, 'sam')
      return showConfiguration(ledger, command.service, print).finally(() => ledger.close())
    }
    case 'parked': {
      const ledger = connect(undefined, 'sam')
      return handleParked(ledger, command, print).finally(() => ledger.close())
    }
    case 'verify':
      return verify(command, running)
    case 'backup':
      return backUp(command, running)
    case 'restore':
      return restore(command, running)
    case 'resume':
      return resumePartition(command, running)
    case 'move': {
      const log = await openOldLog(command.from)
      const { patienceMs } = connection
      return moveLedger({
        ...{ ...command, log, patienceMs, print, terminal: process.stderr, signal: new AbortController().signal },
        connect: (onWait, as) => connect(onWait, as === 'finance' ? 'fiona' : 'cli'),
      }).finally(() => log.close())
    }
    case 'import': {
      const { file, batchSize } = command
      const source = command.format === 'berka' ? berkaPayments(file) : csvPayments(file)
      const { patienceMs } = connection
      return runImport({ source, file, batchSize, patienceMs, connect, print, terminal: process.stderr })
    }
  }
}

/** Those that the environment names, or else those of the running start. */
function databasesOf(env: NodeJS.ProcessEnv, running: Running | undefined): Pick<KnownSources, 'databases' | 'leases'> {
  const named = Object.entries(env).flatMap(([name, url]) => {
    const service = /^(ACCOUNTS|RECONCILIATION|AUDIT)_DATABASE_URL$/.exec(name)?.[1]
    return service !== undefined && url !== undefined ? [[service.toLowerCase(), url] as const] : []
  })
  return {
    databases: { ...running?.readModels, ...Object.fromEntries(named) },
    leases: env.LEASE_DATABASE_URL ?? running?.leases,
  }
}

/** Throws InputError where there are several. */
async function onlyPartition(log: EventLog): Promise<number> {
  const partitions = await findPartitions(log).catch((cause: unknown) => {
    throw new InputError(`the log cannot be read: ${cause instanceof Error ? cause.message : cause}`, { cause })
  })
  if (partitions === 1) return 0
  throw new InputError(`the ledger has ${partitions} partitions: name one by --partition; micropay status says which`)
}

async function verify(command: Extract<Command, { kind: 'verify' }>, running: Running | undefined): Promise<boolean> {
  const log = logToVerify(process.env, running)
  const path = command.checkpoint ?? (await keptPathOf(homeDirectory(process.env.MICROPAY_HOME), process.env))
  const kept = path === undefined ? undefined : await openKeptVerifications(path)
  const { partition } = command
  const sources = databasesOf(process.env, running)
  return verifyLog({ log, kept, sources, partition, print, terminal: process.stderr }).finally(() => log.close())
}

async function backUp(command: Extract<Command, { kind: 'backup' }>, running: Running | undefined): Promise<boolean> {
  const { what, directory } = command
  if (what === 'check') {
    await checkBackup(directory, print)
    return true
  }
  const log = logToVerify(process.env, running)
  const { signal } = new AbortController()
  await backUpLog({ log, directory, clock: systemClock, signal, print }).finally(() => log.close())
  return true
}

async function restore(command: Extract<Command, { kind: 'restore' }>, running: Running | undefined) {
  const { env } = process
  const log = logToVerify(env, running)
  try {
    const { sources, directory: listsIn } = await outsideTheLog(command.states, running)
    return await restoreLog({
      ...{ ...command, log, print, clock: systemClock, signal: new AbortController().signal },
      ...{ ledgerId: env.LEDGER_ID ?? running?.ledgerId, sources, listsIn },
    })
  } finally {
    await log.close()
  }
}

/** Who knows of a partition besides its log, and where to list what is lost. */
async function outsideTheLog(states: readonly string[], running: Running | undefined) {
  const { env } = process
  const home = homeDirectory(env.MICROPAY_HOME)
  const path = await keptPathOf(home, env)
  const sources: KnownSources = {
    stateDirectories: states.length > 0 ? states : (running?.stateDirectories ?? []),
    ...databasesOf(env, running),
    verifications: path === undefined ? undefined : await openKeptVerifications(path),
  }
  return { sources, directory: path === undefined ? process.cwd() : home }
}

async function resumePartition(command: Extract<Command, { kind: 'resume' }>, running: Running | undefined) {
  const { env } = process
  const log = logToVerify(env, running)
  try {
    return await resumeLog({
      ...{ ...command, partition: command.partition ?? (await onlyPartition(log)) },
      ...{ log, print, clock: systemClock, ledgerId: env.LEDGER_ID ?? running?.ledgerId },
      ...(await outsideTheLog(command.states, running)),
    })
  } finally {
    await log.close()
  }
}
