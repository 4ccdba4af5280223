import { parentPort } from 'node:worker_threads'
import { planOf } from './plan.ts'
import { runPlan } from './run-plan.ts'

// Thousands of errors are made, and nobody reads where.
Error.stackTraceLimit = 0

/** Runs each seed that it is told, and answers what came of it. */
parentPort?.on('message', (seed: number) => {
  void runPlan(planOf(seed)).then((outcome) => parentPort?.postMessage(outcome))
})
