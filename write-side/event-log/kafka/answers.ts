/**
 * Cuts what a connection to a broker brings into its answers: each is a size of four bytes and as many bytes behind it.
 * An answer is read into a buffer of its own, and handed over, size and all, once it is whole.
 * https://kafka.apache.org/protocol#protocol_common
 */
export function readAnswers(onAnswer: (answer: Buffer) => void): Answers {
  const arriving = Buffer.allocUnsafeSlow(ARRIVING_BYTES)
  const size = Buffer.alloc(SIZE_BYTES)
  let sized = 0
  let answer: Buffer | undefined
  let filled = 0

  const handOver = (whole: Buffer) => {
    answer = undefined
    sized = 0
    onAnswer(whole)
  }
  /** How many bytes of what arrived were used up, or why they are no answer. */
  const take = (bytes: Buffer): number | Error => {
    if (!answer) {
      const used = bytes.copy(size, sized)
      sized += used
      if (sized < SIZE_BYTES) return used
      const length = size.readInt32BE()
      if (length < LEAST_BYTES || length > MOST_BYTES) {
        return new Error(`a Kafka broker does not answer with ${length} bytes: is it one?`)
      }
      answer = Buffer.allocUnsafe(SIZE_BYTES + length)
      filled = size.copy(answer)
      return used
    }
    const used = bytes.copy(answer, filled)
    filled += used
    if (filled === answer.byteLength) handOver(answer)
    return used
  }
  return {
    space: () => answer?.subarray(filled) ?? arriving,
    received(count) {
      if (answer) {
        filled += count
        if (filled === answer.byteLength) handOver(answer)
        return undefined
      }
      for (let at = 0; at < count; ) {
        const used = take(arriving.subarray(at, count))
        if (typeof used !== 'number') return used
        at += used
      }
      return undefined
    },
  }
}

export type Answers = {
  /** Where the next bytes are to be written. */
  space(): Uint8Array
  /** Tells that so many were written there. Answers an error where they are no answer of a broker. */
  received(count: number): Error | undefined
}

const SIZE_BYTES = 4
/** Which request it answers. */
const LEAST_BYTES = 4
/** A fetch answers one batch of the topic at least, and a batch is of 16 MiB at most. */
const MOST_BYTES = 128 * 1024 * 1024
const ARRIVING_BYTES = 64 * 1024
