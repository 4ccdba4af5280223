import { type Clock, systemClock } from '@micropay/runtime/clock'
import { closeOnSignal } from '@micropay/runtime/close-on-signal'
import { port } from '@micropay/runtime/config'
import type { Http } from '@micropay/runtime/http'
import { createLogger, type Logger } from '@micropay/runtime/logger'
import { createTokenVerifier, type VerifyToken } from '@micropay/runtime/verify-token'
import { z } from 'zod'
import { type ChangeFeed, openChangeFeed } from '../position/change-feed.ts'
import { openReadModel, type ReadModel } from '../position/open-database.ts'
import { readHeadOf } from '../position/snapshot.ts'

/** What every read-side reads from its environment, besides the URL of its own database. */
export const queryEnvironment = (usualPort: number) => ({
  PORT: port(usualPort),
  HOST: z.string().default('127.0.0.1'),
  OIDC_ISSUER: z.url(),
  OIDC_AUDIENCE: z.string().default('micropay'),
  CURSOR_SECRET: z.string().min(16, { error: 'must be a secret of 16 characters or more, the same for all replicas' }),
  LOG_LEVEL: z.string().default('info'),
})

export const databaseUrl = z.string().regex(/^postgres(ql)?:\/\//, { error: 'must be a postgres:// URL' })

export type QueryConfig = z.infer<z.ZodObject<ReturnType<typeof queryEnvironment>>>

/** What an app of queries is built from. */
export type QueryAppDeps = {
  readonly model: ReadModel
  readonly feed: ChangeFeed
  readonly clock: Clock
  readonly logger: Logger
  readonly verifyToken: VerifyToken
  readonly cursorSecret: string
}

/** Runs one read-side as a process: it answers from the PostgreSQL database that its projection fills, and hears of changes there. */
export async function serveQueries(
  service: string,
  buildApp: (deps: QueryAppDeps) => Promise<Http>,
  config: QueryConfig,
  url: string,
): Promise<void> {
  const logger = createLogger(`read-side/${service}`, config.LOG_LEVEL)
  const clock = systemClock
  const model = openReadModel(url, (error) => logger.warn({ err: error }, 'a database connection was lost'))
  const feed = openChangeFeed({
    readHead: readHeadOf(model),
    databaseUrl: url,
    channel: `${service}_changed`,
    clock,
    logger,
  })
  const app = await buildApp({ model, feed, clock, logger, ...trustOf(config) })
  await listen(app, config, logger, async () => {
    await feed.close()
    await model.destroy()
  })
}

/** How callers and their cursors are checked. */
export function trustOf(config: QueryConfig): Pick<QueryAppDeps, 'verifyToken' | 'cursorSecret'> {
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audience, CURSOR_SECRET: cursorSecret } = config
  return { verifyToken: createTokenVerifier({ issuer, audience, clock: systemClock }), cursorSecret }
}

/** Listens until a signal; the app is closed first, then what it stands on. */
export async function listen(
  app: Http,
  config: QueryConfig,
  logger: Logger,
  close: () => Promise<void>,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  closeOnSignal(logger, async () => {
    await app.close()
    await close()
  })
  const address = await app.listen({ port: config.PORT, host: config.HOST })
  logger.info({ address, ...more }, 'listening')
}
