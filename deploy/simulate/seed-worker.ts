import { parentPort } from 'node:worker_threads'
import { type WorldName, worlds } from './worlds.ts'

// Thousands of errors are made, and nobody reads where.
Error.stackTraceLimit = 0

type Asked = { readonly world: WorldName; readonly seed: number }

/** Runs each seed that it is told, and answers what came of it. */
parentPort?.on('message', ({ world, seed }: Asked) => {
  void worlds[world].run(seed).then((outcome) => parentPort?.postMessage(outcome))
})
