import type { Dispatcher } from 'undici'
import type { Requests } from './ask-in-turn.ts'

/** Whoever asks the gateway whether it is ready is answered within a second. */
const TIMEOUT_MS = 800

/** What a service says of itself; rejects where it does not in time. */
export function askReady(requests: Requests, prefix: string): Promise<Dispatcher.ResponseData> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  return requests.request({ path: `${prefix}/health/ready`, method: 'GET', signal })
}

/** Whether it answers at all, whatever it says. */
export async function answersReady(requests: Requests, prefix: string): Promise<boolean> {
  try {
    const { body } = await askReady(requests, prefix)
    await body.dump()
    return true
  } catch {
    return false
  }
}
