import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const lowest = 10_240
const lowestEphemeral = 32_768
const attempts = 100

/**
 * A port of 127.0.0.1 that nothing listens on now. It lies below those that the system gives to outgoing connections (IANA's and Linux's
 * ephemeral ranges), one of which could take it before its server listens.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = randomInt(lowest, lowestEphemeral)
    if (await isFree(port)) return port
  }
  throw new Error(`none of ${attempts} ports that were tried is free`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
