import { type ChildProcess, spawn } from 'node:child_process'
import type { Server } from 'node:net'
import { FromService } from '@micropay/runtime/listen'
import { nodeFlags } from './node-flags.ts'
import type { ServiceOutput } from './service-output.ts'

export type Child = {
  readonly pid: number | undefined
  /** Whether this very process listens: it says so itself. */
  isListening(): boolean
  /** Where it answers probes, if not at its own address. */
  probesUrl(): string | undefined
  /** Settles with how it ended. */
  readonly ended: Promise<string>
  kill(signal: NodeJS.Signals): void
}

export type ChildDefinition = {
  readonly main: string
  readonly environment: Readonly<Record<string, string | undefined>>
}

/**
 * One process of a service. It has a process group of its own, so Ctrl-C reaches us alone, and an IPC channel: by it
 * the service gets the socket that was held for it, and closes when we are gone, however we ended.
 */
export function startChild({ main, environment }: ChildDefinition, socket: Server, output: ServiceOutput): Child {
  const child = spawn(process.execPath, [...nodeFlags, main], {
    stdio: ['ignore', output.descriptor, output.descriptor, 'ipc'],
    env: { ...environment },
    detached: true,
  })
  let listens = false
  let probes: string | undefined
  child.on('message', (message) => {
    const { kind, probesUrl } = { ...FromService.safeParse(message).data }
    if (kind === 'listens') listens = true
    if (probesUrl !== undefined) probes = probesUrl
    if (kind === 'wants to listen') giveSocket(child, socket)
  })
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => output.line(error.message))
    child.once('close', (code, signal) => {
      listens = false
      resolve(signal ?? `exit code ${code}`)
    })
  })
  return {
    pid: child.pid,
    isListening: () => listens,
    probesUrl: () => probes,
    ended,
    kill: (signal) => void child.kill(signal),
  }
}

/**
 * We keep it until the process has it. A socket that could not be held again leaves it to the process to bind the port.
 */
function giveSocket(child: ChildProcess, socket: Server): void {
  if (!socket.listening) return void child.send({ kind: 'free' }, () => undefined)
  child.send({ kind: 'socket' }, socket, (error) => {
    if (error === null) socket.close()
  })
}
