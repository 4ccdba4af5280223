import type { LedgerCommand } from '@micropay/write-side/decide/decide'

/** A command as it counts: where and when it was decided, and who gave it. */
export type Asked = {
  readonly command: LedgerCommand
  readonly tenant: string
  readonly subject: string
  readonly mayApprove: boolean
  readonly decidedAt: string
  readonly seq: number
  /** The newest that was announced by then. */
  readonly generation: number
}
