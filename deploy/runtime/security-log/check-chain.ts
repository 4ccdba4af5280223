import { CHAIN_START, type ChainHead, readChainLine } from './chain.ts'

export type CheckedChain = {
  readonly lines: number
  /** Where the first line goes on from; undefined where there is none. */
  readonly from: ChainHead | undefined
  readonly head: ChainHead
  /** In the order of the lines, each with its number from 1; the first few hundred. */
  readonly faults: readonly { readonly line: number; readonly text: string }[]
  /** Whether a line with the wanted hash is among them; undefined where none was wanted. */
  readonly hasWanted: boolean | undefined
}

const MOST_FAULTS = 500
const noLine = 'is no line of a security log, or not all of one'

/**
 * Whether lines are one chain, in their order: nothing changed, left out, put in or moved. That the end was cut off is
 * told by `wanted` alone, a hash that somebody has kept elsewhere. A line that was torn by a crash is no fault where
 * the next one says so.
 */
export async function checkChain(lines: AsyncIterable<string>, wanted?: string): Promise<CheckedChain> {
  const faults: { line: number; text: string }[] = []
  let [number, count] = [0, 0]
  let from: ChainHead | undefined
  let head = CHAIN_START
  let torn: number | undefined
  let hasWanted = wanted === undefined ? undefined : false
  const tell = (line: number, text: string) => {
    if (faults.length < MOST_FAULTS) faults.push({ line, text })
  }
  for await (const text of lines) {
    number += 1
    if (text === '') continue
    const line = readChainLine(text)
    if (typeof line === 'string') {
      if (torn !== undefined) tell(torn, noLine)
      torn = line === 'torn' ? number : undefined
      if (line === 'changed') tell(number, 'was changed: its hash is another')
      continue
    }
    if (torn !== undefined && !(line.event === 'log_opened' && line.torn === true)) {
      tell(torn, noLine)
    }
    torn = undefined
    from ??= { seq: line.seq - 1, hash: line.previous }
    if (count === 0) head = from
    if (line.previous !== head.hash || line.seq !== head.seq + 1) {
      tell(number, `does not follow the line before: lines between ${head.seq} and ${line.seq} are missing or moved`)
    }
    head = { seq: line.seq, hash: line.hash }
    count += 1
    if (line.hash === wanted) hasWanted = true
  }
  if (torn !== undefined) tell(torn, 'is not all of a line: its writer was cut off, or somebody cut it')
  return { lines: count, from, head, faults, hasWanted }
}
