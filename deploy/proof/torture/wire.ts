import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { systemClock } from '@micropay/runtime/clock'

/**
 * What a wire does, on connections that are open and on new ones:
 * - `pass` hands on what is sent;
 * - `reset` breaks connections off with a reset, `ended` closes them in order, and both send new ones away so;
 * - `torn` hands on half of the next answer, and breaks the connection off in the middle of it;
 * - `silent` swallows what is sent, both ways; `answers only` what is asked; `questions only` what is answered.
 *   A connection that lost bytes stays silent for ever, as one whose host has lost its power does;
 * - `stalled` keeps what is sent, and hands it on late, when that is over;
 * - `slow` hands it on piece by piece.
 */
export const wireModes = [
  'reset',
  'ended',
  'torn',
  'silent',
  'answers only',
  'questions only',
  'stalled',
  'slow',
] as const
export type WireMode = (typeof wireModes)[number]

/** A way to a service over TCP that can be spoiled; it listens on 127.0.0.1. */
export type Wire = {
  readonly port: number
  set(mode: WireMode | 'pass'): void
  /** Connections that a mode has struck up to now: a fault that struck none did not happen. */
  struck(): number
  close(): Promise<void>
}

type Lane = { readonly near: Socket; readonly far: Socket; lostBytes: boolean }
type State = { mode: WireMode | 'pass'; readonly lanes: Set<Lane>; struck: number }

export async function openWire(toPort: () => number): Promise<Wire> {
  const state: State = { mode: 'pass', lanes: new Set(), struck: 0 }
  const server = createServer((near) => accept(state, near, toPort()))
  const port = await listenAnywhere(server)
  return {
    port,
    set: (mode) => change(state, mode),
    struck: () => state.struck,
    close: async () => {
      change(state, 'reset')
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function accept(state: State, near: Socket, port: number): void {
  near.on('error', () => undefined)
  if (state.mode === 'reset' || state.mode === 'ended') {
    state.struck += 1
    if (state.mode === 'reset') near.resetAndDestroy()
    else near.destroy()
    return
  }
  const lane = { near, far: connect(port, '127.0.0.1'), lostBytes: false }
  state.lanes.add(lane)
  carry(state, lane, near, lane.far)
  carry(state, lane, lane.far, near)
}

function change(state: State, mode: State['mode']): void {
  state.mode = mode
  for (const lane of state.lanes) {
    if (mode === 'reset' || mode === 'ended') breakOff(state, lane, mode)
    else if (lane.near.destroyed || lane.far.destroyed) breakOff(state, lane, 'ended')
    else if (mode !== 'stalled') for (const socket of [lane.near, lane.far]) socket.resume()
  }
}

function breakOff(state: State, lane: Lane, how: 'reset' | 'ended'): void {
  state.lanes.delete(lane)
  state.struck += 1
  for (const socket of [lane.near, lane.far]) {
    if (how === 'ended' || socket.connecting) socket.destroy()
    else socket.resetAndDestroy()
  }
}

function carry(state: State, lane: Lane, from: Socket, to: Socket): void {
  const isQuestion = from === lane.near
  from.setNoDelay(true)
  from.on('error', () => undefined)
  // While it is silent neither side learns that the other has gone.
  from.on('close', () => {
    if (state.mode === 'silent') return
    state.lanes.delete(lane)
    to.destroySoon()
  })
  from.on('data', (bytes: Buffer) => {
    if (swallows(state.mode, isQuestion) && !lane.lostBytes) {
      lane.lostBytes = true
      state.struck += 1
    }
    if (lane.lostBytes) return
    if (state.mode === 'torn' && !isQuestion && bytes.byteLength > 1) return tear(state, lane, bytes)
    if (state.mode === 'stalled') return void stall(state, from, bytes)
    if (state.mode === 'slow') return void trickle(state, from, to, bytes)
    if (to.write(bytes)) return
    from.pause()
    to.once('drain', () => from.resume())
  })
}

function swallows(mode: State['mode'], isQuestion: boolean): boolean {
  if (mode === 'silent') return true
  return isQuestion ? mode === 'answers only' : mode === 'questions only'
}

/** A reset that came at once would take what was not read yet with it. */
const readWithinMs = 30

function tear(state: State, lane: Lane, bytes: Buffer): void {
  lane.lostBytes = true
  lane.near.write(bytes.subarray(0, bytes.byteLength >> 1))
  void systemClock.sleep(readWithinMs).then(() => breakOff(state, lane, 'reset'))
}

/** What came already goes back to where it is read from: it comes again, late. */
function stall(state: State, from: Socket, bytes: Buffer): void {
  state.struck += 1
  from.pause()
  from.unshift(bytes)
}

const pieceBytes = 256
const pieceMs = 100

async function trickle(state: State, from: Socket, to: Socket, bytes: Buffer): Promise<void> {
  state.struck += 1
  from.pause()
  for (let sent = 0; sent < bytes.byteLength && !to.destroyed; sent += pieceBytes) {
    if (state.mode === 'slow') await systemClock.sleep(pieceMs)
    to.write(bytes.subarray(sent, sent + pieceBytes))
  }
  from.resume()
}

async function listenAnywhere(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a wire has a port')
  return address.port
}
