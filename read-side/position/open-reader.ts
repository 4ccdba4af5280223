import type { Clock } from '@micropay/runtime/clock'
import type { Logger } from '@micropay/runtime/logger'
import { openConnection } from '@micropay/runtime/pool'
import type { Reader } from './await-position.ts'
import { openChangeFeed } from './change-feed.ts'
import { openReadModel } from './open-database.ts'
import { readHeadOf } from './snapshot.ts'

/** Opens what a service reads with: the database that its projection fills, and what it hears of changes there. */
export function openReader<Tables>({
  service,
  version,
  databaseUrl,
  clock,
  logger,
}: ReaderOptions): OpenReader<Tables> {
  const model = openReadModel<Tables>(databaseUrl, logger, { version, name: `read-side/${service}` })
  const feed = openChangeFeed({
    ...{ readHead: readHeadOf(model), databaseUrl, clock, logger },
    channel: `${service}_changed`,
  })
  let closing: Promise<void> | undefined
  return {
    ...{ model, feed, clock },
    connection: () => openConnection(databaseUrl, { application_name: `read-side/${service}` }),
    async close() {
      // At once: the feed may wait for what the model asks.
      closing ??= Promise.all([feed.close(), model.destroy()]).then(() => undefined)
      await closing
    },
  }
}

export type ReaderOptions = {
  readonly service: string
  /** Of the tables that the service's projection writes with this code: no older one is read. */
  readonly version: number
  readonly databaseUrl: string
  readonly clock: Clock
  readonly logger: Logger
}

export type OpenReader<Tables> = Reader<Tables> & { close(): Promise<void> }
