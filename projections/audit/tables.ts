/**
 * One row a record of the log, heartbeats left out. `hash` is 32 bytes: of a commit that counts the chain's hash after it, of any other record the
 * SHA-256 of its bytes alone.
 */
export type IndexedRecord = {
  readonly partition: number
  readonly log_offset: bigint
  readonly kind: RecordKind
  /** Why a void does not count. */
  readonly reason: string | null
  readonly epoch: bigint | null
  /** Of commits, void ones too. */
  readonly seq: bigint | null
  /** In base64url; bytea in the table. */
  readonly hash: string
}

export type RecordKind = 'genesis' | 'claim' | 'commit' | 'void' | 'ignored'

/** Which commits that count concern an account: those that changed it, and those that refused what it was named to do. */
export type AccountRecord = { readonly account_id: string; readonly partition: number; readonly seq: bigint }
