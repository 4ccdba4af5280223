import { parseArgs } from 'node:util'
import { MAX_BATCH_PAYMENTS } from '@micropay/schemas/api/payment'
import { parsePositions } from '@micropay/schemas/position'
import { InputError } from '@micropay/sdk/input-error'
import type { RestoreRequest } from './backup/restore-log.ts'
import type { SecurityLogCheck } from './check-security-log.ts'
import type { MoveOptions } from './move/move-ledger.ts'
import type { ParkedRequest } from './parked.ts'
import type { ResumeRequest } from './resume-log.ts'

export const usage = `micropay: works with a running MicroPay through its public API

  micropay import berka FILE   replay the Berka bank's transactions (.csv or .csv.gz), then compare every balance
  micropay import csv FILE     book a CSV of payments: key,from,to,amount,currency[,effective_at,reference,description]
  micropay token PERSONA       print an access token of the development issuer (ada, ben, olga, ...)
  micropay workers             show which worker has which partition, and how it gets on
  micropay status              say whether it runs, and how far the read models are
  micropay config [SERVICE]    show the settings that are in force, and where each comes from
  micropay verify              judge the whole log anew, straight from where it is, and compare it with the last time
  micropay parked              show messages between partitions that could not be handled, and why
  micropay parked retry ID...  try them again; micropay parked drop ID... --reason TEXT: give them up
  micropay move --from LOG     say what of that log's ledger can be booked anew in another one; with --yes book it
  micropay security-log FILE... say whether no line of it was changed, left out or put in; the oldest file first
  micropay backup FOLDER       add to the backup in it what the log has more, while the ledger is served
  micropay backup check FOLDER say whether all of that backup is as it was written, and up to where it goes
  micropay restore FOLDER      put that backup into an empty log, and verify it, before anything serves it
  micropay resume              show why a partition is stopped and what is lost; with --yes go on from what is there

  --url URL           the gateway (MICROPAY_URL; default: the running "npx pnpm@12 start", or http://127.0.0.1:8080)
  --token TOKEN       an access token (MICROPAY_TOKEN; default: the operator's, or sam's, from the development issuer)
  --issuer URL        the issuer to get it from (MICROPAY_ISSUER; default: that of the running start)
  --batch-size N      payments a request, 1 to ${MAX_BATCH_PAYMENTS} (default 5000)
  --partition N       with verify, parked and resume: this partition (default: all, and the only one)
  --checkpoint FILE   with verify: where it was verified to, to compare with (default: in the state directory)
  --patience SECONDS  how long one request is tried again while the ledger does not answer (default 120)
  --state DIRECTORY   with resume: a worker's STATE_DIRECTORY; may be given again (default: that of the running start)
  --from LOG          with move: the old log, postgres://..., kafka://HOST:PORT,.../TOPIC, or a start's state directory
  --until POSITION    with move: up to there (default: to its end, with limits and policies); --tenant NAME: of several
  --actor NAME        with resume: who decides; --reason TEXT: why, with parked drop, too; --yes: do it
  --head HASH         with security-log: a hash that was kept elsewhere, which must be among its lines
  --version           the release, and the commit where that is known
  --help              this text

Where no start runs, verify, restore and resume take *_DATABASE_URL of the read models and leases, and restore and
resume LEDGER_ID: see docs/operations.md first, and docs/backup.md.
verify, backup and restore take the log of the running start, or the one that LOG, LOG_DATABASE_URL, KAFKA_BROKERS and
KAFKA_TOPIC, EVENTSTORE_URL and EVENTSTORE_STREAM name.
Imports are safe to run again: each row has a key of its own, and a row that is booked already changes nothing.
Exit code: 0 when all went well, 1 when a row was refused, a balance differs, the log is not sound or cannot be
reached, 2 for a wrong command line.
`

