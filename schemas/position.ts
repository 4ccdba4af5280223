import { z } from 'zod'

/**
 * A partition and a sequence as texts have them, each written in the one way that there is for a number: what names one
 * thing in two ways is counted twice.
 */
export const partitionPattern = '(?:0|[1-9][0-9]{0,4})'
export const seqPattern = '(?:0|[1-9][0-9]{0,14})'
const positionPattern = `${partitionPattern}:${seqPattern}`

/** A place in the ledger: partition and the ledger's own gapless sequence there; never an offset of the log beneath. */
export type Position = { readonly partition: number; readonly seq: number }

/** `3:1842`, or a vector `0:91,3:1842` with one entry a partition, in rising order. */
export const PositionVector = z
  .string()
  .regex(new RegExp(`^${positionPattern}(?:,${positionPattern}){0,1023}$`), {
    error: 'must look like 0:1842, or 0:91,3:1842 for several partitions',
  })
  .meta({ id: 'PositionVector', examples: ['0:1842'] })

/** A single one. */
export const onePosition = z
  .string()
  .regex(new RegExp(`^${positionPattern}$`), { error: 'must look like 0:1842' })
  .meta({ examples: ['0:1842'] })

export function formatPosition(position: Position): string {
  return `${position.partition}:${position.seq}`
}

/** Undefined for a text that is none, or is of several partitions. */
export function parsePosition(text: string): Position | undefined {
  const [position, ...others] = parsePositions(text) ?? []
  return others.length > 0 ? undefined : position
}

/** Reads a vector; undefined when it is malformed or names a partition twice. */
export function parsePositions(text: string): Position[] | undefined {
  if (!PositionVector.safeParse(text).success) return undefined
  const positions = text.split(',').map((part) => {
    const [partition, seq] = part.split(':').map(Number)
    return { partition: partition ?? 0, seq: seq ?? 0 }
  })
  const distinct = new Set(positions.map((position) => position.partition))
  return distinct.size === positions.length ? positions.sort((a, b) => a.partition - b.partition) : undefined
}

/** The furthest position of each partition, in rising order of the partitions. */
export function furthestOf(positions: Iterable<Position>): Position[] {
  const seqs = new Map<number, number>()
  for (const { partition, seq } of positions) seqs.set(partition, Math.max(seq, seqs.get(partition) ?? 0))
  return Array.from(seqs, ([partition, seq]) => ({ partition, seq })).sort((a, b) => a.partition - b.partition)
}

export function formatPositions(positions: readonly Position[]): string {
  return positions.map(formatPosition).join(',')
}
