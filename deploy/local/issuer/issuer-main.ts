import { systemClock } from '@micropay/runtime/clock'
import { closeOnSignal } from '@micropay/runtime/close-on-signal'
import { port, readConfig } from '@micropay/runtime/config'
import { createLogger } from '@micropay/runtime/logger'
import { z } from 'zod'
import { startDevelopmentIssuer } from './issuer.ts'
import { developmentSecret } from './personas.ts'

/** The development issuer as a process: see issuer.ts. */
const config = readConfig(
  z.object({
    PORT: port(8090),
    HOST: z.string().default('127.0.0.1'),
    PUBLIC_URL: z.url().optional(),
    GATEWAY_URL: z.url().default('http://127.0.0.1:8080'),
    OIDC_AUDIENCE: z.string().default('micropay'),
    OIDC_CLIENT_ID: z.string().default('gateway'),
    OIDC_CLIENT_SECRET: z.string().default(developmentSecret),
    STATE_DIRECTORY: z.string().default('.micropay/issuer'),
    INSTANCE_ID: z.string().optional(),
    LOG_LEVEL: z.string().default('info'),
  }),
)
const log = createLogger('development-issuer', config.LOG_LEVEL)
const issuer = await startDevelopmentIssuer({
  directory: config.STATE_DIRECTORY,
  port: config.PORT,
  host: config.HOST,
  ...(config.PUBLIC_URL === undefined ? {} : { publicUrl: config.PUBLIC_URL.replace(/\/$/, '') }),
  client: {
    id: config.OIDC_CLIENT_ID,
    secret: config.OIDC_CLIENT_SECRET,
    redirectUris: [new URL('/session/callback', config.GATEWAY_URL).href],
  },
  audience: config.OIDC_AUDIENCE,
  instance: config.INSTANCE_ID,
  clock: systemClock,
  log,
})
closeOnSignal(log, () => issuer.close())