export type Connection = {
  readonly url: string | undefined
  readonly token: string | undefined
  readonly issuer: string | undefined
  readonly patienceMs: number
}
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'import'; readonly format: 'berka' | 'csv'; readonly file: string; readonly batchSize: number }
  | ({ readonly kind: 'move'; readonly from: string; readonly batchSize: number } & MoveRequest)
  | { readonly kind: 'token'; readonly persona: string }
  | ({ readonly kind: 'security-log' } & SecurityLogCheck)
  | { readonly kind: 'status' }
  | { readonly kind: 'workers' }
  | { readonly kind: 'config'; readonly service: string | undefined }
  | ({ readonly kind: 'parked' } & ParkedRequest)
  | { readonly kind: 'verify'; readonly partition: number | undefined; readonly checkpoint: string | undefined }
  | { readonly kind: 'backup'; readonly what: 'add' | 'check'; readonly directory: string }
  | ({ readonly kind: 'restore'; readonly states: readonly string[] } & RestoreRequest)
  | ({
      readonly kind: 'resume'
      readonly states: readonly string[]
      readonly partition: number | undefined
    } & Omit<ResumeRequest, 'partition'>)

type MoveRequest = Pick<MoveOptions, 'until' | 'tenant' | 'yes'>

export class UsageError extends InputError {}

/** Reads the command line; throws UsageError with what is wrong. */
export function readCommandLine(argv: readonly string[]): { command: Command; connection: Connection } {
  const { values, positionals } = parse(argv)
  const connection = {
    url: values.url,
    token: values.token,
    issuer: values.issuer,
    patienceMs: whole('--patience', values.patience, 0, 86_400) * 1000,
  }
  const shown = values.help ? 'help' : values.version ? 'version' : undefined
  const command: Command = shown ? { kind: shown } : commandOf(positionals, values)
  return { command, connection }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        url: { type: 'string' },
        token: { type: 'string' },
        issuer: { type: 'string' },
        'batch-size': { type: 'string', default: '5000' },
        partition: { type: 'string' },
        checkpoint: { type: 'string' },
        state: { type: 'string', multiple: true, default: [] },
        from: { type: 'string' },
        until: { type: 'string' },
        tenant: { type: 'string' },
        actor: { type: 'string' },
        reason: { type: 'string' },
        yes: { type: 'boolean', default: false },
        complete: { type: 'boolean', default: false },
        lost: { type: 'boolean', default: false },
        version: { type: 'boolean', default: false },
        head: { type: 'string' },
        patience: { type: 'string', default: '120' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause })
  }
}

type Values = ReturnType<typeof parse>['values']

const commands = [
  ...['import', 'move', 'token', 'status', 'workers', 'config', 'verify', 'parked', 'security-log'],
  ...['backup', 'restore', 'resume'],
]

function commandOf(positionals: readonly string[], values: Values): Command {
  const { 'batch-size': batchSize, partition, checkpoint } = values
  const [name, ...rest] = positionals
  if (name === undefined) return { kind: 'help' }
  const expect = (count: number, form: string) => {
    if (rest.length !== count) throw new UsageError(`the form is: micropay ${form}`)
  }
  if (name === 'status' || name === 'workers') {
    expect(0, name)
    return { kind: name }
  }
  if (name === 'config') {
    if (rest.length > 1) expect(1, 'config [SERVICE]')
    return { kind: 'config', service: rest[0] }
  }
  if (name === 'verify') {
    expect(0, 'verify')
    return {
      kind: 'verify',
      partition: partition === undefined ? undefined : partitionIn(partition),
      checkpoint,
    }
  }
  if (name === 'backup') {
    const isCheck = rest[0] === 'check' && rest.length > 1
    expect(isCheck ? 2 : 1, 'backup FOLDER, or micropay backup check FOLDER')
    return { kind: name, what: isCheck ? 'check' : 'add', directory: rest.at(-1) ?? '' }
  }
  if (name === 'restore') {
    expect(1, 'restore FOLDER')
    return restoreOf(rest[0] ?? '', values)
  }
  if (name === 'resume') {
    expect(0, 'resume')
    return resumeOf(values)
  }
  if (name === 'move') {
    expect(0, 'move --from LOG')
    return moveOf(values)
  }
  if (name === 'security-log') {
    if (rest.length === 0) throw new UsageError('the form is: micropay security-log FILE...')
    return { kind: name, files: rest, head: values.head }
  }
  if (name === 'parked') return parkedOf(rest, values)
  if (name === 'token') {
    expect(1, 'token PERSONA')
    return { kind: 'token', persona: rest[0] ?? '' }
  }
  if (name !== 'import') throw new UsageError(`there is no command ${name}: ${commands.join(', ')} exist`)
  expect(2, 'import berka|csv FILE')
  const [format, file = ''] = rest
  if (format !== 'berka' && format !== 'csv') {
    throw new UsageError(`there is no format ${format}: micropay import berka FILE, or micropay import csv FILE`)
  }
  return { kind: 'import', format, file, batchSize: batchSizeIn(batchSize) }
}

