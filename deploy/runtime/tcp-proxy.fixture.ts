import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/**
 * What a way does with what is sent on it, on connections that are open and on new ones:
 * - `pass` hands it on;
 * - `cut` breaks open connections off with a reset and accepts none: loud;
 * - `hold` keeps connections open and swallows what is sent, both ways, and what new ones say too: silent. A connection
 *   that lost bytes stays silent after it, since what follows would make no sense;
 * - `answersOnly` swallows what is asked; what was asked before is still answered;
 * - `slow` hands it on piece by piece, each a while later.
 */
export type ProxyMode = 'pass' | 'cut' | 'hold' | 'answersOnly' | 'slow'

/** A way to a service over TCP that a test can spoil. */
export type TcpProxy = {
  readonly host: string
  readonly port: number
  /** The same URL, by way of this proxy. */
  through(url: string): string
  set(mode: ProxyMode): void
  /** How much was swallowed up to now, so that a test knows that its fault has struck. */
  swallowedBytes(): number
  /** Those that are open now. */
  connections(): number
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export async function openTcpProxy(to: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const state: ProxyState = { mode: 'pass', lanes: new Set(), swallowedBytes: 0 }
  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (state.mode === 'cut') near.resetAndDestroy()
    else openLane(state, near, connect({ ...to, allowHalfOpen: true }))
  })
  const port = await listenAnywhere(server)
  const close = async () => {
    state.mode = 'cut'
    for (const lane of state.lanes) breakOff(state, lane)
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    host: '127.0.0.1',
    port,
    through: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    set(mode) {
      state.mode = mode
      for (const lane of state.lanes) if (mode === 'cut' || lane.near.destroyed) breakOff(state, lane)
    },
    swallowedBytes: () => state.swallowedBytes,
    connections: () => state.lanes.size,
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A proxy to the service that a URL names. */
export function openTcpProxyTo(url: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(url)
  return openTcpProxy({ host: hostname, port: Number(port) })
}

type Lane = { readonly near: Socket; readonly far: Socket; lostBytes: boolean }
type ProxyState = { mode: ProxyMode; readonly lanes: Set<Lane>; swallowedBytes: number }

const SLOW_PIECE_BYTES = 1_024
const SLOW_PIECE_MS = 50

/** While it holds, neither side learns that the other has gone: a host that lost its power says nothing. */
function openLane(state: ProxyState, near: Socket, far: Socket): void {
  const lane: Lane = { near, far, lostBytes: false }
  state.lanes.add(lane)
  carry(state, lane, { from: near, to: far, swallows: (mode) => mode === 'hold' || mode === 'answersOnly' })
  carry(state, lane, { from: far, to: near, swallows: (mode) => mode === 'hold' })
}

function breakOff(state: ProxyState, lane: Lane): void {
  state.lanes.delete(lane)
  for (const socket of [lane.near, lane.far]) {
    if (socket.connecting) socket.destroy()
    else socket.resetAndDestroy()
  }
}

type Way = { readonly from: Socket; readonly to: Socket; swallows(mode: ProxyMode): boolean }

function carry(state: ProxyState, lane: Lane, { from, to, swallows }: Way): void {
  from.setNoDelay(true)
  from.on('error', () => undefined)
  from.on('end', () => {
    if (state.mode !== 'hold') to.end()
  })
  from.on('close', () => {
    if (state.mode === 'hold') return
    state.lanes.delete(lane)
    to.destroySoon()
  })
  from.on('data', (bytes: Buffer) => {
    if (swallows(state.mode)) lane.lostBytes = true
    if (lane.lostBytes) {
      state.swallowedBytes += bytes.byteLength
      return
    }
    if (state.mode === 'slow') return void trickle(state, from, to, bytes)
    if (to.write(bytes)) return
    from.pause()
    to.once('drain', () => from.resume())
  })
}

async function trickle(state: ProxyState, from: Socket, to: Socket, bytes: Buffer): Promise<void> {
  from.pause()
  for (let sent = 0; sent < bytes.byteLength && !to.destroyed; sent += SLOW_PIECE_BYTES) {
    if (state.mode === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_PIECE_MS))
    to.write(bytes.subarray(sent, sent + SLOW_PIECE_BYTES))
  }
  from.resume()
}

async function listenAnywhere(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP proxy has a port')
  return address.port
}
