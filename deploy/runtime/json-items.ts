import { breathing } from './breathing.ts'
import type { Clock } from './clock.ts'

/** A large body that is not of the shape in which it is read item by item. */
export class ItemsError extends Error {
  readonly code: 'malformed_json' | 'invalid_request'
  /** Into the body (RFC 6901); undefined of what is no JSON. */
  readonly pointer: string | undefined

  constructor(code: 'malformed_json' | 'invalid_request', detail: string, pointer?: string) {
    super(detail)
    this.code = code
    this.pointer = pointer
  }
}

export type ItemsOptions = {
  /** The member of the body's object that holds the items. */
  readonly name: string
  readonly most: number
  /** Throws what is wrong with the text of one item. */
  readonly parse: (text: string) => unknown
  readonly clock: Pick<Clock, 'monotonicMs' | 'turn'>
}

/** Nothing larger is parsed at once, nor is a command larger that comes alone. */
export const MOST_PARSED_BYTES = 64 * 1024
/** Of one item; a payment needs three. */
const MOST_DEPTH = 8
const MOST_MEMBERS = 16
/** So many bytes are looked at between two looks at the clock. */
const STRIDE_BYTES = 4 * 1024

/**
 * Reads `{"<name>": [item, ...]}`, which may be large, without standing in anybody's way: the items' bytes are found by
 * looking at each byte once, each item is parsed by itself, and others have a turn every 5 ms. How deep items nest, how
 * many and how large they are is known before anything is parsed. Throws ItemsError, or what `parse` throws.
 */
export async function parseItems(body: Buffer, options: ItemsOptions): Promise<Readonly<Record<string, unknown>>> {
  const scan = beginScan(body, options)
  const breath = breathing(options.clock)
  for (let at = 0; at < body.length; at += STRIDE_BYTES) {
    look(scan, at, Math.min(at + STRIDE_BYTES, body.length))
    const othersTurn = breath()
    if (othersTurn) await othersTurn
  }
  if (scan.place !== 'after') throw notJson()
  return Object.fromEntries(scan.members)
}

type Scan = {
  readonly body: Buffer
  readonly options: ItemsOptions
  readonly members: Map<string, unknown>
  readonly items: unknown[]
  /** The brackets that are open, from the outside. */
  readonly open: number[]
  place: 'before' | 'name' | 'value' | 'items' | 'after items' | 'after'
  /** The name that was read last. */
  member: string
  /** Where the name, value or item begins that is being looked at. */
  from: number
  isText: boolean
  isEscaped: boolean
}

function beginScan(body: Buffer, options: ItemsOptions): Scan {
  return {
    ...{ body, options, members: new Map(), items: [], open: [] },
    ...{ place: 'before', member: '', from: 0, isText: false, isEscaped: false },
  }
}

/** Looks at the bytes from `start` to `end`, which follow those that were looked at before. */
function look(scan: Scan, start: number, end: number): void {
  const { body } = scan
  for (let at = start; at < end; at += 1) {
    const byte = body[at] ?? 0
    if (scan.isText) {
      if (scan.isEscaped) scan.isEscaped = false
      else if (byte === BACKSLASH) scan.isEscaped = true
      else if (byte === QUOTE) scan.isText = false
    } else if (byte === QUOTE) scan.isText = true
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) open(scan, byte, at)
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) close(scan, byte, at)
    else if (byte === COMMA || byte === COLON) separate(scan, byte, at)
  }
  if (scan.place === 'name' || scan.place === 'value' || scan.place === 'items') {
    if (end - scan.from > MOST_PARSED_BYTES) throw tooLarge(scan)
    return
  }
  if (scan.isText || !isBlank(body, scan.from, end)) {
    throw scan.place === 'before' ? notObject(scan.options.name) : notJson()
  }
  scan.from = end
}

/** How many brackets stand around a name and its value, or around an item. */
function around({ place }: Scan): number {
  return place === 'items' ? 2 : 1
}

function open(scan: Scan, bracket: number, at: number): void {
  const { body, options, place, member } = scan
  const isOfItems = place === 'value' && member === options.name && bracket === OPEN_ARRAY && scan.open.length === 1
  if (place === 'before') {
    if (bracket !== OPEN_OBJECT || !isBlank(body, scan.from, at)) throw notObject(options.name)
    scan.place = 'name'
    scan.from = at + 1
  } else if (isOfItems && isBlank(body, scan.from, at)) {
    scan.place = 'items'
    scan.from = at + 1
  } else if (scan.open.length >= around(scan) + MOST_DEPTH) {
    throw new ItemsError('invalid_request', `is nested more than ${MOST_DEPTH} deep`, pointerOf(scan))
  }
  scan.open.push(bracket)
}

function close(scan: Scan, bracket: number, at: number): void {
  const { body, open, items, members, place } = scan
  if (open.at(-1) !== bracket - 2) throw notJson()
  if (open.length === around(scan)) {
    const ofPlace = place === 'items' ? items.length : place === 'name' ? members.size : 1
    if (ofPlace > 0 || !isBlank(body, scan.from, at)) endValue(scan, at)
    scan.place = place === 'items' ? 'after items' : 'after'
    scan.from = at + 1
  }
  open.pop()
}

function separate(scan: Scan, byte: number, at: number): void {
  if (scan.open.length !== around(scan)) return
  if (byte === COLON) {
    if (scan.place !== 'name') throw notJson()
    endName(scan, at)
  } else {
    endValue(scan, at)
    if (scan.place !== 'items') scan.place = 'name'
  }
  scan.from = at + 1
}

function endName(scan: Scan, at: number): void {
  const { members, options } = scan
  const name = options.parse(textBefore(scan, at))
  if (typeof name !== 'string') throw notJson()
  if (members.has(name)) throw new ItemsError('invalid_request', 'stands there twice', `/${name}`)
  if (members.size === MOST_MEMBERS) throw new ItemsError('invalid_request', 'has too many members', '')
  scan.member = name
  scan.place = 'value'
}

/** A comma, or the bracket around it, ends a value or an item. */
function endValue(scan: Scan, at: number): void {
  const { body, items, members, member, place, from, options } = scan
  if (place === 'items') {
    const { name, most } = options
    if (items.length === most) throw new ItemsError('invalid_request', `must have at most ${most} items`, `/${name}`)
    items.push(options.parse(textBefore(scan, at)))
  } else if (place === 'value') members.set(member, options.parse(textBefore(scan, at)))
  else if (place === 'after items' && isBlank(body, from, at)) members.set(member, items)
  else throw notJson()
}

function textBefore(scan: Scan, at: number): string {
  if (at - scan.from > MOST_PARSED_BYTES) throw tooLarge(scan)
  const text = scan.body.toString('utf8', scan.from, at).trim()
  if (text === '') throw notJson()
  return text
}

function pointerOf({ place, items, member, options }: Scan): string {
  return place === 'items' ? `/${options.name}/${items.length}` : `/${member}`
}

function tooLarge(scan: Scan): ItemsError {
  return new ItemsError('invalid_request', `has more than ${MOST_PARSED_BYTES / 1024} KiB: send less`, pointerOf(scan))
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]

function isBlank(body: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = body[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return false
  }
  return true
}

function notJson(): ItemsError {
  return new ItemsError('malformed_json', 'the body is not JSON in UTF-8: send it so')
}

function notObject(name: string): ItemsError {
  return new ItemsError('invalid_request', `must be an object with ${name}`, '')
}
