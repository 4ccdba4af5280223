import type { EventLog } from '@micropay/event-log/event-log'
import { homeDirectory, readRunning } from '@micropay/local/running'
import { InputError } from '@micropay/sdk/input-error'
import { logToVerify } from '../log-to-verify.ts'

/**
 * The log that `--from` names: `postgres://...`, `kafka://host:port,host:port/topic`, or the state directory of a
 * running start. Throws InputError for anything else.
 */
export async function openOldLog(from: string): Promise<EventLog> {
  if (/^postgres(ql)?:\/\//.test(from)) return logToVerify({ LOG: 'postgres', LOG_DATABASE_URL: from }, undefined)
  const kafka = /^kafka:\/\/([^/]+)(?:\/([^/]+))?$/.exec(from)
  if (kafka) {
    const [, brokers, topic] = kafka
    const named = topic === undefined ? {} : { KAFKA_TOPIC: topic }
    return logToVerify({ LOG: 'kafka', KAFKA_BROKERS: brokers, ...named }, undefined)
  }
  const running = await readRunning(homeDirectory(from))
  if (running) return logToVerify(running.logEnvironment, undefined)
  throw new InputError(
    `--from ${from} is no postgres:// or kafka:// address, and no start runs in a state directory of that name`,
  )
}
