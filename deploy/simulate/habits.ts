/** What is the same for all machines of one world, and different in the next. */
export type Habits = {
  /** Whether a reader that waits at the end hears at once that the log became shorter, as from Kafka. */
  readonly hearsOfTruncation: boolean
  /** How long a request and its answer take at most. */
  readonly legMs: number
  readonly answerWithinMs: number
  readonly heartbeatMs: number
}
