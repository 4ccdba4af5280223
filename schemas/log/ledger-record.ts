import { z } from 'zod'
import { Claim, Commit, Genesis, Heartbeat, type LedgerRecord, Resume } from './commit.ts'
import { isOwnStep } from './event.ts'
import { checkAnnounced, lowered, type StoredEvent, UnknownEventError, upcast } from './event-versions.ts'
import { broughtCommand, broughtRule, EVENT_GENERATION, type Generations } from './generations.ts'
import { isReadAsUsual, readUsualPayment } from './usual-payment.ts'

/** The CloudEvents types of the kinds of record. */
export const recordTypes = {
  genesis: 'micropay.genesis.v1',
  claim: 'micropay.claim.v1',
  resume: 'micropay.resume.v1',
  commit: 'micropay.commit.v1',
  heartbeat: 'micropay.heartbeat.v1',
} as const

/**
 * The largest value of one record, in bytes: a statement of 2,000 lines with usual texts stays below it, and a payment
 * far below.
 */
export const MAX_RECORD_BYTES = 1024 * 1024

/** The bytes are no record of any version of this code. */
export class MalformedRecordError extends Error {
  readonly code = 'malformed_record'
}

/** A kind of record that this code has never heard of, and that is not marked `ignorable`. */
export class UnknownRecordError extends Error {
  readonly code = 'unknown_record'
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** Where a record belongs, as its CloudEvents context says it. */
export type RecordContext = { readonly ledgerId: string; readonly partition: number }

/**
 * The exact bytes of a commit, as a worker of a generation writes it: a CloudEvents 1.0 event in structured JSON.
 * `time` is `decidedAt`, `subject` the aggregate. The hash chain runs over these bytes, so they are made once and never
 * serialised again. Throws GenerationError for what that generation cannot say.
 */
export function encodeCommit(
  context: RecordContext,
  subject: string,
  commit: Commit,
  generation: number = EVENT_GENERATION,
  table?: Generations,
): Uint8Array {
  return encoder.encode(commitText(context, subject, commit, generation, table))
}

/**
 * The same of a commit that is about to be appended. It was read as every reader of that generation will: throws as
 * `decodeRecord` does for what they would stop at, which would end the ledger.
 */
export function encodeReadable(
  context: RecordContext,
  subject: string,
  commit: Commit,
  generation: number,
  table?: Generations,
): Uint8Array {
  const text = commitText(context, subject, commit, generation, table)
  if (!isReadAsUsual(text, commit, generation)) orMalformed(() => parseRecord(JSON.parse(text), generation))
  // Of a pool: a buffer with memory of its own for each payment costs as much as to encode it.
  return Buffer.from(text)
}

function commitText(
  context: RecordContext,
  subject: string,
  commit: Commit,
  generation: number,
  table: Generations | undefined,
): string {
  const { epoch, seq, decidedAt } = commit
  const written = { ...commit, events: writtenEvents(commit, generation, table) }
  return recordText(context, recordTypes.commit, `${epoch}:${seq}`, subject, decidedAt, written)
}

type Decided = Pick<Commit, 'command' | 'outcome' | 'events'>

/** A commit's events as that generation writes them. Throws GenerationError for what it cannot say. */
export function writtenEvents(
  { command, outcome, events }: Decided,
  generation: number,
  table?: Generations,
): StoredEvent[] {
  const needed = Math.max(broughtCommand(command.type, table), broughtBy({ command, outcome }, table))
  if (needed > generation) throw new GenerationError(generation)
  return events.map((event) => {
    const stored = lowered(event, generation, table)
    if (!stored) throw new GenerationError(generation)
    return stored
  })
}

/**
 * The generation that brought the command of a commit, or the reason that it was refused for. Commands that were
 * refused for an older reason have been written under an earlier one, and are read.
 */
function broughtBy({ command, outcome }: Pick<Decided, 'command' | 'outcome'>, table?: Generations): number {
  return outcome.kind === 'accepted' ? broughtCommand(command.type, table) : broughtRule(outcome.code, table)
}

/** What is to be written needs a generation that nobody has announced in the log. */
export class GenerationError extends Error {
  readonly code = 'generation_not_raised'

