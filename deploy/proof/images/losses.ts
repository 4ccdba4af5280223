import type { Compose } from './compose.ts'

/** A container that is taken away; where payments need it, the next one is made when another has taken its place. */
export type Loss = { readonly container: string; readonly paysMeanwhile: boolean }

/** One of each kind. With three brokers one of them is one too many; with one it is the ledger. */
export function lossesOf(brokers: number): readonly Loss[] {
  return [
    // The one that serves: the other takes over.
    { container: 'write-side', paysMeanwhile: true },
    { container: 'write-side-2', paysMeanwhile: true },
    { container: 'redis', paysMeanwhile: true },
    { container: 'accounts-projection', paysMeanwhile: true },
    { container: 'accounts', paysMeanwhile: true },
    { container: 'audit-projection', paysMeanwhile: true },
    { container: 'audit', paysMeanwhile: true },
    { container: 'reconciliation-projection', paysMeanwhile: true },
    { container: 'reconciliation', paysMeanwhile: true },
    { container: 'certificates', paysMeanwhile: true },
    { container: 'kafka', paysMeanwhile: brokers > 1 },
    { container: 'postgres', paysMeanwhile: false },
    { container: 'issuer', paysMeanwhile: false },
    { container: 'gateway', paysMeanwhile: false },
  ]
}

/** Kills and removes that container, as when its machine is lost; what it keeps is in volumes. */
export async function lose(compose: Compose, { container }: Loss): Promise<void> {
  await compose('kill', container)
  await compose('rm', '--force', container)
}
