/**
 * Which services may call which one: the whole list. Others hold a certificate of the same authority, and are answered
 * 403 whatever they ask. People and programs come by the gateway, whose callers have tokens.
 */
export const callers = {
  'write-side': ['gateway', 'write-side'],
  accounts: ['gateway'],
  'accounts-projection': ['gateway'],
  audit: ['gateway'],
  'audit-projection': ['gateway'],
  reconciliation: ['gateway'],
  'reconciliation-projection': ['gateway'],
  gateway: [],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type TlsService = keyof typeof callers

export function mayCall(caller: string | undefined, service: TlsService): boolean {
  return callers[service].some((allowed) => allowed === caller)
}