  constructor(generation: number) {
    super(
      `this ledger is written in generation ${generation}, which has no words for it: ` +
        'ask an operator to raise WRITE_GENERATION once every service reads the newer one',
    )
  }
}

export function encodeGenesis(context: RecordContext, genesis: Genesis, at: string): Uint8Array {
  return encodeRecord(context, recordTypes.genesis, 'genesis', undefined, at, genesis)
}

export function encodeClaim(context: RecordContext, claim: Claim): Uint8Array {
  return encodeRecord(context, recordTypes.claim, `claim:${claim.claimId}`, undefined, claim.claimedAt, claim)
}

export function encodeResume(context: RecordContext, resume: Resume): Uint8Array {
  return encodeRecord(context, recordTypes.resume, `resume:${resume.claimId}`, undefined, resume.resumedAt, resume)
}

export function encodeHeartbeat(context: RecordContext, heartbeat: Heartbeat): Uint8Array {
  const id = `heartbeat:${heartbeat.epoch}:${heartbeat.at}`
  return encodeRecord(context, recordTypes.heartbeat, id, undefined, heartbeat.at, heartbeat)
}

function encodeRecord(
  context: RecordContext,
  type: string,
  id: string,
  subject: string | undefined,
  time: string,
  data: object,
): Uint8Array {
  return encoder.encode(recordText(context, type, id, subject, time, data))
}

function recordText(
  context: RecordContext,
  type: string,
  id: string,
  subject: string | undefined,
  time: string,
  data: object,
): string {
  return JSON.stringify({
    specversion: '1.0',
    id: `${context.partition}:${id}`,
    source: `urn:micropay:ledger:${context.ledgerId}`,
    type,
    subject,
    time,
    datacontenttype: 'application/json',
    data,
  })
}

/**
 * What its own schema parses later: z.record would copy it key by key first, which every reader pays for every record.
 */
const jsonObject = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  { error: 'must be an object' },
)

const envelope = z.object({
  specversion: z.literal('1.0'),
  type: z.string(),
  ignorable: z.boolean().optional(),
  data: jsonObject,
})

const storedEvents = z.array(z.object({ type: z.string(), version: z.int(), data: jsonObject }))

/**
 * Reads one record's bytes, lifting its events to their current versions. Throws MalformedRecordError for what does not
 * parse, UnknownRecordError for an unknown kind (unless marked `ignorable`), and UnknownEventError for an event that
 * this code does not know yet, or that came with a later generation than the one that was announced.
 */
export function decodeRecord(bytes: Uint8Array, generation: number = EVENT_GENERATION): LedgerRecord {
  return orMalformed(() => {
    const text = decoder.decode(bytes)
    const usual = readUsualPayment(text, generation)
    return usual ? { kind: 'commit', commit: usual } : parseRecord(JSON.parse(text), generation)
  })
}

function orMalformed<Read>(read: () => Read): Read {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof SyntaxError || cause instanceof TypeError || cause instanceof z.ZodError) {
      throw new MalformedRecordError(`not a ledger record: ${cause.message}`, { cause })
    }
    throw cause
  }
}

/** Only what the ledger does of itself has no key: all else is a caller's command. */
function checkKey({ command, idempotencyKey, requestHash }: Commit): void {
  if (isOwnStep(command.type) || (idempotencyKey !== undefined && requestHash !== undefined)) return
  throw new MalformedRecordError(`not a ledger record: the ${command.type} has no key`)
}

function parseRecord(json: unknown, generation: number): LedgerRecord {
  const { type, ignorable, data } = envelope.parse(json)
  switch (type) {
    case recordTypes.commit: {
      const stored = storedEvents.parse(data.events)
      for (const event of stored) checkAnnounced(event, generation)
      const commit = Commit.parse({ ...data, events: stored.map((event) => upcast(event)) })
      if (broughtBy(commit) > generation) throw new UnknownEventError(`nothing of it is of generation ${generation}`)
      checkKey(commit)
      return { kind: 'commit', commit }
    }
    case recordTypes.claim:
      return { kind: 'claim', claim: Claim.parse(data) }
    case recordTypes.resume:
      return { kind: 'resume', resume: Resume.parse(data) }
    case recordTypes.heartbeat:
      return { kind: 'heartbeat', heartbeat: Heartbeat.parse(data) }
    case recordTypes.genesis:
      return { kind: 'genesis', genesis: Genesis.parse(data) }
    default:
      if (ignorable === true) return { kind: 'ignored', type }
      throw new UnknownRecordError(`the kind of record ${type} is unknown here`)
  }
}
