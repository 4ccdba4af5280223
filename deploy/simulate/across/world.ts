import type { ParkedStore } from '@micropay/event-log/memory/parked'
import type { Logger } from '@micropay/runtime/logger'
import type { Habits } from '../habits.ts'
import type { LeaseServer } from '../lease-server.ts'
import type { LogServer } from '../log-server.ts'
import type { OwnerHost } from '../owner-host.ts'
import type { Process } from '../process.ts'
import type { Random } from '../random.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Fail } from '../violation.ts'
import type { InboxServer } from './inbox-server.ts'
import type { Asks } from './intents.ts'
import type { Knowledge } from './knowledge.ts'
import type { Oracle } from './oracle.ts'

/** A machine with one owner for each partition: who owns which is what leases and claims say. */
export type Worker = { readonly name: string; readonly hosts: readonly OwnerHost[] }

/** Workers for several partitions, what lies between them, those who use them, and one who sees all of it. */
export type World = {
  readonly scheduler: Scheduler
  readonly random: Random
  readonly log: LogServer
  readonly inbox: InboxServer
  readonly parked: ParkedStore
  /** By partition. */
  readonly leases: readonly LeaseServer[]
  readonly workers: readonly Worker[]
  readonly habits: Habits
  readonly logger: Logger
  readonly oracle: Oracle
  readonly fail: Fail
  /** Where all clients are. */
  readonly clients: Process
  readonly knowledge: Knowledge
  readonly asks: Asks
  /** Clients who still want an answer. */
  waiting: number
}

/** All machines' owners of one partition. */
export function hostsOf({ workers }: Pick<World, 'workers'>, partition: number): readonly OwnerHost[] {
  return workers.map(({ hosts }) => hosts[partition] as OwnerHost)
}
