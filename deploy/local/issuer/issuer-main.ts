import { systemClock } from '@micropay/runtime/clock'
import { closeOnSignal } from '@micropay/runtime/close-on-signal'
import { createLogger } from '@micropay/runtime/logger'
import { makePrivate, writePrivately } from '@micropay/runtime/private-files'
import { openSettings } from '@micropay/runtime/settings/open-settings'
import { startDevelopmentIssuer } from './issuer.ts'
import { settings as schema } from './settings.ts'

/** The development issuer as a process: see issuer.ts. */
const settings = await openSettings('issuer', schema)
const config = settings.values
writePrivately()
makePrivate(config.STATE_DIRECTORY)
const log = createLogger('development-issuer', config.LOG_LEVEL, process.stdout, config.LOG_FORMAT)
settings.follow(log)
const issuer = await startDevelopmentIssuer({
  directory: config.STATE_DIRECTORY,
  port: config.PORT,
  host: config.HOST,
  ...(config.PUBLIC_URL === undefined ? {} : { publicUrl: config.PUBLIC_URL.replace(/\/$/, '') }),
  client: {
    id: config.OIDC_CLIENT_ID,
    secret: settings.live('OIDC_CLIENT_SECRET'),
    redirectUris: [new URL('/session/callback', config.GATEWAY_URL).href],
    signedOutUris: [new URL('/session/signed-out', config.GATEWAY_URL).href],
  },
  audience: config.OIDC_AUDIENCE,
  instance: config.INSTANCE_ID,
  clock: systemClock,
  log,
})
process.on('SIGUSR2', () => {
  const told = () => log.info('a new key signs from now on')
  issuer.renewKey().then(told, (error: unknown) => log.error({ err: error }, 'no new key was made'))
})
closeOnSignal(log, () => issuer.close())
