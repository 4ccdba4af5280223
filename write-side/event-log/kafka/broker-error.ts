/** What Kafka calls the error that a broker answered, as in `OFFSET_OUT_OF_RANGE`; undefined for other errors. */
export function typeOf(cause: unknown): string | undefined {
  return cause instanceof Error && 'type' in cause && typeof cause.type === 'string' ? cause.type : undefined
}
