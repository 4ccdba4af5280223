/** The file is not what it should be; the message says where. */
export class UnreadableError extends Error {
  readonly code = 'statement_unreadable'
}