function parkedOf([what = 'list', ...ids]: readonly string[], values: Values): Command {
  const { partition, reason = '' } = values
  if (what === 'list' && ids.length === 0) {
    return { kind: 'parked', what, partition: partition === undefined ? undefined : partitionIn(partition) }
  }
  if (what !== 'retry' && what !== 'drop') {
    throw new UsageError('the form is: micropay parked, micropay parked retry ID..., or micropay parked drop ID...')
  }
  if (ids.length === 0)
    throw new UsageError(`the form is: micropay parked ${what} ID..., as micropay parked shows them`)
  if (what === 'retry') return { kind: 'parked', what, ids }
  if (!reason.trim()) throw new UsageError('parked drop needs --reason TEXT: it stands in the log of the worker')
  return { kind: 'parked', what, ids, reason: reason.trim() }
}

function moveOf({ from, until, tenant, yes, 'batch-size': batchSize }: Values): Command {
  if (!from) throw new UsageError('move needs --from LOG: where the old ledger is')
  const positions = until === undefined ? [] : parsePositions(until)
  if (!positions) throw new UsageError(`--until is "${until}", and must be a position such as 0:1842, or 0:91,1:7`)
  return { kind: 'move', from, until: positions, tenant, yes, batchSize: batchSizeIn(batchSize) }
}

function batchSizeIn(text: string): number {
  return whole('--batch-size', text, 1, MAX_BATCH_PAYMENTS)
}

function partitionIn(text: string): number {
  return whole('--partition', text, 0, 1023)
}

function restoreOf(directory: string, { state, actor, reason, complete }: Values): Command {
  const [who, why] = [actor?.trim(), reason?.trim()]
  if (complete && (who || why)) throw new UsageError('restore takes --complete, or --actor and --reason, and not both')
  if (complete) return { kind: 'restore', states: state, directory, ending: 'complete' }
  if (who && why) return { kind: 'restore', states: state, directory, ending: { actor: who, reason: why } }
  throw new UsageError(
    'restore needs --actor NAME and --reason TEXT, which stand in the log for ever: what may have been acknowledged ' +
      'behind the backup is lost by it. Where you know that nothing was, --complete instead',
  )
}

function resumeOf({ partition, state, actor, reason, yes, lost }: Values): Command {
  if (yes && !(actor?.trim() && reason?.trim())) {
    throw new UsageError('--yes needs --actor NAME and --reason TEXT: both stand in the log for ever')
  }
  const number = partition === undefined ? undefined : partitionIn(partition)
  const asked = { actor: actor?.trim(), reason: reason?.trim(), yes, mayHaveLost: lost }
  return { kind: 'resume', states: state, partition: number, ...asked }
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = /^[0-9]{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new UsageError(`${option} is ${JSON.stringify(text)}, and must be a whole number from ${least} to ${most}`)
}
