import type { EventLog } from '@micropay/event-log/event-log'
import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import type { VerifyToken } from '@micropay/runtime/verify-token'
import type { FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import type { createCursors } from '../answer/cursor.ts'
import type { ChangeFeed } from '../position/change-feed.ts'

export type AuditAppDeps = {
  readonly pool: Pool
  readonly log: EventLog
  readonly feed: ChangeFeed
  readonly clock: Clock
  readonly logger: Logger
  readonly verifyToken: VerifyToken
  readonly cursorSecret: string
  readonly notReadyBecause: () => string | undefined
}

/** What every route of the audit is made with. */
export type AuditRoutes = AuditAppDeps & {
  readonly cursors: ReturnType<typeof createCursors>
  /** The caller may audit, and that it does is written down. */
  readonly preHandler: ((request: FastifyRequest) => Promise<void>)[]
  readonly closing: AbortSignal
}
