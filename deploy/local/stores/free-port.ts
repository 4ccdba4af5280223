import { randomInt } from 'node:crypto'
import { createServer, type Server } from 'node:net'

const host = '127.0.0.1'
const lowest = 10_240
const lowestEphemeral = 32_768
const attempts = 100
/** Each process draws from a part of the range of its own, so that processes that run beside each other seldom meet. */
const shares = 128
const share = Math.floor((lowestEphemeral - lowest) / shares)
/** A number that was given stays its taker's, who may listen there later, or again. */
const given = new Set<number>()

/** A server could not have the port that it was to listen on. */
export class PortInUseError extends Error {}

/**
 * Binds a port of 127.0.0.1 and keeps it from all others until it is closed or given to a process; whoever connects is
 * sent away.
 */
export function holdPort(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const held = createServer((connection) => connection.destroy())
    held.once('error', reject)
    held.listen(port, host, () => resolve(held.unref()))
  })
}

/**
 * Holds any port that was free. It lies below those that the system gives to outgoing connections (IANA's and Linux's
 * ephemeral ranges), one of which could take it while who listens there is started again.
 */
export async function holdFreePort(): Promise<Server> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const port = attempt < attempts / 2 ? drawFromShare() : randomInt(lowest, lowestEphemeral)
    if (given.has(port)) continue
    const held = await holdPort(port).catch(() => undefined)
    if (!held) continue
    given.add(port)
    return held
  }
  throw new Error(`none of ${attempts} ports that were tried is free`)
}

function drawFromShare(): number {
  const from = lowest + (process.pid % shares) * share
  return randomInt(from, from + share)
}

/**
 * A port that nothing listens on now, for a program that can only be told a number. This process gives it to nobody
 * else, though another process may take it before that program listens.
 */
export async function freePort(): Promise<number> {
  return release(await holdFreePort())
}

/** The number of a port that was held, which is free again then. */
export async function release(held: Server): Promise<number> {
  const port = portOf(held)
  await new Promise((resolve) => held.close(resolve))
  return port
}

export function portOf(held: Server): number {
  const address = held.address()
  if (address === null || typeof address === 'string') throw new Error('this socket has no port')
  return address.port
}

/**
 * Starts a server on the usual port, or on another when that is taken, were it in the moment before it is bound.
 * Without a usual port any will do. `start` rejects with PortInUseError to be tried again.
 */
export async function onFreePort<Started>(
  usual: number | undefined,
  start: (port: number) => Promise<Started>,
): Promise<Started> {
  let port = usual === undefined ? await freePort() : await release(await holdPort(usual).catch(holdFreePort))
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(port)
    } catch (cause) {
      if (!(cause instanceof PortInUseError) || attempt === 5) throw cause
      port = await freePort()
    }
  }
}
