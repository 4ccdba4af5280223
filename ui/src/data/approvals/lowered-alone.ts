import type { Policy } from '@micropay/schemas/api/approval'

/** Whether one person can lower what needs two: as long as changing the rules needs one person itself. */
export function isLoweredAlone(policies: readonly Pick<Policy, 'command' | 'people'>[]): boolean {
  const rules = policies.find(({ command }) => command === 'SetPolicy')
  return (rules?.people ?? 1) < 2 && policies.some(({ people }) => people > 1)
}
