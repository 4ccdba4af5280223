/**
 * How much of batches may be received and worked on at a time, in bytes of their bodies. A place is taken before
 * anything of a body is read, so that what does not fit is refused at once instead of filling memory: the parsed
 * items of a body take several times its size.
 */
export function createBatchRoom(): BatchRoom {
  const takenBy = new Map<string, { bytes: number; batches: number }>()
  let taken = 0
  let batches = 0
  return {
    take(caller, bodyBytes, isPassedOn = false) {
      const bytes = Math.max(bodyBytes, LEAST_BYTES)
      const ofCaller = takenBy.get(caller) ?? { bytes: 0, batches: 0 }
      if (taken + bytes > MOST_BYTES || ofCaller.bytes + bytes > MOST_BYTES_OF_CALLER) return undefined
      const counted = isPassedOn ? 0 : 1
      if (ofCaller.batches + counted > MOST_OF_CALLER) return undefined
      taken += bytes
      batches += 1
      ofCaller.bytes += bytes
      ofCaller.batches += counted
      takenBy.set(caller, ofCaller)
      let given = false
      return () => {
        if (given) return
        given = true
        taken -= bytes
        batches -= 1
        ofCaller.bytes -= bytes
        ofCaller.batches -= counted
        if (ofCaller.bytes === 0) takenBy.delete(caller)
      }
    },
    window: () => Math.max(LEAST_WINDOW, Math.floor(WINDOW / Math.max(1, batches))),
  }
}

export type BatchRoom = {
  /**
   * Answers how to give the place back, any number of times; undefined where there is no room for the caller. Another
   * worker passes on what it has of a batch to each partition apart, which is one batch to its caller.
   */
  take(caller: string, bodyBytes: number, isPassedOn?: boolean): (() => void) | undefined
  /** So many items of one batch may wait for their outcome at a time. */
  window(): number
}

/** Room for three of the largest bodies, of which one caller has two at most. */
export const MOST_BYTES = 48 * 1024 * 1024
export const MOST_BYTES_OF_CALLER = 32 * 1024 * 1024
export const MOST_OF_CALLER = 2
/** A small batch is not for nothing: its answer and its items are larger than its body. */
const LEAST_BYTES = 1024 * 1024

/** What all batches together have waiting at a time, so that single commands find room between them. */
const WINDOW = 1_000
const LEAST_WINDOW = 20
