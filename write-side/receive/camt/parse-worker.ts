import { parentPort, workerData } from 'node:worker_threads'
import { parseStatement } from './parse-statement.ts'

// Runs in a thread of its own, one file each: see parse-apart.ts.
parentPort?.postMessage(parseStatement(workerData))
