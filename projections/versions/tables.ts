import type { Instant } from '../write/columns.ts'

export type VersionTable = {
  schema_name: string
  service: string
  name: string
  version: number
  state: 'live' | 'building' | 'retired'
  made_at: Instant
  switched_at: Instant | null
}

export type CheckpointTable = {
  schema_name: string
  partition: number
  log_offset: bigint
  seq: bigint
  caught_up_at: Instant | null
  rate_per_second: number
  stopped: string | null
  /** The seq of the resume by which a person gave up what is held: nobody goes back to that. */
  given_up_by: bigint | null
}
