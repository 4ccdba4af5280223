import { pause } from '../report.ts'
import { cpuEach, cpuTimes } from './process-cpu.ts'

/** CPU time in µs a payment of each process; undefined where that is not known. */
export type WithCpu = { readonly cpuMicros: Readonly<Record<string, number>> | undefined }

/** What a service does right after its last answer, such as writing its state, belongs to what it answered. */
const AFTER_MS = 150

/** This process, which makes the load and holds the issuer. */
export const LOAD_GENERATOR = 'load generator'

/** Runs a load, and shares the CPU time that the processes and this one took meanwhile among its answers. */
export async function withCpu<Result extends { readonly answered: number }>(
  pids: Readonly<Record<string, number>>,
  load: () => Promise<Result>,
): Promise<Result & WithCpu> {
  const before = cpuTimes(pids)
  const own = process.cpuUsage()
  const result = await load()
  await pause(AFTER_MS)
  const after = cpuTimes(pids)
  if (!before || !after) return { ...result, cpuMicros: undefined }
  // Not by its tree: the services are its children.
  const { user, system } = process.cpuUsage(own)
  const cpuMicros = { ...cpuEach(before, after, result.answered), [LOAD_GENERATOR]: (user + system) / result.answered }
  return { ...result, cpuMicros }
}
