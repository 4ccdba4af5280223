import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { repositoryRoot } from './running.ts'

export type Ended = { readonly code: number | null; readonly output: string }
export type Command = {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  said(pattern: RegExp): Promise<void>
}

/**
 * Runs one of the repository's programs, or one of another checkout by its whole path; `said` settles once its output
 * has that, and rejects when it ends before.
 */
export function run(program: string, args: readonly string[], environment: NodeJS.ProcessEnv): Command {
  const child = spawn(process.execPath, [resolve(repositoryRoot, program), ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...environment },
  })
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += String(chunk)
      for (const listener of listeners) listener()
    })
  }
  const ended = new Promise<Ended>((settle) => child.once('close', (code) => settle({ code, output })))
  const said = (pattern: RegExp) =>
    new Promise<void>((settle, reject) => {
      const look = () => {
        if (!pattern.test(output)) return
        listeners.delete(look)
        settle()
      }
      listeners.add(look)
      look()
      void ended.then(({ code }) =>
        reject(new Error(`${program} ended with ${code} before it said ${pattern}:\n${output}`)),
      )
    })
  return { child, ended, said }
}
