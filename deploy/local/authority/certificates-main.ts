import { systemClock } from '@micropay/runtime/clock'
import { closeOnSignal } from '@micropay/runtime/close-on-signal'
import { ConfigError } from '@micropay/runtime/config'
import { createLogger } from '@micropay/runtime/logger'
import { formatIn } from '@micropay/runtime/settings/own-settings'
import { answerProbes } from '@micropay/runtime/tls/answer-probes'
import { callers } from '@micropay/runtime/tls/callers'
import { startIssuing } from './kept-authority.ts'

/**
 * The development authority as a process, for Compose: makes and renews the certificate of every service, and of the
 * stores in STORES, each in a folder of STATE_DIRECTORY of its own. It answers /health/live on PORT of 127.0.0.1 when
 * all of them are there. It ends before its authority does, to be started again with a new one. Not for production.
 */
const log = createLogger('certificates', process.env.LOG_LEVEL || 'info', process.stdout, formatIn(process.env))
const LOOK_EVERY_MS = 3_600_000
/** Of the year that an authority is good for; the start after it replaces one with less than 30 days left. */
const ENDS_AFTER_MS = 14 * 86_400_000

try {
  const { STATE_DIRECTORY: directory, STORES = '', PORT = '8080', MICROPAY_MODE: mode } = process.env
  if (mode === 'production') throw new ConfigError('MICROPAY_MODE=production: its authority is for development alone')
  if (!directory) throw new ConfigError('STATE_DIRECTORY is missing: where certificates and their authority are kept')
  const issuing = await startIssuing({
    ...{ directory, services: Object.keys(callers), stores: STORES.split(',').filter(Boolean), isApart: true },
    ...{ clock: systemClock, say: (text) => log.warn(text.trim()) },
  })
  const closing: (() => Promise<void>)[] = []
  const live = { statusCode: 200, payload: '{"status":"live"}' }
  const addHook = (_name: 'onClose', hook: () => Promise<void>) => closing.push(hook)
  await answerProbes({ inject: async () => live, addHook }, Number(PORT), '127.0.0.1')
  const close = async () => {
    issuing.close()
    for (const each of closing) await each()
  }
  closeOnSignal(log, close)
  const startedAtMs = systemClock.nowMs()
  systemClock.every(LOOK_EVERY_MS, () => {
    if (systemClock.nowMs() - startedAtMs < ENDS_AFTER_MS) return
    log.info('ends, so that its next start looks at how long the authority is good for')
    process.kill(process.pid, 'SIGTERM')
  })
  log.info({ services: Object.keys(callers), stores: STORES }, 'every certificate is there')
} catch (error) {
  if (error instanceof ConfigError) log.fatal(error.message)
  else log.fatal({ err: error }, 'the certificates could not be made')
  process.exitCode = 1
}
