import type { CommandRequest } from '@micropay/write-side/handle/command'

/** One command at one process: it was asked at that true time, and has one answer. */
export type Attempt = { readonly process: string; readonly request: CommandRequest; readonly sinceMs: number }
