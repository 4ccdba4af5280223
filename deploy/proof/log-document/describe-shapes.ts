import { Claim, Commit, Genesis, Heartbeat, Resume } from '@micropay/schemas/log/commit'
import { earlierVersions, LedgerEvent } from '@micropay/schemas/log/event'
import { recordTypes } from '@micropay/schemas/log/ledger-record'
import {
  StoredAccountId,
  StoredAmount,
  StoredCurrency,
  StoredDay,
  StoredLimit,
  StoredMovement,
  StoredOwnerId,
  StoredPaymentId,
  StoredPeriodId,
  StoredPolicyId,
  StoredPosition,
  StoredProposalId,
  StoredSum,
} from '@micropay/schemas/log/stored-fields'
import { z } from 'zod'

/** Fields that have a rule of their own; all other strings are any text. */
const named = new Map<z.ZodType, string>([
  [StoredAccountId, 'account id'],
  [StoredAmount, 'amount'],
  [StoredCurrency, 'ISO 4217 code'],
  [StoredDay, 'day'],
  [StoredLimit, 'limit'],
  [StoredMovement, 'movement'],
  [StoredOwnerId, 'owner id'],
  [StoredPaymentId, 'payment id'],
  [StoredPeriodId, 'period id'],
  [StoredPosition, 'position'],
  [StoredPolicyId, 'policy id'],
  [StoredProposalId, 'proposal id'],
  [StoredSum, 'sum'],
])

const meanings = [
  '*text*: a string; *instant*: `2026-03-01T09:30:00.000Z`; *day*: `2026-03-01`',
  '*amount*: minor units, an integer string above zero; *movement*: one with a sign, or zero; *sum*: one of any size',
  '*limit*: minor units, an integer string of zero or more, or `unlimited`',
  '*account id*, *owner id*, *payment id* and other ids: ASCII without spaces, at most 64 characters',
  'a field with `?` may be absent',
]

const records = { genesis: Genesis, claim: Claim, resume: Resume, commit: Commit, heartbeat: Heartbeat }

/** The shapes of all records and events that a log may hold, as tables of Markdown. */
export function describeShapes(): string {
  const recordRows = Object.entries(recordTypes).map(([kind, type]) => {
    const schema = records[kind as keyof typeof records]
    return `| \`${type}\` | ${fieldsOf(schema, kind === 'commit' ? { events: 'list of at most 100 events' } : {})} |`
  })
  const eventRows = LedgerEvent.options.flatMap(({ shape: { type, version, data } }) => {
    const versions = { ...earlierVersions[type.value], [version.value]: data }
    return Object.entries(versions).map(([each, schema]) => `| \`${type.value}\` | ${each} | ${fieldsOf(schema)} |`)
  })
  return [
    ...['| type | data |', '| --- | --- |', ...recordRows, ''],
    'An event is `{ type, version, data }`. Of each type all versions are listed that were ever written.',
    ...['', '| event | version | data |', '| --- | --- | --- |', ...eventRows, ''],
    ...meanings.map((meaning) => `- ${meaning}.`),
  ].join('\n')
}

function fieldsOf(schema: z.ZodType, instead: Readonly<Record<string, string>> = {}): string {
  if (!(schema instanceof z.ZodObject)) throw new RangeError('a record and an event hold an object')
  return Object.entries(schema.shape)
    .map(([name, field]) => `\`${name}${field instanceof z.ZodOptional ? '?' : ''}\` ${instead[name] ?? typeOf(field)}`)
    .join(', ')
}

/** `text of 43 characters`, `integer from 1`: no bound is said where it is that of all integers or texts. */
function rangeOf(what: string, least: number | null, most: number | null, unit: string): string {
  const from = least === null || least === Number.MIN_SAFE_INTEGER ? undefined : least
  const to = most === null || most === Number.MAX_SAFE_INTEGER ? undefined : most
  if (from === undefined && to === undefined) return what
  if (from === to) return `${what} of ${to}${unit}`
  return [what, from === undefined ? '' : `from ${from}`, to === undefined ? '' : `to ${to}`]
    .filter((part) => part !== '')
    .join(' ')
    .concat(unit)
}

function typeOf(field: unknown): string {
  if (!(field instanceof z.ZodType)) throw new RangeError('a field has a schema')
  const name = named.get(field)
  if (name !== undefined) return name
  if (field instanceof z.ZodOptional) return typeOf(field.unwrap())
  if (field instanceof z.ZodNullable) return `${typeOf(field.unwrap())} or null`
  if (field instanceof z.ZodBoolean) return 'true or false'
  if (field instanceof z.ZodObject) return `{ ${fieldsOf(field)} }`
  if (field instanceof z.ZodArray) return `list of ${typeOf(field.element)}`
  if (field instanceof z.ZodRecord) return `names and ${typeOf(field.valueType)}`
  if (field instanceof z.ZodDiscriminatedUnion) return field.options.map(typeOf).join(' or ')
  if (field instanceof z.ZodEnum) return field.options.map((option) => `\`${option}\``).join(' or ')
  if (field instanceof z.ZodLiteral) return `\`${field.value}\``
  if (field instanceof z.ZodISODateTime) return 'instant'
  if (field instanceof z.ZodNumber) return rangeOf('integer', field.minValue, field.maxValue, '')
  if (field instanceof z.ZodString) return rangeOf('text', field.minLength, field.maxLength, ' characters')
  if (field instanceof z.ZodUnknown) return 'anything'
  throw new RangeError(`${field.def.type} has no words yet`)
}
