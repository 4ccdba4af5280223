import { cpus, totalmem } from 'node:os'

/** What the figures were taken on. */
export function machineName(): string {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`
  return `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${memory}, Node ${process.version}`
}
