import type { ArrayElement } from './array-literal.ts'
import type { Chunks } from './binary-chunks.ts'
import { sincePostgresEpoch } from './postgres-instant.ts'

/** Writes values of a type in the binary format of COPY, the length before each. */
export function writerOf(type: StoredType): Write {
  switch (type) {
    case 'int4':
      return (target, value) => writeInt32(target, value)
    case 'int8':
      return (target, value) => writeInt64(target, typeof value === 'number' ? BigInt(value) : value)
    case 'numeric':
      return (target, value) => writeNumeric(target, value)
    case 'timestamptz':
      return instantWriter()
    case 'digest':
      return (target, value) => writeDigest(target, String(value))
    case 'jsonb':
      return (target, value) => writeText(target, String(value), JSONB_VERSION)
    case 'text':
      return (target, value) => writeText(target, String(value))
  }
}

/** PostgreSQL's types; `digest` are bytes given in base64url and stored as bytea. */
export type StoredType = 'text' | 'int4' | 'int8' | 'numeric' | 'timestamptz' | 'jsonb' | 'digest'

/** Throws RangeError for what the column cannot hold. */
export type Write = (target: Chunks, value: NonNullable<ArrayElement>) => void

function writeInt32(target: Chunks, value: NonNullable<ArrayElement>): void {
  if (typeof value !== 'number' || (value | 0) !== value)
    throw new RangeError(`${JSON.stringify(String(value))} is no int4`)
  target.view.setInt32(target.at, 4)
  target.view.setInt32(target.at + 4, value)
  target.at += 8
}

const [LEAST_INT8, MOST_INT8] = [-(2n ** 63n), 2n ** 63n - 1n]

function writeInt64(target: Chunks, value: bigint | string): void {
  if (typeof value !== 'bigint' || value < LEAST_INT8 || value > MOST_INT8) {
    throw new RangeError(`${JSON.stringify(String(value))} is no int8`)
  }
  target.view.setInt32(target.at, 8)
  target.view.setBigInt64(target.at + 4, value)
  target.at += 12
}

const DIGIT = 10_000n
const NEGATIVE = 0x4000

/**
 * A whole number as digits of the base 10,000, the highest first, behind their count, its weight, its sign and no
 * fraction.
 */
function writeNumeric(target: Chunks, value: NonNullable<ArrayElement>): void {
  if (typeof value !== 'bigint') throw new RangeError(`${JSON.stringify(String(value))} is no whole number`)
  const digits: number[] = []
  for (let rest = value < 0n ? -value : value; rest > 0n; rest /= DIGIT) digits.unshift(Number(rest % DIGIT))
  target.reserve(12 + 2 * digits.length)
  const { view, at } = target
  view.setInt32(at, 8 + 2 * digits.length)
  view.setInt16(at + 4, digits.length)
  view.setInt16(at + 6, Math.max(0, digits.length - 1))
  view.setInt16(at + 8, value < 0n ? NEGATIVE : 0)
  view.setInt16(at + 10, 0)
  for (const [index, digit] of digits.entries()) view.setInt16(at + 12 + 2 * index, digit)
  target.at += 12 + 2 * digits.length
}

function writeDigest(target: Chunks, text: string): void {
  if (!base64url.test(text)) throw new RangeError(`${JSON.stringify(text)} is no base64url`)
  target.reserve(4 + text.length)
  const length = target.bytes.write(text, target.at + 4, 'base64url')
  target.view.setInt32(target.at, length)
  target.at += 4 + length
}

const base64url = /^[A-Za-z0-9_-]*$/

/** The version of jsonb's binary format, a byte before its text. */
const JSONB_VERSION = 1

function writeText(target: Chunks, text: string, version?: number): void {
  // A UTF-16 unit takes three bytes of UTF-8 at most, and mostly one: to count them is worth it for long texts alone.
  target.reserve(5 + (text.length <= SHORT_COUNT ? 3 * text.length : Buffer.byteLength(text)))
  const lengthAt = target.at
  target.at += 4
  if (version !== undefined) {
    target.bytes[target.at] = version
    target.at += 1
  }
  target.at += writeShort(target.bytes, target.at, text) ?? target.bytes.write(text, target.at, 'utf8')
  target.view.setInt32(lengthAt, target.at - lengthAt - 4)
}

const SHORT = 32
const SHORT_COUNT = 1_024

/** A short text of ASCII letter by letter, which is quicker than to leave JavaScript; nothing of another text. */
function writeShort(bytes: Buffer, at: number, text: string): number | undefined {
  if (text.length > SHORT) return undefined
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return undefined
    bytes[at + index] = code
  }
  return text.length
}

/** One instant follows another of the same text more often than not: entries are of one payment. */
function instantWriter(): Write {
  let last: { readonly text: string; readonly microseconds: bigint } | undefined
  return (target, value) => {
    const text = String(value)
    if (text !== last?.text) last = { text, microseconds: sincePostgresEpoch(text) }
    writeInt64(target, last.microseconds)
  }
}
