import type { FoldState } from '@micropay/event-log/fold-state'
import { EVENT_GENERATION } from '@micropay/schemas/log/generations'

/**
 * The generation that the next claim of a partition announces, and in which its owner writes: the newest that this code
 * knows where nobody has claimed the partition yet; else the one that it is written in, until an operator raises it
 * (`raised`, from WRITE_GENERATION). It is never lowered: whoever reads the log has to know what it holds anyway.
 */
export function generationToClaim(fold: Written, raised: number | undefined, known = EVENT_GENERATION): number {
  const written = writtenGeneration(fold)
  if (written === 0) return raised ?? known
  return Math.max(written, raised ?? written)
}

/** In which generation a partition is written; 0 where nobody has claimed it. */
export function writtenGeneration({ epoch, generation }: Written): number {
  // A fold that earlier code kept does not say.
  return epoch === 0 ? 0 : Math.max(1, generation)
}

type Written = Pick<FoldState, 'epoch' | 'generation'>
