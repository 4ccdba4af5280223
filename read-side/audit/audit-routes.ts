import type { EventLog } from '@micropay/event-log/event-log'
import type { Allowing } from '@micropay/runtime/http'
import type { Leases } from '@micropay/runtime/leases'
import type { FastifyRequest } from 'fastify'
import type { Cursors } from '../answer/cursor.ts'
import type { QueryAppDeps } from '../serve/serve-queries.ts'
import type { AccessLog } from './access-log.ts'
import type { AuditTables } from './audit-tables.ts'
import type { Schedule } from './verify-on-schedule.ts'

export type AuditAppDeps = QueryAppDeps<AuditTables> & {
  readonly log: EventLog
  readonly leases: Leases
  /** How often the log is verified by itself; undefined for never. */
  readonly verifyEveryMs: number | undefined
  readonly verifyFirstAfterMs?: number
  /** Closes what the app was given, once the app needs it no more: hooks that are added later run earlier. */
  readonly closeOthers?: (() => Promise<void>) | undefined
}

/** What every route of the audit is made with. */
export type AuditRoutes = AuditAppDeps & {
  readonly accesses: AccessLog
  readonly cursors: Cursors
  readonly schedule: Schedule
  /** Before anything of a request is read, the caller may audit; before it is answered, that is written down. */
  readonly guard: Guard
  /** Of what reads the records of all tenants. */
  readonly platformGuard: Guard
  /** The id under which a request was written down. */
  readonly notedAs: (request: FastifyRequest) => string | undefined
  /** Aborts when the service closes. Its reason is what then is to be answered. */
  readonly closing: AbortSignal
}

/** Who may ask, and the trace that it leaves. */
type Guard = { readonly onRequest: Allowing; readonly preHandler: (request: FastifyRequest) => Promise<void> }
